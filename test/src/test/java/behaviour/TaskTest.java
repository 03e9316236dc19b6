package behaviour;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.spi.ReadyOrder;
import asyncio.sync.Queue;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What tasks are and how they run.
class TaskTest extends LoopFixture {
    @Test
    @Spec("TASK-1")
    void createTask_outsideALoop_refusedAndTheCoroutineStaysUsable() {
        Coroutine<String> coroutine = async(() -> "value");
        assertThatThrownBy(() -> createTask(coroutine))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no running event loop");

        assertThat(runMain(() -> await(coroutine))).isEqualTo("value");
    }

    @Test
    @Spec("TASK-1")
    void createTask_firstStepIsQueued_notRunNow() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> note("task"));
            note("main");
            await(task);
        });

        assertThat(notes).containsExactly("main", "task");
    }

    @Test
    @Spec("TASK-1")
    void name_givenSetOrCounted() {
        runMain(() -> {
            Task<@Nullable Void> first = createTask(() -> note("1"));
            Task<@Nullable Void> second = createTask(() -> note("2"));
            Task<@Nullable Void> named = createTask(async(() -> note("3")), "named");

            assertThat(first.name()).matches("Task-\\d+");
            assertThat(number(second)).isEqualTo(number(first) + 1);
            assertThat(named.name()).isEqualTo("named");
            named.setName("renamed");
            assertThat(named).asString().contains("name=renamed").contains("pending");
            await(named);
            assertThat(named).asString().contains("finished").contains("name=renamed");
        });
    }

    private static int number(Task<?> task) {
        return Integer.parseInt(task.name().substring("Task-".length()));
    }

    @Test
    @Spec("TASK-1")
    void accessors_coroutineContextAndLoop() {
        runMain(() -> {
            Coroutine<String> coroutine = async(() -> "value");
            Task<String> task = createTask(coroutine);
            assertThat(task.coroutine()).isSameAs(coroutine);
            assertThat(task.loop()).isSameAs(getRunningLoop());
            assertThat(task.context()).isNotNull();
            await(task);
            assertThat(task.coroutine()).isNull();
        });
    }

    @Test
    @Spec("TASK-1")
    void setResultOrException_onATask_refused() {
        runMain(() -> {
            Task<String> task = createTask(() -> "value");
            assertThatThrownBy(() -> task.setResult("other"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not support setResult");
            assertThatThrownBy(() -> task.setException(new IllegalStateException("other")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not support setException");
            assertThat(await(task)).isEqualTo("value");
        });
    }

    @Test
    @Spec("TASK-1")
    void unreferencedTask_suspended_livesUntilItIsDone() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            createTask(() -> note(await(future)));
            turn();
            System.gc();
            turn();
            future.setResult("alive");
            turns(2);
        });

        assertThat(notes).containsExactly("alive");
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec({"TASK-6", "F-TASK-16"})
    void systemExitInAChild_runThrowsItAtOnceAndMainIsCancelledInTheShutdown() {
        SystemExit exit = new SystemExit(7);
        assertThatThrownBy(() -> runMain(() -> {
                    createTask(() -> {
                        turn();
                        throw exit;
                    });
                    try {
                        await(sleep(SECOND));
                        note("slept");
                    } catch (CancelledError e) {
                        note("cancelled");
                        throw e;
                    } finally {
                        note("finally");
                    }
                }))
                .isSameAs(exit);

        assertThat(notes).containsExactly("cancelled", "finally");
        assertThat(time.now().isZero()).isTrue();
    }

    @Test
    @Spec("TASK-6")
    void systemExitOfAnAwaitedTask_pendingCancelDoesNotReplaceIt() {
        SystemExit exit = new SystemExit(7);
        try (EventLoop loop = newLoop()) {
            List<Task<@Nullable Void>> child = new ArrayList<>();
            Task<@Nullable Void> parent = loop.createTask(async(() -> {
                try {
                    await(child.getFirst());
                } catch (SystemExit e) {
                    note("exit " + e.code());
                }
            }));
            child.add(loop.createTask(async(() -> {
                throw exit;
            })));
            assertThatThrownBy(loop::runForever).isSameAs(exit);
            assertThat(parent.cancel()).isTrue();
            runOnce(loop);

            assertThat(parent.isDone()).isTrue();
        }
        assertThat(notes).containsExactly("exit 7");
    }

    @Test
    @Spec("TASK-8")
    void currentTaskAndAllTasks_insideTasksAndOutside() {
        assertThatThrownBy(Asyncio::currentTask).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(Asyncio::allTasks).isInstanceOf(IllegalStateException.class);
        runMain(() -> {
            Task<?> main = currentTask();
            Task<@Nullable Void> first = createTask(() -> {
                assertThat(currentTask()).isNotNull().isNotSameAs(main);
                turn();
            });
            Task<@Nullable Void> second = createTask(() -> turns(2));
            assertThat(allTasks()).containsExactly(main, first, second);
            await(first);
            assertThat(allTasks()).containsExactly(main, second);
            await(second);
            assertThat(allTasks()).containsExactly(main);
            assertThat(currentTask()).isSameAs(main);
        });
    }

    @Test
    @Spec("TASK-9")
    void stack_suspendedFailedAndFinished() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> suspended = createTask(() -> waitingHere(future));
            Task<String> failed = createTask(() -> failingHere());
            assertThat(suspended.stack()).isEmpty();
            turn();

            assertThat(suspended.stack())
                    .anyMatch(frame -> frame.getMethodName().equals("waitingHere"));
            assertThat(suspended.stack())
                    .noneMatch(frame -> frame.getClassName().startsWith("asyncio."));
            assertThat(suspended.waitingFor()).isSameAs(future);
            assertThat(failed.stack()).anyMatch(frame -> frame.getMethodName().equals("failingHere"));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            failed.printStack(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("Stack for <Task", "failingHere", "broken");
            assertThat(failed.exception()).hasMessage("broken");

            future.setResult("value");
            assertThat(await(suspended)).isEqualTo("value");
            assertThat(suspended.stack()).isEmpty();
            assertThat(suspended.waitingFor()).isNull();
        });
    }

    private static String waitingHere(Future<String> future) {
        return await(future);
    }

    private static String failingHere() {
        throw new IllegalStateException("broken");
    }

    @Test
    void failure_acrossTasks_showsWhereItWasAwaited() {
        runMain(() -> {
            Task<String> failing = createTask(async(TaskTest::failingHere), "worker");
            assertThatThrownBy(() -> await(failing))
                    .satisfies(failure -> assertThat(failure.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("failingHere"))
                            .anyMatch(frame -> frame.getClassName().contains("task \"worker\", awaited by task")));
        });
    }

    static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Spec({"CORO-2", "TASK-4"})
    void producersAndConsumers_inAnyReadyOrder_everyItemOnceAndInOrder(int seed) {
        int producers = 3;
        int items = 20;
        List<Integer> got = new ArrayList<>();
        LoopOptions seeded = VirtualTime.create()
                .applyTo(LoopOptions.defaults().logger(logger).readyOrder(() -> ReadyOrder.seeded(seed)));
        Asyncio.run(
                async(() -> {
                    Queue<Integer> queue = new Queue<>(2);
                    List<Task<@Nullable Void>> all = new ArrayList<>();
                    for (int producer = 0; producer < producers; producer++) {
                        int first = producer * items;
                        all.add(createTask(() -> {
                            for (int i = 0; i < items; i++) {
                                await(queue.put(first + i));
                                if (i % 5 == 0) {
                                    turn();
                                }
                            }
                        }));
                    }
                    Task<@Nullable Void> consumer = createTask(() -> {
                        while (true) {
                            got.add(await(queue.get()));
                            queue.taskDone();
                        }
                    });
                    Task<Integer> cancelled = createTask(() -> {
                        await(sleep(SECOND));
                        return 0;
                    });
                    turn();
                    cancelled.cancel();
                    for (Task<@Nullable Void> task : all) {
                        await(task);
                    }
                    await(queue.join());
                    consumer.cancel();
                    assertThatThrownBy(() -> await(consumer)).isInstanceOf(CancelledError.class);
                    assertThatThrownBy(() -> await(cancelled)).isInstanceOf(CancelledError.class);
                }),
                RunOptions.defaults().loop(seeded));

        assertThat(got).hasSize(producers * items).doesNotHaveDuplicates();
        for (int producer = 0; producer < producers; producer++) {
            int number = producer;
            assertThat(got.stream().filter(item -> item / items == number)).isSorted();
        }
        assertThat(findings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Spec("TASK-4")
    void cancelAtAnyMoment_inAnyReadyOrder_finallyRunsExactlyOnceForWhoBegan(int seed) {
        int[] begun = {0};
        int[] ended = {0};
        LoopOptions seeded = VirtualTime.create()
                .applyTo(LoopOptions.defaults().logger(logger).readyOrder(() -> ReadyOrder.seeded(seed)));
        Asyncio.run(
                async(() -> {
                    List<Task<@Nullable Void>> workers = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        workers.add(createTask(() -> {
                            begun[0]++;
                            try {
                                turns(5);
                                await(sleep(SECOND));
                                turns(5);
                            } finally {
                                ended[0]++;
                            }
                        }));
                    }
                    for (int i = 0; i < workers.size(); i++) {
                        Task<@Nullable Void> victim = workers.get(i);
                        createTask(() -> {
                            turns(seed % 9);
                            victim.cancel();
                        });
                    }
                    await(Asyncio.waitUntil(workers, asyncio.ReturnWhen.ALL_COMPLETED));
                    assertThat(workers).allMatch(Task::isCancelled);
                }),
                RunOptions.defaults().loop(seeded));

        assertThat(ended[0]).isEqualTo(begun[0]);
        assertThat(findings()).isEmpty();
    }
}
