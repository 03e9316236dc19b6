package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.captureCallGraph;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.FutureCallGraph;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.WaitResult;
import asyncio.testing.CancelSweep;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitUntilTest {
    private static Task<Integer> sleeper(long millis, int value) {
        return createTask(sleep(millis(millis), value));
    }

    @Test
    @Spec("W-2")
    void waitUntil_allCompleted_returnsWhenTheLastIsDone() {
        InVirtualTime.run(() -> {
            Task<Integer> a = sleeper(1, 1);
            Task<Integer> b = sleeper(5, 2);
            WaitResult<Integer> result = await(waitUntil(List.of(a, b), ReturnWhen.ALL_COMPLETED));
            assertThat(result.done()).containsExactly(a, b);
            assertThat(result.pending()).isEmpty();
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_firstCompleted_leavesTheOthersRunning() {
        InVirtualTime.run(() -> {
            Task<Integer> a = sleeper(5, 1);
            Task<Integer> b = sleeper(1, 2);
            WaitResult<Integer> result = await(waitUntil(List.of(a, b), ReturnWhen.FIRST_COMPLETED));
            assertThat(result.done()).containsExactly(b);
            assertThat(result.pending()).containsExactly(a);
            assertThat(await(a)).isEqualTo(1);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_firstException_endsWithAFailureButNotWithACancellation() {
        InVirtualTime.run(() -> {
            Task<Integer> failing = createTask(failingAfter(millis(5), new IllegalArgumentException("failed")));
            Task<Integer> cancelled = sleeper(1_000, 1);
            Task<Integer> longest = sleeper(10, 2);
            cancelled.cancel();
            WaitResult<Integer> result =
                    await(waitUntil(List.of(failing, cancelled, longest), ReturnWhen.FIRST_EXCEPTION));
            assertThat(result.done()).containsExactly(failing, cancelled);
            assertThat(result.pending()).containsExactly(longest);
            assertThat(failing.exception()).hasMessage("failed");
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_timePasses_isNoErrorAndCancelsNothing() {
        InVirtualTime.run(() -> {
            Task<Integer> slow = sleeper(50, 1);
            WaitResult<Integer> result = await(waitUntil(List.of(slow), ReturnWhen.ALL_COMPLETED, millis(1)));
            assertThat(result.done()).isEmpty();
            assertThat(result.pending()).containsExactly(slow);
            assertThat(await(slow)).isEqualTo(1);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_nothing_refused() {
        assertThatThrownBy(() -> waitUntil(List.<Future<Integer>>of(), ReturnWhen.ALL_COMPLETED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be empty");
    }

    @Test
    @Spec("W-2")
    void cancel_waiter_leavesTheAwaitedAlone() {
        InVirtualTime.run(() -> {
            Task<Integer> awaited = sleeper(5, 1);
            Task<?> waiter = createTask(() -> {
                await(waitUntil(List.of(awaited), ReturnWhen.ALL_COMPLETED));
            });
            await(sleep(millis(1)));
            waiter.cancel();
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
            assertThat(awaited.cancelling()).isZero();
            assertThat(await(awaited)).isEqualTo(1);
        });
    }

    @Test
    @Spec({"W-2", "F-W-6"})
    void waitUntil_finishedInputs_givesOthersATurn() {
        InVirtualTime.run(() -> {
            Task<Integer> finished = sleeper(1, 1);
            await(finished);
            boolean[] turn = {false};
            Task<?> other = createTask(() -> {
                turn[0] = true;
            });
            await(waitUntil(List.of(finished), ReturnWhen.ALL_COMPLETED));
            assertThat(turn[0]).isTrue();
            await(other);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_noTimeAtAll_reportsWhatIsDone() {
        InVirtualTime.run(() -> {
            Task<Integer> finished = sleeper(1, 1);
            await(finished);
            Task<Integer> slow = sleeper(50, 2);
            for (Duration none : List.of(Duration.ZERO, millis(-1))) {
                WaitResult<Integer> result = await(waitUntil(List.of(finished, slow), ReturnWhen.ALL_COMPLETED, none));
                assertThat(result.done()).containsExactly(finished);
                assertThat(result.pending()).containsExactly(slow);
            }
            assertThat(await(slow)).isEqualTo(2);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_firstExceptionAndAllSucceed_returnsWhenTheLastIsDone() {
        InVirtualTime.run(() -> {
            Task<Integer> a = sleeper(1, 1);
            Task<Integer> b = sleeper(5, 2);
            Task<Integer> cancelled = sleeper(1_000, 3);
            cancelled.cancel();
            WaitResult<Integer> result = await(waitUntil(List.of(a, b, cancelled), ReturnWhen.FIRST_EXCEPTION));
            assertThat(result.done()).containsExactly(a, b, cancelled);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_sameFutureTwice_countsOnce() {
        InVirtualTime.run(() -> {
            Task<Integer> a = sleeper(1, 1);
            WaitResult<Integer> result = await(waitUntil(List.of(a, a), ReturnWhen.ALL_COMPLETED));
            assertThat(result.done()).containsExactly(a);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_futureOfAnotherLoop_refused() {
        try (EventLoop other = EventLoop.create()) {
            Future<Integer> foreign = other.createFuture();
            InVirtualTime.run(() -> {
                assertThatThrownBy(() -> await(waitUntil(List.of(foreign), ReturnWhen.ALL_COMPLETED)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("AS202");
            });
        }
    }

    @Test
    @Spec("W-2")
    void waitUntil_returned_leavesNothingWithThePending() {
        InVirtualTime.run(() -> {
            Task<Integer> pending = sleeper(50, 1);
            await(waitUntil(List.of(pending), ReturnWhen.ALL_COMPLETED, millis(1)));
            Task<?> waiter = createTask(() -> {
                await(waitUntil(List.of(pending), ReturnWhen.ALL_COMPLETED));
            });
            await(sleep(millis(1)));
            assertThat(captureCallGraph(pending).awaitedBy())
                    .extracting(FutureCallGraph::future)
                    .containsExactly(waiter);
            waiter.cancel();
            InVirtualTime.join(waiter);
            assertThat(captureCallGraph(pending).awaitedBy()).isEmpty();
            await(pending);
        });
    }

    @Test
    @Spec("W-2")
    void waitUntil_waiterCancelledAnywhere_leavesTheAwaitedAlone() {
        CancelSweep.Scenario scenario = victim -> {
            Task<Integer> quick = sleeper(1, 1);
            Task<Integer> slow = sleeper(2, 2);
            Task<?> waiter = victim.is(createTask(() -> {
                await(waitUntil(List.of(quick, slow), ReturnWhen.FIRST_COMPLETED));
                await(waitUntil(List.of(quick, slow), ReturnWhen.ALL_COMPLETED, millis(1)));
            }));
            InVirtualTime.join(waiter);
            assertThat(waiter.isCancelled()).isEqualTo(victim.wasCancelled());
            assertThat(await(quick) + await(slow)).isEqualTo(3);
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }
}
