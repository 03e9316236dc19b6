package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Coroutine;
import asyncio.Future;
import asyncio.Task;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.testing.Spec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Coroutine objects, and who runs when.
class CoroutineTest extends LoopFixture {
    @Test
    @Spec("CORO-1")
    void async_notAwaited_runsNothing() {
        runMain(() -> {
            Coroutine<@Nullable Void> coroutine = noting("ran");
            turns(3);
            assertThat(coroutine.isUsed()).isFalse();
            coroutine.close();
            assertThat(coroutine.isUsed()).isTrue();
        });

        assertThat(notes).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("CORO-1")
    void coroutine_neverAwaited_reportedAtCloseAtTheLatest() {
        runMain(() -> {
            async(() -> note("ran"));
        });

        assertThat(notes).isEmpty();
        assertThat(logger.messagesWith("AS101"))
                .singleElement()
                .satisfies(text -> assertThat(text).contains("never awaited", "CoroutineTest"));
    }

    @Test
    @Spec("CORO-1")
    void await_twice_refused() {
        runMain(() -> {
            Coroutine<String> coroutine = async(() -> "value");
            assertThat(await(coroutine)).isEqualTo("value");
            assertThatThrownBy(() -> await(coroutine))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot reuse already awaited coroutine");
            assertThatThrownBy(() -> createTask(coroutine)).isInstanceOf(IllegalStateException.class);
            Coroutine<String> scheduled = async(() -> "scheduled");
            Task<String> task = createTask(scheduled);
            assertThatThrownBy(() -> await(scheduled)).isInstanceOf(IllegalStateException.class);
            assertThat(await(task)).isEqualTo("scheduled");
        });
    }

    @Test
    @Spec("CORO-1")
    void await_coroutine_runsInlineInTheSameTaskAndItsFailureComesOutAsItIs() {
        IOException failure = new IOException("checked");
        runMain(() -> {
            Task<?> me = currentTask();
            assertThat(await(async(() -> currentTask()))).isSameAs(me);
            try {
                await(
                        async(() -> {
                            turn();
                            throw failure;
                        }),
                        IOException.class);
            } catch (IOException e) {
                assertThat(e).isSameAs(failure);
                note("caught");
            }
        });

        assertThat(notes).containsExactly("caught");
    }

    @Test
    @Spec({"CORO-1", "CORO-2", "F-SCHED-3"})
    void await_whatIsThereAlready_letsNobodyElseRun() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            future.setResult("done");
            Task<String> task = createTask(() -> "task");
            turn();
            Lock lock = new Lock();
            Event event = new Event();
            event.set();
            Queue<String> queue = new Queue<>();
            Task<@Nullable Void> other = createTask(() -> note("other"));

            await(future);
            await(task);
            await(async(() -> "inline"));
            await(lock.acquire());
            lock.release();
            await(event.awaitSet());
            await(queue.put("item"));
            await(queue.get());
            note("main");
            await(other);
        });

        assertThat(notes).containsExactly("main", "other");
    }

    @Test
    @Spec({"CORO-2", "F-SCHED-1"})
    void sleepZero_twoTasks_alternateStrictly() {
        runMain(() -> {
            Task<@Nullable Void> a = createTask(() -> printing("a"));
            Task<@Nullable Void> b = createTask(() -> printing("b"));
            await(a);
            await(b);
        });

        assertThat(notes).containsExactly("a0", "b0", "a1", "b1", "a2", "b2");
    }

    private void printing(String name) {
        for (int i = 0; i < 3; i++) {
            note(name + i);
            turn();
        }
    }

    @Test
    @Spec("CORO-2")
    void betweenTwoSuspensions_nothingElseRuns() {
        int[] counter = {0};
        runMain(() -> {
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                tasks.add(createTask(() -> {
                    for (int round = 0; round < 20; round++) {
                        int seen = counter[0];
                        Thread.onSpinWait();
                        counter[0] = seen + 1; // lost updates if anybody came in between
                        turn();
                    }
                }));
            }
            for (Task<@Nullable Void> task : tasks) {
                await(task);
            }
        });

        assertThat(counter[0]).isEqualTo(1_000);
    }

    @Test
    @Spec("CORO-3")
    void setResult_waiterStepsInTheNextIterationAndWhoJoinsItOneLater() {
        runMain(() -> {
            Future<@Nullable Void> future = getRunningLoop().createFuture();
            Task<@Nullable Void> waiter = createTask(() -> {
                await(future);
                note("waiter");
            });
            Task<@Nullable Void> joiner = createTask(() -> {
                await(waiter);
                note("joiner");
            });
            turns(2);

            future.setResult(null);
            note("set");
            turn();
            note("first");
            turn();
            note("second");
            await(joiner);
        });

        assertThat(notes).containsExactly("set", "waiter", "first", "joiner", "second");
    }

    @Test
    void await_deepStack_suspendsAndComesBack() {
        int depth = runMain(() -> descend(500));

        assertThat(depth).isEqualTo(500);
    }

    private static int descend(int depth) {
        if (depth == 0) {
            turn();
            return 0;
        }
        return 1 + await(async(() -> descend(depth - 1)));
    }

    @Test
    void stackOverflowInATask_failsThatTaskOnly() {
        runMain(() -> {
            Task<Integer> endless = createTask(() -> descendForEver(0));
            assertThatThrownBy(() -> await(endless)).isInstanceOf(StackOverflowError.class);
            await(sleep(SECOND));
            note("went on");
        });

        assertThat(notes).containsExactly("went on");
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int descendForEver(int depth) {
        return 1 + descendForEver(depth + 1);
    }
}
