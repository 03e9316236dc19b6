package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelReason;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Cancelling tasks: where it lands, what it counts, how it ends.
class TaskCancelTest extends LoopFixture {
    private static Task<?> self() {
        return Objects.requireNonNull(currentTask());
    }

    private static void assertCancelled(Task<?> task) {
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(task.isCancelled()).isTrue();
    }

    @Test
    @Spec({"TASK-3", "F-TASK-1"})
    void cancel_beforeTheFirstStep_bodyIsNeverEntered() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                try {
                    note("body");
                } finally {
                    note("finally");
                }
            });
            assertThat(task.cancel()).isTrue();
            assertCancelled(task);
        });

        assertThat(notes).isEmpty();
    }

    @Test
    @Spec({"TASK-2", "TASK-3"})
    void cancel_suspended_errorComesOutOfTheAwaitAndTheFutureIsCancelled() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> task = createTask(() -> {
                try {
                    return await(future);
                } catch (CancelledError e) {
                    note("at the await");
                    throw e;
                }
            });
            turn();
            assertThat(task.cancel()).isTrue();
            assertThat(task.isCancelled()).isFalse(); // until it has unwound
            assertThat(future.isCancelled()).isTrue();
            assertCancelled(task);
        });

        assertThat(notes).containsExactly("at the await");
    }

    @Test
    @Spec("TASK-3")
    void cancel_valueAlreadyOnItsWay_errorReplacesTheValue() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<@Nullable Void> task = createTask(() -> note("got " + await(future)));
            turn();
            future.setResult("value");
            assertThat(task.cancel()).isTrue();
            assertCancelled(task);
        });

        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("TASK-3")
    void cancel_failureAlreadyOnItsWay_errorReplacesItAndItCountsAsSeen() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> task = createTask(() -> await(future));
            turn();
            future.setException(new IllegalStateException("replaced"));
            task.cancel();
            assertCancelled(task);
        });

        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec({"TASK-2", "F-TASK-3"})
    void cancel_twiceInOneTick_oneErrorAndACountOfTwo() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                try {
                    await(sleep(SECOND));
                } catch (CancelledError e) {
                    note("caught, cancelling " + self().cancelling());
                }
                await(sleep(SECOND)); // nothing more is delivered
                note("slept");
                note("left " + self().uncancel() + self().uncancel() + self().uncancel());
            });
            turn();
            assertThat(task.cancel()).isTrue();
            assertThat(task.cancel()).isTrue();
            await(task);
            assertThat(task.isCancelled()).isFalse();
        });

        // The second request found the future cancelled: one error carries both.
        assertThat(notes).containsExactly("caught, cancelling 2", "slept", "left 100");
    }

    @Test
    @Spec({"TASK-5", "F-TASK-4"})
    void uncancel_afterTheFutureWasCancelled_theErrorArrivesAllTheSame() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                try {
                    await(sleep(SECOND));
                } catch (CancelledError e) {
                    note("caught, cancelling " + self().cancelling());
                    throw e;
                }
            });
            turn();
            task.cancel();
            assertThat(task.uncancel()).isZero();
            assertCancelled(task);
        });

        assertThat(notes).containsExactly("caught, cancelling 0");
    }

    @Test
    @Spec("TASK-5")
    void uncancel_toZeroBeforeTheDelivery_takesTheRequestBack() {
        runMain(() -> {
            Task<String> task = createTask(() -> {
                self().cancel();
                assertThat(self().uncancel()).isZero();
                turn();
                return "not cancelled";
            });
            assertThat(await(task)).isEqualTo("not cancelled");

            Task<String> notBegun = createTask(() -> "begun after all");
            notBegun.cancel();
            notBegun.uncancel();
            assertThat(await(notBegun)).isEqualTo("begun after all");
        });
    }

    @Test
    @Spec("TASK-5")
    void uncancel_withoutARequest_staysZero() {
        runMain(() -> {
            assertThat(self().uncancel()).isZero();
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TASK-4", "F-TASK-6"})
    void cancel_swallowed_taskEndsWithItsResultAndTheCountStays() {
        runMain(() -> {
            Task<Integer> task = createTask(() -> {
                try {
                    await(sleep(SECOND));
                } catch (CancelledError e) {
                    return 42;
                }
                return 0;
            });
            turn();
            task.cancel();
            assertThat(await(task)).isEqualTo(42);
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.cancelling()).isEqualTo(1);
        });
    }

    @Test
    @Spec("TASK-4")
    void cancel_anotherExceptionInstead_thatIsTheOutcome() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                try {
                    await(sleep(SECOND));
                } catch (CancelledError e) {
                    throw new IllegalArgumentException("instead", e);
                }
            });
            turn();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(IllegalArgumentException.class);
            assertThat(task.isCancelled()).isFalse();
        });
    }

    @Test
    @Spec({"TASK-3", "F-TASK-7"})
    void cancelItself_deliveredAtTheNextSuspensionOrAtTheEnd() {
        runMain(() -> {
            Task<@Nullable Void> suspending = createTask(() -> {
                self().cancel();
                note("goes on");
                turn();
                note("never");
            });
            assertCancelled(suspending);
            Task<String> returning = createTask(() -> {
                self().cancel();
                return "lost";
            });
            assertCancelled(returning);
            Task<String> failing = createTask(() -> {
                self().cancel();
                throw new IllegalArgumentException("wins");
            });
            assertThatThrownBy(() -> await(failing)).isInstanceOf(IllegalArgumentException.class);
            assertThat(failing.isCancelled()).isFalse();
        });

        assertThat(notes).containsExactly("goes on");
    }

    @Test
    @Spec("TASK-3")
    void cancelItself_thenAwaitAFuture_theFutureIsCancelled() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            Task<String> task = createTask(() -> {
                self().cancel("by itself");
                return await(future);
            });
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("by itself");
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("TASK-3")
    void cancel_awaitingAnotherTask_propagatesIntoItAndCountsThereToo() {
        runMain(() -> {
            Task<@Nullable Void> inner = createTask(() -> {
                try {
                    await(sleep(SECOND));
                } finally {
                    note("inner cancelling " + self().cancelling());
                }
            });
            Task<@Nullable Void> outer = createTask(() -> {
                await(inner);
            });
            turn();
            outer.cancel();
            assertCancelled(outer);
            assertThat(inner.isCancelled()).isTrue();
        });

        assertThat(notes).containsExactly("inner cancelling 1");
    }

    @Test
    @Spec({"TASK-3", "F-TASK-9"})
    void cancel_awaitingWaitOrShield_innerTaskGoesOn() {
        runMain(() -> {
            Task<String> inner = createTask(sleep(SECOND, "inner"));
            Task<@Nullable Void> waiting = createTask(() -> {
                await(waitUntil(List.of(inner), ReturnWhen.ALL_COMPLETED));
            });
            Task<String> shielding = createTask(() -> await(shield(inner)));
            turn();
            waiting.cancel();
            shielding.cancel();
            assertCancelled(waiting);
            assertCancelled(shielding);
            assertThat(inner.isDone()).isFalse();
            assertThat(await(inner)).isEqualTo("inner");
            assertThat(inner.cancelling()).isZero();
        });
    }

    @Test
    @Spec("F-TASK-10")
    void cancelMessage_throughAChainOfTasks_reachesTheOutermost() {
        runMain(() -> {
            Task<@Nullable Void> inner = createTask(() -> {
                await(sleep(SECOND));
            });
            Task<@Nullable Void> middle = createTask(() -> {
                await(inner);
            });
            Task<@Nullable Void> outer = createTask(() -> {
                await(middle);
            });
            turns(2);
            inner.cancel("the words");
            assertThatThrownBy(() -> await(outer))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("the words");
        });
    }

    @Test
    @Spec("F-TASK-10")
    void cancelMessage_twoBeforeTheDelivery_theFirstArrives() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(sleep(SECOND));
            });
            turn();
            task.cancel("m1");
            task.cancel("m2");
            assertThatThrownBy(() -> await(task)).hasMessage("m1");

            Task<@Nullable Void> without = createTask(() -> {
                await(sleep(SECOND));
            });
            turn();
            without.cancel();
            assertThatThrownBy(() -> await(without))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage(null);
        });
    }

    @Test
    @Spec("F-TASK-10")
    void cancelReason_saysWhoAsked() {
        runMain(() -> {
            self().setName("the boss");
            Task<@Nullable Void> task = createTask(() -> {
                await(sleep(SECOND));
            });
            turn();
            task.cancel("enough");
            assertThatThrownBy(() -> await(task))
                    .isInstanceOfSatisfying(
                            CancelledError.class,
                            error -> assertThat(error.reason())
                                    .isNotNull()
                                    .extracting(CancelReason::by)
                                    .isEqualTo("task the boss"));
        });
    }

    @Test
    @Spec({"TASK-4", "F-TASK-13"})
    void cancelledErrorOfItsOwn_taskIsCancelledWithoutARequest() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                throw new CancelledError("own");
            });
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("own");
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TASK-2", "F-TASK-11"})
    void cancel_trueUntilTheTaskIsDone() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    try {
                        await(sleep(SECOND));
                    } catch (CancelledError e) {
                        note("refused " + i);
                    }
                }
            });
            turn();
            for (int i = 0; i < 3; i++) {
                assertThat(task.cancel()).isTrue();
                turn();
            }
            await(task);
            assertThat(task.cancel()).isFalse();
            assertThat(task.cancelling()).isEqualTo(3);
        });

        assertThat(notes).containsExactly("refused 0", "refused 1", "refused 2");
    }

    @Test
    @Spec("TASK-2")
    void cancel_inSleepZero_deliveredThere() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                turn();
                note("never");
            });
            turn();
            task.cancel();
            assertCancelled(task);
        });

        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("TASK-4")
    void cancel_cleanUpAwaits_finishesBeforeTheTaskIsCancelled() {
        runMain(() -> {
            Task<@Nullable Void> task = createTask(async(() -> {
                try {
                    await(sleep(SECOND));
                } finally {
                    await(sleep(SECOND));
                    note("cleaned up");
                }
            }));
            turn();
            task.cancel();
            assertCancelled(task);
        });

        assertThat(notes).containsExactly("cleaned up");
        assertThat(time.now()).isEqualTo(SECOND);
    }
}
