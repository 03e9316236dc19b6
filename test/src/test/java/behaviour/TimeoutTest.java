package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.timeoutAt;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.VoidBody;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeoutTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    private static Task<?> self() {
        Task<?> task = currentTask();
        assertThat(task).isNotNull();
        return task;
    }

    @Test
    @Spec("TO-2")
    void timeout_deadlinePasses_cancellationBecomesATimeoutWithItsCause() {
        InVirtualTime.run(() -> {
            Duration begin = getRunningLoop().time();
            Timeout scope = timeout(millis(5));
            assertThatThrownBy(() -> await(scope.run(inside -> {
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(TimeoutException.class)
                    .hasCauseInstanceOf(CancelledError.class);
            assertThat(getRunningLoop().time().minus(begin)).isEqualTo(millis(5));
            assertThat(scope.isExpired()).isTrue();
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TO-1")
    void timeout_bodyEndsInTime_givesItsResult() {
        InVirtualTime.run(() -> {
            Timeout scope = timeout(millis(5));
            String result = await(scope.run(inside -> {
                assertThat(inside.when()).contains(getRunningLoop().time().plus(millis(5)));
                await(sleep(millis(4)));
                return "in time";
            }));
            assertThat(result).isEqualTo("in time");
            assertThat(scope.isExpired()).isFalse();
            await(sleep(HOUR)); // the deadline is disarmed
        });
    }

    @Test
    @Spec({"TO-1", "F-TO-2"})
    void timeout_zeroOrNegative_runsUpToTheFirstSuspension() {
        InVirtualTime.run(() -> {
            for (Duration delay : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
                assertThatThrownBy(() -> await(timeout(delay, () -> {
                            log.add("begins");
                            await(sleep(Duration.ZERO));
                            log.add("not reached");
                        })))
                        .isInstanceOf(TimeoutException.class);
                Timeout scope = timeout(delay);
                int result = await(scope.run(inside -> 7));
                assertThat(result).isEqualTo(7);
                assertThat(scope.isExpired()).isFalse();
            }
            assertThat(log).containsExactly("begins", "begins");
        });
    }

    @Test
    @Spec({"TO-1", "F-TO-1"})
    void never_rescheduled_getsADeadline() {
        InVirtualTime.run(() -> {
            String result = await(Timeout.never().run(inside -> {
                assertThat(inside.when()).isEmpty();
                await(sleep(HOUR));
                return "no deadline";
            }));
            assertThat(result).isEqualTo("no deadline");
            assertThatThrownBy(() -> await(Timeout.never().run(inside -> {
                        inside.reschedule(getRunningLoop().time().plus(millis(1)));
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(TimeoutException.class);
        });
    }

    @Test
    @Spec("TO-1")
    void reschedule_later_movesTheDeadline() {
        InVirtualTime.run(() -> {
            Timeout scope = timeout(millis(1));
            await(scope.run(inside -> {
                inside.reschedule(getRunningLoop().time().plus(millis(10)));
                await(sleep(millis(5)));
                inside.unschedule();
                await(sleep(HOUR));
            }));
            assertThat(scope.isExpired()).isFalse();
        });
    }

    @Test
    @Spec("TO-1")
    void timeoutAt_timeOfTheLoop_firesThen() {
        InVirtualTime.run(() -> {
            Duration when = getRunningLoop().time().plus(millis(3));
            assertThatThrownBy(() -> await(timeoutAt(when, () -> await(sleep(HOUR, "too late")))))
                    .isInstanceOf(TimeoutException.class);
            assertThat(getRunningLoop().time()).isEqualTo(when);
        });
    }

    @Test
    @Spec("TO-1")
    void timeout_bodyBlockedPastItsDeadline_nextTurnStillPasses() {
        VirtualTime time = VirtualTime.create();
        VoidBody body = () -> {
            time.advance(millis(5));
            await(sleep(Duration.ZERO)); // timers come after what is ready
            log.add("passed");
            await(sleep(Duration.ZERO));
            log.add("not reached");
        };
        var limited = timeout(millis(1), body);
        RunOptions options = RunOptions.defaults().loop(time.options());
        assertThatThrownBy(() -> Asyncio.run(limited, options)).isInstanceOf(TimeoutException.class);

        assertThat(log).containsExactly("passed");
    }

    @Test
    @Spec("F-TO-10")
    void reschedule_outsideTheBody_refusedWithTheState() {
        InVirtualTime.run(() -> {
            Timeout scope = timeout(millis(1));
            assertThatThrownBy(() -> scope.reschedule(HOUR))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has not been entered");
            assertThatThrownBy(() -> await(scope.run(inside -> {
                        try {
                            await(sleep(HOUR));
                        } finally {
                            assertThatThrownBy(() -> inside.reschedule(HOUR))
                                    .isInstanceOf(IllegalStateException.class)
                                    .hasMessageContaining("expiring");
                        }
                    })))
                    .isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> scope.reschedule(HOUR))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expired");
            assertThatThrownBy(() -> await(scope.run(inside -> 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has already been entered");

            Timeout finished = timeout(millis(1));
            await(finished.run(inside -> 1));
            assertThatThrownBy(() -> finished.reschedule(HOUR))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("finished");
        });
    }

    @Test
    @Spec({"TO-1", "F-TO-10"})
    void timeout_outsideATask_refused() {
        var coroutine = timeout(millis(1), () -> 1);
        assertThatThrownBy(() -> await(coroutine)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Spec({"TO-2", "F-TO-5"})
    void timeout_bodySwallowsTheCancellation_noErrorButExpired() {
        InVirtualTime.run(() -> {
            Timeout scope = timeout(millis(1));
            String result = await(scope.run(inside -> {
                try {
                    await(sleep(HOUR));
                } catch (CancelledError e) {
                    return "swallowed";
                }
                return "not reached";
            }));
            assertThat(result).isEqualTo("swallowed");
            assertThat(scope.isExpired()).isTrue();
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TO-2", "F-TO-6"})
    void timeout_bodyReplacesTheCancellation_failureCarriesTheTimeout() {
        InVirtualTime.run(() -> {
            RuntimeException failure = new IllegalArgumentException("while cleaning up");
            assertThatThrownBy(() -> await(timeout(millis(1), () -> {
                        try {
                            await(sleep(HOUR));
                        } catch (CancelledError e) {
                            throw failure;
                        }
                    })))
                    .isSameAs(failure);
            assertThat(failure.getSuppressed()).singleElement().isInstanceOf(TimeoutException.class);
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TO-2")
    void timeout_bodyThrowsAGroup_eachFailureInItCarriesTheTimeout() {
        InVirtualTime.run(() -> {
            RuntimeException inner = new IllegalArgumentException("inner");
            assertThatThrownBy(() -> await(timeout(millis(1), () -> {
                        try {
                            await(sleep(HOUR));
                        } catch (CancelledError e) {
                            throw new ExceptionGroup("several", List.of(inner));
                        }
                    })))
                    .isInstanceOf(ExceptionGroup.class);
            assertThat(inner.getSuppressed()).singleElement().isInstanceOf(TimeoutException.class);
        });
    }

    @Test
    @Spec("TO-2")
    void timeout_bodyFailsInTime_failureStaysAsItIs() {
        InVirtualTime.run(() -> {
            RuntimeException failure = new IllegalArgumentException("in time");
            assertThatThrownBy(() -> await(timeout(millis(1), () -> {
                        throw failure;
                    })))
                    .isSameAs(failure);
            assertThat(failure.getSuppressed()).isEmpty();
        });
    }

    @Test
    @Spec("TO-2")
    void timeout_cancelledFromOutsideInTheSameIteration_cancellationComesOut() {
        InVirtualTime.run(() -> {
            Timeout scope = timeout(millis(1));
            Task<?> task = createTask(() -> {
                await(scope.run(inside -> {
                    await(sleep(HOUR));
                }));
            });
            getRunningLoop().callLater(millis(1), task::cancel);
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec({"TO-3", "F-TO-8"})
    void timeout_outerIsShorter_outerRaisesAndInnerIsNotExpired() {
        InVirtualTime.run(() -> {
            Timeout outer = timeout(millis(1));
            Timeout inner = timeout(millis(2));
            assertThatThrownBy(() -> await(outer.run(o -> {
                        try {
                            await(inner.run(i -> {
                                await(sleep(HOUR));
                            }));
                        } catch (CancelledError e) {
                            log.add("through the inner one");
                            throw e;
                        }
                    })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(log).containsExactly("through the inner one");
            assertThat(outer.isExpired()).isTrue();
            assertThat(inner.isExpired()).isFalse();
        });
    }

    @Test
    @Spec({"TO-3", "F-TO-8"})
    void timeout_equalDeadlines_onlyTheOuterRaisesAndBothAreExpired() {
        InVirtualTime.run(() -> {
            Duration when = getRunningLoop().time().plus(millis(1));
            Timeout outer = timeoutAt(when);
            Timeout inner = timeoutAt(when);
            assertThatThrownBy(() -> await(outer.run(o -> {
                        try {
                            await(inner.run(i -> {
                                await(sleep(HOUR));
                            }));
                        } catch (CancelledError e) {
                            log.add("a cancellation leaves the inner one");
                            throw e;
                        }
                    })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(log).containsExactly("a cancellation leaves the inner one");
            assertThat(outer.isExpired()).isTrue();
            assertThat(inner.isExpired()).isTrue();
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TO-3", "F-TO-9"})
    void timeout_insideATaskThatSwallowedACancellation_stillRaises() {
        InVirtualTime.run(() -> {
            Task<String> task = createTask(() -> {
                try {
                    await(sleep(HOUR));
                } catch (CancelledError e) {
                    log.add("swallowed " + self().cancelling());
                }
                try {
                    return await(timeout(millis(1), () -> await(sleep(HOUR, "not reached"))));
                } catch (TimeoutException e) {
                    return "timeout " + self().cancelling();
                }
            });
            await(sleep(millis(1)));
            task.cancel();
            assertThat(await(task)).isEqualTo("timeout 1");
            assertThat(log).containsExactly("swallowed 1");
        });
    }
}
