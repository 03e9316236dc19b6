package behaviour;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsCompleted;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.testing.CancelSweep;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class AsCompletedTest {
    private static Task<Integer> sleeper(long millis, int value) {
        return createTask(sleep(millis(millis), value));
    }

    @Test
    @Spec("W-4")
    void iterator_awaitedInOrder_resultsComeInCompletionOrder() {
        InVirtualTime.run(() -> {
            List<Integer> results = new ArrayList<>();
            for (Coroutine<Integer> next : asCompleted(List.of(sleeper(3, 3), sleeper(1, 1), sleeper(2, 2)))) {
                results.add(await(next));
            }
            assertThat(results).containsExactly(1, 2, 3);
        });
    }

    @Test
    @Spec({"W-4", "F-W-9"})
    void iterator_awaitedInReverse_resultsComeInCompletionOrder() {
        InVirtualTime.run(() -> {
            List<Coroutine<Integer>> steps = new ArrayList<>();
            asCompleted(List.of(sleeper(3, 3), sleeper(1, 1), sleeper(2, 2))).forEach(steps::add);
            List<Integer> results = new ArrayList<>();
            steps.reversed().forEach(step -> results.add(await(step)));
            assertThat(results).containsExactly(1, 2, 3);
        });
    }

    @Test
    @Spec({"W-4", "F-W-8"})
    void futures_giveTheVeryTasksInCompletionOrder() {
        InVirtualTime.run(() -> {
            Task<Integer> a = sleeper(3, 3);
            Task<Integer> b = sleeper(1, 1);
            List<Future<Integer>> ended = new ArrayList<>();
            for (Future<Integer> done : asCompleted(List.of(a, b)).futures()) {
                assertThat(done.isDone()).isTrue();
                ended.add(done);
            }
            assertThat(ended).containsExactly(b, a);
        });
    }

    @Test
    @Spec({"W-4", "F-W-8"})
    void futures_leftAndResumed_goOnWhereTheyStopped() {
        InVirtualTime.run(() -> {
            AsCompleted<Integer> completed = asCompleted(List.of(sleeper(1, 1), sleeper(2, 2), sleeper(3, 3)));
            for (Future<Integer> done : completed.futures()) {
                assertThat(done.result()).isEqualTo(1);
                break;
            }
            List<Integer> rest = new ArrayList<>();
            for (Coroutine<Integer> next : completed) {
                rest.add(await(next));
            }
            assertThat(rest).containsExactly(2, 3);
            assertThat(completed.futures().iterator().hasNext()).isFalse();
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_coroutines_runAtOnceAndTheirTasksAreGiven() {
        InVirtualTime.run(() -> {
            Duration start = getRunningLoop().time();
            List<Integer> results = new ArrayList<>();
            for (Future<Integer> done : asCompleted(List.of(sleep(millis(5), 5), sleep(millis(4), 4)))
                    .futures()) {
                assertThat(done).isInstanceOf(Task.class);
                results.add(done.result());
            }
            assertThat(results).containsExactly(4, 5);
            assertThat(getRunningLoop().time().minus(start)).isEqualTo(millis(5));
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_sameOneTwice_isGivenOnce() {
        InVirtualTime.run(() -> {
            Task<Integer> task = sleeper(1, 1);
            Coroutine<Integer> coroutine = sleep(millis(2), 2);
            List<Integer> results = new ArrayList<>();
            for (Coroutine<Integer> next : asCompleted(List.of(task, coroutine, task, coroutine))) {
                results.add(await(next));
            }
            assertThat(results).containsExactly(1, 2);
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_nothing_hasNoSteps() {
        InVirtualTime.run(() -> {
            AsCompleted<Integer> completed = asCompleted(List.<Task<Integer>>of(), millis(1));
            assertThat(completed).isEmpty();
            assertThatThrownBy(() -> completed.iterator().next())
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("hasNext()");
        });
    }

    @Test
    @Spec("W-4")
    void iterator_failureAndCancellation_comeOutOfTheirSteps() {
        InVirtualTime.run(() -> {
            IllegalArgumentException failure = new IllegalArgumentException("failed");
            Task<Integer> failing = createTask(failingAfter(millis(1), failure));
            Task<Integer> cancelled = sleeper(1_000, 1);
            getRunningLoop().callLater(millis(2), cancelled::cancel);
            AsCompleted<Integer> completed = asCompleted(List.of(cancelled, failing, sleeper(3, 3)));
            Iterator<Coroutine<Integer>> steps = completed.iterator();
            assertThatThrownBy(() -> await(steps.next())).isSameAs(failure);
            assertThatThrownBy(() -> await(steps.next())).isInstanceOf(CancelledError.class);
            assertThat(await(steps.next())).isEqualTo(3);
            assertThat(steps.hasNext()).isFalse();
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_timePasses_eachStepLeftFailsAndTheInputsRunOn() {
        InVirtualTime.run(() -> {
            Task<Integer> slow = sleeper(20, 20);
            Task<Integer> slower = sleeper(30, 30);
            AsCompleted<Integer> completed = asCompleted(List.of(slow, sleeper(1, 1), slower), millis(10));
            Iterator<Coroutine<Integer>> steps = completed.iterator();
            assertThat(await(steps.next())).isEqualTo(1);
            assertThatThrownBy(() -> await(steps.next()))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("of 3 futures, of which 2 were not done");
            assertThatThrownBy(() -> completed.futures().iterator().next()).isInstanceOf(TimeoutException.class);
            assertThat(steps.hasNext()).isFalse();
            assertThat(await(slow) + await(slower)).isEqualTo(50);
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_endedBeforeTheDeadlineButTakenAfterIt_isNotLost() {
        InVirtualTime.run(() -> {
            Task<Integer> late = sleeper(20, 20);
            AsCompleted<Integer> completed = asCompleted(List.of(sleeper(1, 1), late), millis(10));
            await(late);
            Iterator<Future<Integer>> futures = completed.futures().iterator();
            assertThat(futures.next().result()).isEqualTo(1);
            assertThatThrownBy(futures::next).isInstanceOf(TimeoutException.class);
            assertThat(futures.hasNext()).isFalse();
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_endsInTheIterationOfTheDeadline_counts() {
        InVirtualTime.run(() -> {
            Future<Integer> future = getRunningLoop().createFuture();
            getRunningLoop().callLater(millis(10), () -> future.setResult(7));
            AsCompleted<Integer> completed = asCompleted(List.of(future), millis(10));
            assertThat(await(completed.iterator().next())).isEqualTo(7);
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_noTimeAtAll_givesWhatIsDone() {
        InVirtualTime.run(() -> {
            Task<Integer> finished = sleeper(1, 1);
            await(finished);
            Task<Integer> slow = sleeper(5, 5);
            Iterator<Future<Integer>> futures = asCompleted(List.of(slow, finished), Duration.ZERO)
                    .futures()
                    .iterator();
            assertThat(futures.next()).isSameAs(finished);
            assertThatThrownBy(futures::next).isInstanceOf(TimeoutException.class);
            await(slow);
        });
    }

    @Test
    @Spec("W-4")
    void asCompleted_foreignFuture_refusedBeforeAnythingStarts() {
        try (EventLoop other = EventLoop.create()) {
            Future<Integer> foreign = other.createFuture();
            InVirtualTime.run(() -> {
                Coroutine<Integer> coroutine = async(() -> 1);
                assertThatThrownBy(() -> asCompleted(List.of(coroutine, foreign)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("AS202");
                assertThat(coroutine.isUsed()).isFalse();
                coroutine.close();
            });
        }
    }

    @Test
    @Spec("W-4")
    void asCompleted_outsideALoop_refused() {
        assertThatThrownBy(() -> asCompleted(List.<Future<Integer>>of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no running event loop");
    }

    @Test
    @Spec("W-4")
    void next_outsideATask_refusedAndTheStepIsNotLost() {
        InVirtualTime.run(() -> {
            AsCompleted<Integer> completed = asCompleted(List.of(sleeper(1, 1)));
            Future<Throwable> refusal = getRunningLoop().createFuture();
            getRunningLoop().callSoon(() -> {
                try {
                    completed.futures().iterator().next();
                } catch (IllegalStateException e) {
                    refusal.setResult(e);
                }
            });
            assertThat(await(refusal)).hasMessageContaining("await must be called in a task");
            assertThat(completed.futures().iterator().next().result()).isEqualTo(1);
        });
    }

    @Test
    @Spec("W-4")
    void futures_sharedByTasks_eachGoesToOneAndAllEnd() {
        InVirtualTime.run(() -> {
            AsCompleted<Integer> completed =
                    asCompleted(List.of(sleeper(1, 1), sleeper(2, 2), sleeper(3, 3), sleeper(4, 4), sleeper(5, 5)));
            List<Integer> got = new ArrayList<>();
            List<Task<?>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(createTask(() -> {
                    for (Future<Integer> done : completed.futures()) {
                        got.add(done.result());
                    }
                }));
            }
            for (Task<?> reader : readers) {
                await(reader);
            }
            assertThat(got).containsExactly(1, 2, 3, 4, 5);
        });
    }

    @Test
    @Spec("W-4")
    void futures_readersCancelledAnywhere_noneIsLostOrGivenTwice() {
        CancelSweep.Scenario scenario = victim -> {
            List<Task<Integer>> inputs = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                inputs.add(sleeper(i / 2, i)); // some of them end in one iteration
            }
            AsCompleted<Integer> completed = asCompleted(inputs);
            List<Integer> got = new ArrayList<>();
            Task<?> cancelled = victim.is(createTask(() -> {
                for (Future<Integer> done : completed.futures()) {
                    got.add(done.result());
                    await(sleep(Duration.ZERO));
                }
            }));
            Task<?> other = createTask(() -> {
                for (Coroutine<Integer> next : completed) {
                    got.add(await(next));
                    await(sleep(Duration.ZERO));
                }
            });
            InVirtualTime.join(cancelled, other);
            assertThat(cancelled.isCancelled()).isEqualTo(victim.wasCancelled());
            for (Future<Integer> done : completed.futures()) { // what the cancelled one gave back
                got.add(done.result());
            }
            assertThat(got).containsExactlyInAnyOrder(1, 2, 3, 4);
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    @Test
    @Spec("W-4")
    void iterator_readerWithALimitCancelledAnywhere_stepsAddUp() {
        CancelSweep.Scenario scenario = victim -> {
            List<Task<Integer>> inputs = List.of(sleeper(1, 1), sleeper(2, 2), sleeper(9, 9));
            AsCompleted<Integer> completed = asCompleted(inputs, millis(2));
            List<Integer> got = new ArrayList<>();
            int[] missed = {0};
            Task<?> reader = victim.is(createTask(() -> readAll(completed, got, missed)));
            InVirtualTime.join(reader);
            assertThat(reader.isCancelled()).isEqualTo(victim.wasCancelled());
            readAll(completed, got, missed);
            assertThat(got).startsWith(1).doesNotContain(9);
            assertThat(got.size() + missed[0]).isEqualTo(3);
            assertThat(await(inputs.get(2))).isEqualTo(9);
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    private static void readAll(AsCompleted<Integer> completed, List<Integer> got, int[] missed) {
        for (Coroutine<Integer> next : completed) {
            try {
                got.add(await(next));
            } catch (TimeoutException e) {
                missed[0]++;
            }
        }
    }
}
