package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentDeadline;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.failAfter;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.moveOnAfter;
import static asyncio.Asyncio.shielded;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.CancelScope;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.testing.CancelSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CancelScopeTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void join(Future<?> task) {
        @SuppressWarnings("unchecked") // the result is not looked at
        Future<Object> future = (Future<Object>) task;
        await(waitUntil(List.of(future), ReturnWhen.ALL_COMPLETED));
    }

    /// Awaits something and says whether it was cancelled there.
    private void attempt(String name) {
        try {
            turn();
            log.add(name);
        } catch (CancelledError e) {
            log.add(name + " cancelled");
        }
    }

    // Level-triggered delivery

    @Test
    void cancel_inside_everySuspensionRaisesUntilTheEnd() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Boolean ended = await(scope.run(inside -> {
                attempt("before");
                inside.cancel("enough");
                attempt("first");
                attempt("second");
                await(sleep(HOUR));
            }));
            assertThat(ended).isFalse();
            assertThat(scope.cancelledCaught()).isTrue();
            assertThat(scope.reason().orElseThrow().message()).isEqualTo("enough");
            attempt("after");
        });
        assertThat(log).containsExactly("before", "first cancelled", "second cancelled", "after");
    }

    @Test
    void cancel_codeThatEndsAllTheSame_isNotCaught() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Optional<Integer> result = await(scope.run(inside -> {
                inside.cancel();
                return 7; // no suspension: nothing to interrupt
            }));
            assertThat(result).contains(7);
            assertThat(scope.cancelCalled()).isTrue();
            assertThat(scope.cancelledCaught()).isFalse();
        });
    }

    @Test
    void cancel_whileSuspended_cancelsWhatIsAwaited() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Future<Object> awaited = getRunningLoop().createFuture();
            Task<Boolean> task = createTask(scope.run(inside -> {
                await(awaited);
            }));
            turn();
            scope.cancel();
            assertThat(awaited.isCancelled()).isTrue();
            assertThat(await(task)).isFalse();
            assertThat(task.cancelling()).isZero(); // a scope is not counted
        });
    }

    @Test
    void cancel_beforeEntry_runsUpToTheFirstSuspension() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            scope.cancel();
            Boolean ended = await(scope.run(inside -> {
                log.add("begins");
                await(sleep(HOUR));
                log.add("not reached");
            }));
            assertThat(ended).isFalse();
        });
        assertThat(log).containsExactly("begins");
    }

    @Test
    void cancel_resultAlreadyThere_isDelivered_theNextSuspensionRaises() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Future<String> future = getRunningLoop().createFuture();
            Task<Boolean> task = createTask(scope.run(inside -> {
                log.add(await(future));
                attempt("next");
            }));
            turn();
            future.setResult("value");
            scope.cancel(); // in the same iteration: the value is not lost
            assertThat(await(task)).isTrue();
        });
        assertThat(log).containsExactly("value", "next cancelled");
    }

    @Test
    void cancel_loopThatSwallows_letsTheOthersRun() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            int[] other = {0};
            Task<@Nullable Void> counter = createTask(() -> {
                for (int i = 0; i < 20; i++) {
                    turn();
                    other[0]++;
                }
            });
            await(scope.run(inside -> {
                inside.cancel();
                for (int i = 0; i < 10; i++) {
                    try {
                        await(sleep(HOUR));
                    } catch (CancelledError e) {
                        // swallowed on purpose
                    }
                }
            }));
            assertThat(other[0]).isGreaterThan(5);
            await(counter);
        });
    }

    @Test
    void failure_inCancelledScope_passesThrough() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            assertThatThrownBy(() -> await(scope.run(inside -> {
                        inside.cancel();
                        try {
                            turn();
                        } finally {
                            throwing("in clean-up");
                        }
                    })))
                    .hasMessage("in clean-up");
            assertThat(scope.cancelledCaught()).isFalse();
            attempt("after");
        });
        assertThat(log).containsExactly("after");
    }

    private static void throwing(String message) {
        throw new IllegalArgumentException(message);
    }

    // Nesting

    @Test
    void cancel_outer_isAbsorbedByTheOuterNotTheInner() {
        InVirtualTime.run(() -> {
            CancelScope outer = CancelScope.create();
            CancelScope inner = CancelScope.create();
            await(outer.run(o -> {
                await(inner.run(i -> {
                    outer.cancel();
                    turn();
                }));
                log.add("not reached");
            }));
            assertThat(inner.cancelledCaught()).isFalse();
            assertThat(outer.cancelledCaught()).isTrue();
        });
        assertThat(log).isEmpty();
    }

    @Test
    void cancel_both_isAbsorbedByTheOuter() {
        InVirtualTime.run(() -> {
            CancelScope outer = CancelScope.create();
            CancelScope inner = CancelScope.create();
            await(outer.run(o -> {
                await(inner.run(i -> {
                    inner.cancel();
                    outer.cancel();
                    turn();
                }));
                log.add("not reached");
            }));
            assertThat(inner.cancelledCaught()).isFalse();
            assertThat(outer.cancelledCaught()).isTrue();
        });
        assertThat(log).isEmpty();
    }

    @Test
    void cancel_inner_outerGoesOn() {
        InVirtualTime.run(() -> {
            CancelScope outer = CancelScope.create();
            assertThat(await(outer.run(o -> {
                        assertThat(await(moveOnAfter(millis(1), () -> {
                                    await(sleep(HOUR));
                                })))
                                .isFalse();
                        attempt("goes on");
                    })))
                    .isTrue();
        });
        assertThat(log).containsExactly("goes on");
    }

    // Deadlines

    @Test
    void moveOnAfter_inTime_givesTheResult_late_isEmpty() {
        InVirtualTime.run(() -> {
            Optional<String> inTime = await(moveOnAfter(millis(5), () -> {
                await(sleep(millis(4)));
                return "result";
            }));
            assertThat(inTime).contains("result");
            Optional<String> late = await(moveOnAfter(millis(5), () -> {
                await(sleep(millis(6)));
                return "result";
            }));
            assertThat(late).isEmpty();
            await(sleep(HOUR)); // the deadlines are disarmed
        });
    }

    @Test
    void failAfter_late_throwsTimeoutException() {
        InVirtualTime.run(() -> {
            int result = await(failAfter(millis(5), () -> 3));
            assertThat(result).isEqualTo(3);
            assertThatThrownBy(() -> await(failAfter(millis(5), () -> await(sleep(HOUR)))))
                    .isInstanceOf(TimeoutException.class)
                    .hasCauseInstanceOf(CancelledError.class);
        });
    }

    @Test
    void after_negative_isRefused() {
        assertThatThrownBy(() -> CancelScope.after(millis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S");
        assertThatThrownBy(() -> moveOnAfter(millis(-1), () -> 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> failAfter(millis(-1), () -> 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shielded(millis(-1), () -> 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reschedule_movesTheDeadline_notOfOneThatIsCancelled() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.after(millis(1));
            assertThatThrownBy(scope::unschedule).hasMessageContaining("has not been entered");
            await(scope.run(inside -> {
                inside.reschedule(getRunningLoop().time().plus(millis(10)));
                await(sleep(millis(5)));
                inside.unschedule();
                assertThat(inside.when()).isEmpty();
                await(sleep(HOUR));
                inside.cancel();
                assertThatThrownBy(inside::unschedule).isInstanceOf(IllegalStateException.class);
            }));
            assertThatThrownBy(scope::unschedule).hasMessageContaining("finished");
        });
    }

    @Test
    void extend_countsFromNow_andSaysIfItIsTooLate() {
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            Duration start = loop.time();
            CancelScope scope = CancelScope.after(millis(10));
            assertThatThrownBy(() -> scope.extend(millis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has not been entered");
            await(scope.run(inside -> {
                for (int i = 0; i < 5; i++) {
                    await(sleep(millis(9)));
                    assertThat(inside.extend(millis(10))).isTrue();
                }
                assertThatThrownBy(() -> await(sleep(HOUR))).isInstanceOf(CancelledError.class);
                assertThat(inside.extend(HOUR)).isFalse();
                assertThatThrownBy(() -> await(sleep(HOUR))).isInstanceOf(CancelledError.class);
            }));
            assertThat(loop.time().minus(start)).isEqualTo(millis(55));
            assertThat(scope.cancelledCaught()).isFalse(); // the body came to its end
            assertThatThrownBy(() -> scope.extend(millis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("finished");
        });
    }

    @Test
    void currentDeadline_isTheEarliestAroundUpToAShield() {
        InVirtualTime.run(() -> {
            Duration start = getRunningLoop().time();
            assertThat(currentDeadline()).isEmpty();
            await(timeout(millis(50), () -> {
                await(moveOnAfter(millis(80), () -> {
                    assertThat(currentDeadline()).contains(start.plus(millis(50)));
                    await(moveOnAfter(
                            millis(20), () -> assertThat(currentDeadline()).contains(start.plus(millis(20)))));
                    await(shielded(
                            millis(70), () -> assertThat(currentDeadline()).contains(start.plus(millis(70)))));
                    CancelScope cancelled = CancelScope.create();
                    cancelled.cancel();
                    await(cancelled.run(inside -> {
                        assertThat(currentDeadline()).contains(getRunningLoop().time());
                    }));
                }));
            }));
        });
        assertThatThrownBy(() -> currentDeadline()).isInstanceOf(IllegalStateException.class);
    }

    // Shields

    @Test
    void shielded_outerScopeCancelled_reachesTheCodeAfterTheShield() {
        InVirtualTime.run(() -> {
            CancelScope outer = CancelScope.create();
            await(outer.run(o -> {
                outer.cancel();
                boolean ended = await(shielded(HOUR, () -> {
                    attempt("inside");
                    await(sleep(millis(5)));
                }));
                log.add("shield ended " + ended);
                attempt("outside");
            }));
        });
        assertThat(log).containsExactly("inside", "shield ended true", "outside cancelled");
    }

    @Test
    void shielded_taskCancelled_isDeliveredWhenTheShieldEnds() {
        InVirtualTime.run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(shielded(HOUR, () -> {
                    await(sleep(millis(5)));
                    log.add("cleaned up, cancelling " + currentCancelling());
                }));
                log.add("cancelling " + currentCancelling());
                await(sleep(HOUR));
            });
            turn();
            assertThat(task.cancel()).isTrue();
            assertThat(task.cancel()).isTrue();
            join(task);
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(log).containsExactly("cleaned up, cancelling 0", "cancelling 2");
    }

    private static int currentCancelling() {
        Task<?> task = currentTask();
        return task == null ? -1 : task.cancelling();
    }

    @Test
    void shielded_graceOver_endsTheCodeWithoutAnError() {
        InVirtualTime.run(() -> {
            Optional<String> result = await(shielded(millis(5), () -> {
                await(sleep(HOUR));
                return "late";
            }));
            assertThat(result).isEmpty();
        });
    }

    @Test
    void shielded_cleanUpInACancelledTask_runsToItsEnd() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            await(scope.run(inside -> {
                try {
                    inside.cancel();
                    turn();
                } finally {
                    attempt("unprotected");
                    await(shielded(HOUR, () -> attempt("protected")));
                }
            }));
        });
        assertThat(log).containsExactly("unprotected cancelled", "protected");
    }

    @Test
    void shield_timeoutInside_stillEndsItsCode() {
        InVirtualTime.run(() -> {
            boolean ended = await(shielded(HOUR, () -> {
                assertThatThrownBy(() -> await(timeout(millis(5), () -> await(sleep(HOUR)))))
                        .isInstanceOf(TimeoutException.class);
                log.add("timed out");
            }));
            assertThat(ended).isTrue();
        });
        assertThat(log).containsExactly("timed out");
    }

    @Test
    void shield_timeoutOutside_waitsForTheShield() {
        InVirtualTime.run(() -> {
            Duration start = getRunningLoop().time();
            assertThatThrownBy(() -> await(timeout(millis(5), () -> {
                        await(shielded(HOUR, () -> await(sleep(millis(30)))));
                        log.add("shield is over after "
                                + getRunningLoop().time().minus(start).toMillis());
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(TimeoutException.class);
        });
        assertThat(log).containsExactly("shield is over after 30");
    }

    @Test
    void shield_groupInside_stillEndsItsBodyWhenAChildFails() {
        InVirtualTime.run(() -> {
            await(shielded(HOUR, () -> {
                assertThatThrownBy(() -> await(taskGroup(group -> {
                            group.createTask(InVirtualTime.failing(new IllegalStateException("child")));
                            await(sleep(HOUR));
                        })))
                        .isInstanceOf(ExceptionGroup.class);
            }));
        });
    }

    @Test
    void shield_groupAround_waitsForTheShield() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        group.createTask(InVirtualTime.failing(new IllegalStateException("child")));
                        await(shielded(HOUR, () -> {
                            await(sleep(millis(3)));
                            log.add("shield is over");
                        }));
                        attempt("body");
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
        assertThat(log).containsExactly("shield is over", "body cancelled");
    }

    @Test
    void shield_switchedOff_deliversWhatItKeptBack() {
        InVirtualTime.run(() -> {
            CancelScope outer = CancelScope.create();
            await(outer.run(o -> {
                await(CancelScope.create().shield(true).run(inside -> {
                    outer.cancel();
                    attempt("on");
                    inside.shield(false);
                    attempt("off");
                }));
            }));
            Task<@Nullable Void> task = createTask(() -> {
                CancelScope shield = CancelScope.create().shield(true);
                await(shield.run(inside -> {
                    await(sleep(millis(5)));
                    inside.shield(false);
                    attempt("task");
                }));
            });
            turn();
            task.cancel();
            join(task);
        });
        assertThat(log).containsExactly("on", "off cancelled", "task cancelled");
    }

    // Mixed with asyncio's own cancellation

    @Test
    void mixed_taskCancelledInsideCancelledScope_passesThroughIt() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Task<Boolean> task = createTask(scope.run(inside -> {
                await(sleep(HOUR));
            }));
            turn();
            scope.cancel();
            task.cancel();
            join(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(scope.cancelledCaught()).isFalse();
        });
    }

    @Test
    void mixed_taskCancelThenScopeCancel_passesThroughIt() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Task<Boolean> task = createTask(scope.run(inside -> {
                await(sleep(HOUR));
            }));
            turn();
            task.cancel();
            scope.cancel();
            join(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(scope.cancelledCaught()).isFalse();
        });
    }

    @Test
    void mixed_uncancelInsideScope_scopeAbsorbsItsOwn() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            Task<Boolean> task = createTask(scope.run(inside -> {
                try {
                    await(sleep(HOUR));
                } catch (CancelledError e) {
                    Task<?> self = currentTask();
                    assertThat(self == null ? -1 : self.uncancel()).isZero();
                }
                inside.cancel();
                turn();
            }));
            turn();
            task.cancel();
            assertThat(await(task)).isFalse();
            assertThat(scope.cancelledCaught()).isTrue();
        });
    }

    @Test
    void mixed_timeoutExpiresInsideCancelledScope_scopeWins() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.after(millis(5));
            assertThat(await(scope.run(inside -> {
                        await(timeout(millis(5), () -> await(sleep(HOUR))));
                    })))
                    .isFalse();
            assertThat(scope.cancelledCaught()).isTrue();
            Task<?> self = currentTask();
            assertThat(self == null ? -1 : self.cancelling()).isZero();
            attempt("after");
        });
        assertThat(log).containsExactly("after");
    }

    @Test
    void mixed_scopeInsideExpiredTimeout_timeoutWins() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(timeout(millis(5), () -> {
                        await(moveOnAfter(millis(5), () -> await(sleep(HOUR))));
                        log.add("moved on");
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(TimeoutException.class);
            attempt("after");
        });
        assertThat(log).endsWith("after");
    }

    @Test
    void mixed_timeoutSwallowedInsideScope_scopeStillWorks() {
        InVirtualTime.run(() -> {
            boolean ended = await(moveOnAfter(millis(20), () -> {
                await(timeout(millis(5), () -> {
                    try {
                        await(sleep(HOUR));
                    } catch (CancelledError e) {
                        log.add("swallowed");
                    }
                }));
                await(sleep(HOUR));
            }));
            assertThat(ended).isFalse();
        });
        assertThat(log).containsExactly("swallowed");
    }

    // Task groups

    @Test
    void group_insideCancelledScope_childrenAreCancelledAgainAndAgain() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            await(scope.run(inside -> {
                await(taskGroup(group -> {
                    group.createTask(() -> {
                        attempt("child first");
                        attempt("child second");
                        attempt("child third");
                    });
                    turn();
                    inside.cancel();
                    await(sleep(HOUR));
                }));
            }));
            assertThat(scope.cancelledCaught()).isTrue();
        });
        assertThat(log).containsExactly("child first cancelled", "child second cancelled", "child third cancelled");
    }

    @Test
    void group_childOfGroupGivenAway_belongsToTheGroupsScope() {
        InVirtualTime.run(() -> {
            await(taskGroup(outer -> {
                boolean ended = await(moveOnAfter(millis(5), () -> {
                    outer.createTask(() -> {
                        await(sleep(millis(50)));
                        log.add("child of the outer group");
                    });
                    await(sleep(HOUR));
                }));
                assertThat(ended).isFalse();
            }));
        });
        assertThat(log).containsExactly("child of the outer group");
    }

    @Test
    void group_childShieldedBodyNot_onlyTheShieldedGoesOn() {
        InVirtualTime.run(() -> {
            boolean ended = await(moveOnAfter(millis(5), () -> {
                await(taskGroup(group -> {
                    group.createTask(() -> {
                        await(shielded(HOUR, () -> await(sleep(millis(30)))));
                        log.add("shielded");
                        attempt("after the shield");
                    });
                    await(sleep(HOUR));
                }));
            }));
            assertThat(ended).isFalse();
        });
        assertThat(log).containsExactly("shielded", "after the shield cancelled");
    }

    @Test
    void group_bodyShielded_childrenAreCancelledAtOnce() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            await(scope.run(inside -> {
                await(taskGroup(group -> {
                    Task<@Nullable Void> child = group.createTask(() -> await(sleep(HOUR)));
                    await(shielded(HOUR, () -> {
                        turn();
                        inside.cancel();
                        join(child);
                        log.add("child cancelled " + child.isCancelled());
                    }));
                }));
            }));
        });
        assertThat(log).containsExactly("child cancelled true");
    }

    @Test
    void group_deep_allAreCancelled() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.after(millis(5));
            await(scope.run(inside -> {
                nest(200);
            }));
            assertThat(scope.cancelledCaught()).isTrue();
        });
    }

    private static void nest(int depth) {
        await(taskGroup(group -> {
            if (depth > 0) {
                group.createTask(() -> nest(depth - 1));
            }
            await(sleep(HOUR));
        }));
    }

    // Misuse

    @Test
    void run_twice_isRefused() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create();
            await(scope.run(inside -> {}));
            assertThatThrownBy(() -> await(scope.run(inside -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("CancelScope has already been entered");
        });
    }

    @Test
    void emit_insideAScopeOfTheGenerator_isRefused() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> numbers = generator(out -> {
                await(moveOnAfter(HOUR, () -> out.emit(1)));
            });
            assertThatThrownBy(() -> await(numbers.anext()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("AS105");
            AsyncGenerator<Integer> others = generator(out -> {
                await(moveOnAfter(HOUR, () -> turn()));
                out.emit(2);
            });
            await(timeout(HOUR, () -> {
                assertThat(await(others.anext())).contains(2);
            }));
            assertThat(await(others.anext())).isEmpty();
        });
    }

    @Test
    void toString_tellsTheState() {
        InVirtualTime.run(() -> {
            CancelScope scope = CancelScope.create().shield(true);
            assertThat(scope).hasToString("<CancelScope created shielded>");
            await(scope.run(inside -> {
                inside.cancel();
                assertThat(scope).hasToString("<CancelScope entered cancelled shielded>");
            }));
            assertThat(scope).hasToString("<CancelScope finished cancelled shielded>");
        });
    }

    // Sweeps

    @Test
    void sweep_scopeCancelledAtEachMoment_outerGoesOnAndNothingIsLeft() {
        CancelSweep.Scenario scenario = victim -> {
            CancelScope scope = CancelScope.create();
            int[] cleaned = {0};
            Task<@Nullable Void> task = createTask(() -> {
                boolean ended = await(scope.run(inside -> {
                    await(taskGroup(group -> {
                        for (int i = 0; i < 2; i++) {
                            group.createTask(() -> {
                                try {
                                    turn();
                                    await(sleep(millis(2)));
                                } finally {
                                    await(shielded(HOUR, () -> turn()));
                                    cleaned[0]++;
                                }
                            });
                        }
                        await(timeout(millis(5), () -> await(sleep(millis(1)))));
                        turn();
                    }));
                }));
                if (!scope.cancelCalled()) {
                    assertThat(ended).isTrue();
                }
                turn(); // outside of the scope, nothing is cancelled
            });
            victim.is(scope, task);
            join(task);
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.exception()).isNull();
            assertThat(task.cancelling()).isZero();
            if (!scope.cancelCalled()) {
                assertThat(cleaned[0]).isEqualTo(2);
            }
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    @Test
    void sweep_taskCancelledAtEachMoment_scopesNeverAbsorbIt() {
        CancelSweep.Scenario scenario = victim -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(moveOnAfter(millis(3), () -> {
                    await(moveOnAfter(millis(1), () -> await(sleep(millis(2)))));
                    await(shielded(HOUR, () -> await(sleep(millis(1)))));
                    await(sleep(millis(5)));
                }));
                turn();
            });
            victim.is(task);
            join(task);
            assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }
}
