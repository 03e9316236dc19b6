package behaviour;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Tasks that start inside `createTask`.
@Spec("TASK-7")
class EagerTaskTest extends LoopFixture {
    private static final TaskOptions EAGER = TaskOptions.DEFAULT.eagerStart(true);

    @Test
    @Spec({"TASK-7", "F-TASK-19"})
    void eagerTask_thatDoesNotSuspend_doneAtOnceItsCallbackLater() {
        runMain(() -> {
            Task<?> main = currentTask();
            Task<String> task = createTask(
                    async(() -> {
                        note("child " + (currentTask() != main));
                        return "value";
                    }),
                    EAGER);
            note("main " + (currentTask() == main));
            assertThat(task.isDone()).isTrue();
            assertThat(task.result()).isEqualTo("value");
            assertThat(task.coroutine()).isNull();
            task.addDoneCallback(done -> note("callback"));
            note("still main");
            turn();
        });

        assertThat(notes).containsExactly("child true", "main true", "still main", "callback");
    }

    @Test
    void eagerTask_thatSuspends_goesOnLikeAnyOther() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> task = createTask(
                    async(() -> {
                        note("before");
                        String value = await(future);
                        note("after");
                        return value;
                    }),
                    EAGER);
            note("main");
            assertThat(task.isDone()).isFalse();
            future.setResult("value");
            assertThat(await(task)).isEqualTo("value");
        });

        assertThat(notes).containsExactly("before", "main", "after");
    }

    @Test
    void eagerTask_thatFailsAtOnce_failureIsInTheTask() {
        runMain(() -> {
            Task<String> task = createTask(
                    async(() -> {
                        throw new IllegalStateException("broken");
                    }),
                    EAGER);
            assertThat(task.isDone()).isTrue();
            assertThatThrownBy(() -> await(task)).hasMessage("broken");
        });
        assertThat(findings()).isEmpty();
    }

    @Test
    void eagerTask_contextChanges_stayItsOwn() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        runMain(() -> {
            variable.set("parent");
            createTask(
                    async(() -> {
                        note(variable.get());
                        variable.set("child");
                    }),
                    EAGER);
            note(variable.get());
        });

        assertThat(notes).containsExactly("parent", "parent");
    }

    @Test
    void eagerTasks_nested_eachComesBackToItsCreator() {
        runMain(() -> {
            createTask(
                    async(() -> {
                        note("a");
                        createTask(
                                async(() -> {
                                    note("b");
                                    turn();
                                    note("b later");
                                }),
                                EAGER);
                        note("a again");
                    }),
                    EAGER);
            note("main");
            turn();
        });

        assertThat(notes).containsExactly("a", "b", "a again", "main", "b later");
    }

    @Test
    @Spec({"TASK-7", "F-TASK-21"})
    void eagerFactory_startsEagerly_butNotWhoSaysOtherwise() {
        runMain(() -> {
            EventLoop loop = getRunningLoop();
            loop.setTaskFactory(eagerTaskFactory());
            createTask(() -> note("eager"));
            Task<@Nullable Void> lazy = createTask(async(() -> note("lazy")), TaskOptions.DEFAULT.eagerStart(false));
            note("main");
            await(lazy);
        });

        assertThat(notes).containsExactly("eager", "main", "lazy");
    }

    @Test
    @Spec({"TASK-7", "F-TASK-21"})
    void eagerStart_loopNotRunning_startsWhenItRuns() {
        try (EventLoop loop = newLoop()) {
            Task<String> task = loop.createTask(
                    async(() -> {
                        note("ran");
                        return "value";
                    }),
                    EAGER);
            assertThat(notes).isEmpty();
            assertThat(loop.runUntilComplete(task)).isEqualTo("value");
        }
    }

    @Test
    @Spec("TASK-7")
    void eagerStart_inACallback_runsThere() {
        try (EventLoop loop = newLoop()) {
            loop.callSoon(() -> {
                loop.createTask(async(() -> note("child " + (currentTask() != null))), EAGER);
                note("callback " + (currentTask() == null));
            });
            runOnce(loop);
        }

        assertThat(notes).containsExactly("child true", "callback true");
    }

    @Test
    @Spec({"TASK-7", "TASK-8", "F-TASK-22"})
    void allTasks_insideAnEagerChild_includesIt() {
        runMain(() -> {
            Task<?> main = currentTask();
            createTask(
                    async(() -> {
                        assertThat(allTasks()).containsExactly(main, currentTask());
                        note("checked");
                    }),
                    EAGER);
            assertThat(allTasks()).containsExactly(main);
        });

        assertThat(notes).containsExactly("checked");
    }

    @Test
    void eagerTask_cancelledWhileSuspended_itsFinallyRuns() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(
                    async(() -> {
                        try {
                            await(getRunningLoop().<@Nullable Void>createFuture());
                        } finally {
                            note("finally");
                        }
                    }),
                    EAGER);
            task.cancel(); // before any iteration: its body has begun all the same
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });

        assertThat(notes).containsExactly("finally");
    }
}
