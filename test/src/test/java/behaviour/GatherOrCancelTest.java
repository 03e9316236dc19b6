package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gatherOrCancel;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.CancelSweep;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@Spec("W-1")
class GatherOrCancelTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private final IllegalArgumentException failureA = new IllegalArgumentException("a");
    private final IllegalStateException failureB = new IllegalStateException("b");
    private final List<String> log = new ArrayList<>();

    /// Sleeps for an hour, and takes its time to clean up when it is cancelled.
    private Coroutine<Integer> slowToEnd(String name, long cleanUpMillis) {
        return async(() -> {
            try {
                return await(sleep(HOUR, 1));
            } finally {
                await(sleep(millis(cleanUpMillis)));
                log.add(name + " ended");
            }
        });
    }

    private static Coroutine<Integer> failingToCleanUp(RuntimeException failure) {
        return async(() -> {
            try {
                return await(sleep(HOUR, 1));
            } catch (CancelledError e) {
                await(sleep(millis(1)));
                throw failure;
            }
        });
    }

    @Test
    void gatherOrCancel_allSucceed_resultsAreInTheOrderOfTheArguments() {
        InVirtualTime.run(() -> {
            assertThat(await(gatherOrCancel(sleep(millis(3), "a"), sleep(millis(1), "b"))))
                    .containsExactly("a", "b");
            assertThat(await(gatherOrCancel(List.<Future<Integer>>of()))).isEmpty();
        });
    }

    @Test
    void gatherOrCancel_failure_cancelsTheOthersAndWaitsForThem() {
        InVirtualTime.run(() -> {
            Task<Integer> sibling = createTask(slowToEnd("sibling", 5));
            await(sleep(millis(1)));
            assertThatThrownBy(() -> await(gatherOrCancel(failingAfter(millis(1), failureA), sibling)))
                    .isSameAs(failureA);
            assertThat(log).containsExactly("sibling ended");
            assertThat(sibling.isCancelled()).isTrue();
            assertThatThrownBy(() -> await(sibling))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("another one failed");
        });
    }

    @Test
    void gatherOrCancel_oneHasFailedAlready_cancelsTheOthers() {
        InVirtualTime.run(() -> {
            Future<Integer> failed = getRunningLoop().createFuture();
            failed.setException(failureA);
            Task<Integer> sibling = createTask(sleep(HOUR, 1));
            assertThatThrownBy(() -> await(gatherOrCancel(failed, sibling))).isSameAs(failureA);
            assertThat(sibling.isCancelled()).isTrue();
        });
    }

    @Test
    void gatherOrCancel_otherFailsToCleanUp_isSuppressedInTheFirst() {
        InVirtualTime.run(() -> {
            Throwable thrown = catchThrowable(
                    () -> await(gatherOrCancel(failingToCleanUp(failureB), failingAfter(millis(1), failureA))));
            assertThat(thrown).isSameAs(failureA);
            assertThat(thrown.getSuppressed()).containsExactly(failureB);
        });
    }

    @Test
    void gatherOrCancel_sameFailureTwice_isNotSuppressedInItself() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(gatherOrCancel(failing(failureA), failing(failureA))))
                    .isSameAs(failureA);
            assertThat(failureA.getSuppressed()).isEmpty();
        });
    }

    @Test
    @Spec("F-W-4")
    void gatherOrCancel_childCancelled_cancelsTheOthersAndIsThrown() {
        InVirtualTime.run(() -> {
            Task<Integer> child = createTask(sleep(HOUR, 1));
            Task<Integer> sibling = createTask(slowToEnd("sibling", 5));
            Future<List<Integer>> whole = gatherOrCancel(child, sibling);
            await(sleep(millis(1)));
            child.cancel("why");
            assertThatThrownBy(() -> await(whole))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("why");
            assertThat(whole.isCancelled()).isFalse();
            assertThat(log).containsExactly("sibling ended");
        });
    }

    @Test
    void gatherOrCancel_childCancelledAndOtherFailsToCleanUp_theFailureIsThrown() {
        InVirtualTime.run(() -> {
            Task<Integer> child = createTask(sleep(HOUR, 1));
            Future<List<Integer>> whole = gatherOrCancel(child, failingToCleanUp(failureB));
            await(sleep(millis(1)));
            child.cancel();
            assertThatThrownBy(() -> await(whole)).isSameAs(failureB);
        });
    }

    @Test
    void cancel_gatherOrCancel_comesOutWhenAllHaveEnded() {
        InVirtualTime.run(() -> {
            Task<?> waiter = createTask(() -> {
                await(gatherOrCancel(slowToEnd("slow", 50), slowToEnd("quick", 1)));
            });
            await(sleep(millis(1)));
            waiter.cancel("why");
            assertThatThrownBy(() -> await(waiter))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("why");
            assertThat(log).containsExactly("quick ended", "slow ended");
        });
    }

    @Test
    void cancel_whileTheOthersCleanUp_comesOutWithTheFailureSuppressed() {
        InVirtualTime.run(() -> {
            Task<?> waiter = createTask(() -> {
                await(gatherOrCancel(failingAfter(millis(1), failureA), stubborn(10)));
            });
            await(sleep(millis(5)));
            waiter.cancel("why");
            Throwable thrown = catchThrowable(() -> await(waiter));
            assertThat(thrown).isInstanceOf(CancelledError.class).hasMessage("why");
            assertThat(thrown.getSuppressed()).containsExactly(failureA);
            assertThat(log).containsExactly("stubborn ended");
        });
    }

    /// Takes that long to end, however often it is cancelled.
    private Coroutine<Integer> stubborn(long millis) {
        return async(() -> {
            Duration end = getRunningLoop().time().plus(millis(millis));
            Task<Integer> rest = createTask(async(() -> {
                while (getRunningLoop().time().compareTo(end) < 0) {
                    await(sleep(millis(1)));
                }
                return 1;
            }));
            for (int attempt = 0; attempt < 3 && !rest.isDone(); attempt++) {
                try {
                    await(asyncio.Asyncio.shield(rest));
                } catch (CancelledError e) {
                    log.add("asked"); // a few times only
                }
            }
            log.clear();
            log.add("stubborn ended");
            return 1;
        });
    }

    @Test
    void gatherOrCancel_waiterCancelledAnywhere_everyChildHasEndedWhenItComesOut() {
        CancelSweep.Scenario scenario = victim -> {
            int[] alive = {0};
            List<Task<Integer>> children = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int value = i;
                children.add(createTask(async(() -> {
                    alive[0]++;
                    try {
                        await(sleep(millis(value)));
                        if (value == 1) {
                            throw failureA;
                        }
                        return value;
                    } finally {
                        try {
                            await(sleep(Duration.ZERO)); // may be cancelled itself
                        } finally {
                            alive[0]--;
                        }
                    }
                })));
            }
            await(sleep(Duration.ZERO));
            Task<?> waiter = victim.is(createTask(() -> {
                await(sleep(Duration.ZERO));
                try {
                    await(gatherOrCancel(children));
                } finally {
                    assertThat(alive[0]).as("children that outlive the wait").isZero();
                }
            }));
            InVirtualTime.join(waiter);
            assertThat(waiter.isCancelled()).isEqualTo(victim.wasCancelled());
            if (!victim.wasCancelled()) {
                assertThat(waiter.exception()).isSameAs(failureA);
            }
            children.forEach(InVirtualTime::join); // if the victim never got so far
            if (!children.get(1).isCancelled()) {
                children.get(1).exception();
            }
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }
}
