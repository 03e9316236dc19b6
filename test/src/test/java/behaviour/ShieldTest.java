package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.waitFor;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.TimeoutException;
import asyncio.testing.CancelSweep;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShieldTest {
    private final IllegalArgumentException failureA = new IllegalArgumentException("a");

    private final List<String> log = new ArrayList<>();

    @Test
    @Spec({"W-5", "F-W-11"})
    void cancel_outer_callerIsCancelledAndInnerCompletes() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(() -> await(sleep(millis(5), 7)));
            Task<Integer> caller = createTask(() -> await(shield(inner)));
            await(sleep(millis(1)));
            caller.cancel();
            assertThatThrownBy(() -> await(caller)).isInstanceOf(CancelledError.class);
            assertThat(inner.cancelling()).isZero();
            assertThat(await(inner)).isEqualTo(7);
        });
    }

    @Test
    @Spec({"W-5", "F-W-11"})
    void cancel_inner_outerIsCancelled() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(() -> await(sleep(millis(5), 7)));
            Future<Integer> outer = shield(inner);
            await(sleep(millis(1)));
            inner.cancel("why");
            assertThatThrownBy(() -> await(outer))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("why");
            assertThat(outer.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec({"W-5", "F-W-11", "WRN-1"})
    void shield_innerFailsAfterOuterWasCancelled_isReportedOnce() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            Future<?> outer = shield(failingAfter(millis(5), failureA));
            await(sleep(millis(1)));
            outer.cancel();
            await(sleep(millis(10)));
        });
        assertThat(logger.messagesWith("IllegalArgumentException exception in shielded future"))
                .hasSize(1);
        assertThat(InVirtualTime.findings(logger))
                .singleElement()
                .satisfies(entry -> assertThat(entry.thrown()).isSameAs(failureA));
    }

    @Test
    @Spec("W-5")
    void shield_innerFails_outerFailsAlike() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(shield(failingAfter(millis(1), failureA))))
                    .isSameAs(failureA);
        });
    }

    @Test
    @Spec("W-5")
    void shield_innerDone_isReturnedItself() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(async(() -> 7));
            await(inner);
            assertThat(shield(inner)).isSameAs(inner);
        });
    }

    @Test
    @Spec("W-5")
    void run_ends_cancelsShieldedTasksToo() {
        InVirtualTime.run(() -> {
            shield(async(() -> {
                        try {
                            return await(sleep(Duration.ofHours(1), 1));
                        } catch (CancelledError e) {
                            log.add("cancelled");
                            throw e;
                        }
                    }))
                    .addDoneCallback(done -> log.add("outer done"));
            await(sleep(millis(1)));
        });
        assertThat(log).startsWith("cancelled");
    }

    @Test
    @Spec({"W-5", "F-W-11"})
    void shield_severalCallersGone_failureIsReportedOnce() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            Task<Integer> inner = createTask(failingAfter(millis(5), failureA));
            Future<Integer> first = shield(inner);
            Future<Integer> second = shield(inner);
            await(sleep(millis(1)));
            first.cancel();
            second.cancel();
            await(sleep(millis(10)));
        });
        assertThat(InVirtualTime.findings(logger)).hasSize(1);
    }

    @Test
    @Spec("W-5")
    void shield_callerGoneInTheIterationOfTheFailure_failureIsReportedOnce() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            Future<Integer> inner = getRunningLoop().createFuture();
            Future<Integer> outer = shield(inner);
            inner.setException(failureA);
            outer.cancel();
            await(sleep(millis(1)));
        });
        assertThat(InVirtualTime.findings(logger))
                .singleElement()
                .satisfies(entry -> assertThat(entry.thrown()).isSameAs(failureA));
    }

    @Test
    @Spec("W-5")
    void shield_callerGoneAndInnerCancelled_isNoFailure() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(sleep(Duration.ofHours(1), 1));
            shield(inner).cancel();
            await(sleep(millis(1)));
            inner.cancel();
            await(sleep(millis(1)));
            assertThat(inner.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec({"W-5", "W-3", "F-WF-5"})
    void waitFor_shieldExpires_innerGoesOn() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(sleep(millis(20), 7));
            assertThatThrownBy(() -> await(waitFor(shield(inner), millis(1)))).isInstanceOf(TimeoutException.class);
            assertThat(await(inner)).isEqualTo(7);
        });
    }

    @Test
    @Spec("W-5")
    void shieldWithOwner_callerCancelled_groupWaitsForTheInner() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                Task<?> caller = createTask(() -> {
                    await(shield(
                            async(() -> {
                                await(sleep(millis(5)));
                                log.add("inner ended");
                            }),
                            group));
                });
                await(sleep(millis(1)));
                caller.cancel();
                assertThatThrownBy(() -> await(caller)).isInstanceOf(CancelledError.class);
                assertThat(log).isEmpty();
            }));
            assertThat(log).containsExactly("inner ended");
        });
    }

    @Test
    @Spec("W-5")
    void shieldWithOwner_orphanFails_groupThrowsItAndNobodyElseReports() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        shield(failingAfter(millis(5), failureA), group).cancel();
                    })))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            e -> assertThat(e.exceptions()).containsExactly(failureA));
        });
    }

    @Test
    @Spec("W-5")
    void shieldWithOwner_failsAndNobodyAwaitsTheOuter_groupAloneThrowsIt() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        assertThat(shield(failingAfter(millis(5), failureA), group))
                                .isNotInstanceOf(Task.class);
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
    }

    @Test
    @Spec("W-5")
    void shieldWithOwner_groupIsCancelled_outerIsCancelled() {
        InVirtualTime.run(() -> {
            List<Future<?>> outers = new ArrayList<>();
            await(taskGroup(group -> {
                outers.add(shield(sleep(Duration.ofHours(1), 1), group));
                await(sleep(millis(1)));
                group.cancel();
            }));
            await(sleep(Duration.ZERO));
            assertThat(outers)
                    .singleElement()
                    .satisfies(outer -> assertThat(outer.isCancelled()).isTrue());
        });
    }

    @Test
    @Spec("W-5")
    void shieldWithOwner_groupNotEntered_refused() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> shield(sleep(millis(1), 1), TaskGroup.create()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has not been entered");
        });
    }

    @Test
    @Spec({"W-5", "F-W-11"})
    void shieldWithOwner_callerCancelledAnywhere_innerEndsInsideTheGroup() {
        CancelSweep.Scenario scenario = victim -> {
            int[] alive = {0};
            int[] started = {0};
            List<Task<?>> caller = new ArrayList<>();
            await(taskGroup(group -> {
                caller.add(victim.is(createTask(() -> {
                    await(sleep(Duration.ZERO));
                    int got = await(shield(
                            async(() -> {
                                alive[0]++;
                                started[0]++;
                                int value = await(sleep(millis(1), 7));
                                alive[0]--;
                                return value;
                            }),
                            group));
                    assertThat(got).isEqualTo(7);
                    await(sleep(Duration.ZERO));
                })));
                InVirtualTime.join(caller.getFirst());
            }));
            assertThat(alive[0]).isZero();
            assertThat(caller.getFirst().isCancelled()).isEqualTo(victim.wasCancelled());
            assertThat(started[0] == 1 || victim.wasCancelled()).isTrue();
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }
}
