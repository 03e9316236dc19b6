package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitFor;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitForTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    @Test
    @Spec({"W-3", "F-WF-1"})
    void waitFor_noTime_coroutineNeverStarts() {
        InVirtualTime.run(() -> {
            for (Duration none : List.of(Duration.ZERO, millis(-1))) {
                assertThatThrownBy(() -> await(waitFor(
                                async(() -> {
                                    log.add("started");
                                    return 1;
                                }),
                                none)))
                        .isInstanceOf(TimeoutException.class);
            }
            assertThat(log).isEmpty();
        });
    }

    @Test
    @Spec({"W-3", "F-WF-1"})
    void waitFor_noTimeButDone_givesTheResult() {
        InVirtualTime.run(() -> {
            Future<Integer> done = getRunningLoop().createFuture();
            done.setResult(7);
            assertThat(await(waitFor(done, Duration.ZERO))).isEqualTo(7);
        });
    }

    @Test
    @Spec("W-3")
    void waitFor_noTime_waitsForTheEndOfTheCancelledTask() {
        InVirtualTime.run(() -> {
            Task<String> task = createTask(() -> {
                try {
                    await(sleep(HOUR));
                } finally {
                    await(sleep(millis(5)));
                    log.add("cleaned up");
                }
                return "not reached";
            });
            await(sleep(millis(1)));
            assertThatThrownBy(() -> await(waitFor(task, Duration.ZERO))).isInstanceOf(TimeoutException.class);
            assertThat(log).containsExactly("cleaned up");
            assertThat(task.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec({"W-3", "F-WF-2"})
    void waitFor_coroutine_runsInTheCallersTask() {
        ContextVar<String> variable = ContextVar.of("variable");
        InVirtualTime.run(() -> {
            Task<?> caller = currentTask();
            Task<?> seen = await(waitFor(
                    async(() -> {
                        variable.set("written inside");
                        return currentTask();
                    }),
                    HOUR));
            assertThat(seen).isSameAs(caller);
            assertThat(variable.get()).isEqualTo("written inside");
        });
    }

    @Test
    @Spec("W-3")
    void waitFor_limitPasses_waitsForTheCleanUpHoweverLong() {
        InVirtualTime.run(() -> {
            Duration begin = getRunningLoop().time();
            assertThatThrownBy(() -> await(waitFor(
                            createTask(() -> {
                                try {
                                    await(sleep(HOUR));
                                } finally {
                                    await(sleep(millis(500)));
                                }
                            }),
                            millis(1))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(getRunningLoop().time().minus(begin)).isEqualTo(millis(501));
        });
    }

    @Test
    @Spec("W-3")
    void waitFor_awaitedSwallowsTheCancellation_itsResultIsReturned() {
        InVirtualTime.run(() -> {
            Task<String> task = createTask(() -> {
                try {
                    return await(sleep(HOUR, "not reached"));
                } catch (CancelledError e) {
                    return "swallowed";
                }
            });
            assertThat(await(waitFor(task, millis(1)))).isEqualTo("swallowed");
        });
    }

    @Test
    @Spec("W-3")
    void waitFor_awaitedFailsOnCancellation_itsFailureIsThrown() {
        InVirtualTime.run(() -> {
            RuntimeException failure = new IllegalArgumentException("clean-up failed");
            Task<String> task = createTask(() -> {
                try {
                    return await(sleep(HOUR, "not reached"));
                } catch (CancelledError e) {
                    throw failure;
                }
            });
            assertThatThrownBy(() -> await(waitFor(task, millis(1)))).isSameAs(failure);
        });
    }

    @Test
    @Spec("W-3")
    void cancel_waitingTask_cancelsWhatItWaitsFor() {
        InVirtualTime.run(() -> {
            Task<String> inner = createTask(() -> await(sleep(HOUR, "not reached")));
            Task<String> outer = createTask(() -> await(waitFor(inner, HOUR)));
            await(sleep(millis(1)));
            outer.cancel();
            assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
            assertThat(inner.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("F-WF-4")
    void waitFor_resultInTheIterationOfTheExpiry_isATimeoutWhicheverCameFirst() {
        InVirtualTime.run(() -> {
            for (boolean resultFirst : new boolean[] {true, false}) {
                Future<Integer> future = getRunningLoop().createFuture();
                Runnable complete = () -> {
                    if (!future.isDone()) {
                        future.setResult(1);
                    }
                };
                if (resultFirst) {
                    getRunningLoop().callLater(millis(1), complete);
                }
                Task<Integer> waiter = createTask(() -> await(waitFor(future, millis(1))));
                await(sleep(Duration.ZERO));
                if (!resultFirst) {
                    getRunningLoop().callLater(millis(1), complete);
                }
                assertThatThrownBy(() -> await(waiter)).isInstanceOf(TimeoutException.class);
                assertThat(waiter.cancelling()).isZero();
                assertThat(future.isCancelled()).isEqualTo(!resultFirst);
            }
        });
    }

    @Test
    @Spec("F-WF-4")
    void cancel_inTheIterationOfResultAndExpiry_isNotLost() {
        InVirtualTime.run(() -> {
            Future<Integer> future = getRunningLoop().createFuture();
            getRunningLoop().callLater(millis(1), () -> future.setResult(1));
            Task<Integer> waiter = createTask(() -> await(waitFor(future, millis(1))));
            await(sleep(Duration.ZERO));
            getRunningLoop().callLater(millis(1), waiter::cancel);
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
            assertThat(waiter.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("F-WF-5")
    void waitFor_shieldedTask_goesOnAfterTheLimit() {
        InVirtualTime.run(() -> {
            Task<Integer> task = createTask(() -> await(sleep(millis(10), 7)));
            assertThatThrownBy(() -> await(waitFor(shield(task), millis(1)))).isInstanceOf(TimeoutException.class);
            assertThat(task.isDone()).isFalse();
            assertThat(await(task)).isEqualTo(7);
        });
    }
}
