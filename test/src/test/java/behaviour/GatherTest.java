package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.gatherOutcomes;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Outcome;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatherTest {
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

    @Test
    @Spec("W-1")
    void gather_resultsAreInTheOrderOfTheArguments() {
        InVirtualTime.run(() -> {
            assertThat(await(gather(sleep(millis(3), "a"), sleep(millis(1), "b"), sleep(millis(2), "c"))))
                    .containsExactly("a", "b", "c");
        });
    }

    @Test
    @Spec("W-1")
    void gather_duplicates_runOnceAndTheirResultIsRepeated() {
        InVirtualTime.run(() -> {
            Coroutine<Integer> coroutine = async(() -> {
                log.add("run");
                return 7;
            });
            assertThat(await(gather(coroutine, coroutine))).containsExactly(7, 7);
            assertThat(log).containsExactly("run");
        });
    }

    @Test
    @Spec("W-1")
    void gather_nothing_isDoneAtOnce() {
        InVirtualTime.run(() -> {
            Future<List<Integer>> empty = gather(List.<Future<Integer>>of());
            assertThat(empty.isDone()).isTrue();
            assertThat(empty.result()).isEmpty();
        });
    }

    @Test
    @Spec("W-1")
    void gather_allChildrenDoneEagerly_isDoneAtOnce() {
        InVirtualTime.run(() -> {
            getRunningLoop().setTaskFactory(TaskFactory.eager());
            Future<List<Integer>> both = gather(async(() -> 1), async(() -> 2));
            assertThat(both.isDone()).isTrue();
            assertThat(await(both)).containsExactly(1, 2);
        });
    }

    @Test
    @Spec("W-1")
    void gather_futureOfAnotherLoop_refused() {
        try (EventLoop other = EventLoop.create()) {
            Future<Integer> foreign = other.createFuture();
            InVirtualTime.run(() -> {
                assertThatThrownBy(() -> gather(foreign))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("AS202");
            });
        }
    }

    @Test
    @Spec({"W-1", "F-W-2"})
    void gather_firstFailure_comesOutAtOnceAndTheOthersGoOn() {
        InVirtualTime.run(
                () -> { // fails if the second failure is reported
                    Task<Integer> sibling = createTask(() -> await(sleep(millis(10), 7)));
                    assertThatThrownBy(
                                    () -> await(gather(failing(failureA), sibling, failingAfter(millis(5), failureB))))
                            .isSameAs(failureA);
                    assertThat(sibling.isDone()).isFalse();
                    assertThat(await(sibling)).isEqualTo(7);
                });
    }

    @Test
    @Spec("W-1")
    void gatherOutcomes_failuresAndCancellations_areOutcomes() {
        InVirtualTime.run(() -> {
            Task<Integer> cancelled = createTask(() -> await(sleep(HOUR, 1)));
            cancelled.cancel();
            Coroutine<Integer> failing = async(() -> {
                await(failing(failureA));
                return 1;
            });
            List<Outcome<Integer>> outcomes = await(gatherOutcomes(List.of(failing, async(() -> 2), cancelled)));
            assertThat(outcomes.get(0).exception()).isSameAs(failureA);
            assertThat(outcomes.get(1).isSuccess()).isTrue();
            assertThat(outcomes.get(1).get()).isEqualTo(2);
            assertThat(outcomes.get(2).exception()).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    @Spec({"W-1", "F-W-4"})
    void gather_childCancelled_isAFailureAndNotACancellationOfTheWhole() {
        InVirtualTime.run(() -> {
            Task<Integer> child = createTask(() -> await(sleep(HOUR, 1)));
            Task<Integer> sibling = createTask(() -> await(sleep(millis(5), 2)));
            Future<List<Integer>> whole = gather(child, sibling);
            await(sleep(millis(1)));
            child.cancel();
            assertThatThrownBy(() -> await(whole)).isInstanceOf(CancelledError.class);
            assertThat(whole.isCancelled()).isFalse();
            assertThat(await(sibling)).isEqualTo(2);
        });
    }

    @Test
    @Spec("F-W-5")
    void cancel_whenAllChildrenAreDone_isRefusedAndTheResultsArrive() {
        InVirtualTime.run(() -> {
            Future<Integer> a = getRunningLoop().createFuture();
            Future<Integer> b = getRunningLoop().createFuture();
            Future<List<Integer>> whole = gather(a, b);
            a.setResult(1);
            b.setResult(2);
            assertThat(whole.isDone()).isFalse();
            assertThat(whole.cancel()).isFalse();
            assertThat(await(whole)).containsExactly(1, 2);
            assertThat(whole.cancel()).isFalse();
        });
    }

    @Test
    @Spec("W-1")
    void cancel_gather_comesOutWhenTheFirstChildHasEnded() {
        InVirtualTime.run(() -> {
            Task<Integer> slow = createTask(slowToEnd("slow", 50));
            Task<Integer> quick = createTask(slowToEnd("quick", 1));
            Task<?> waiter = createTask(() -> {
                await(gather(slow, quick));
            });
            await(sleep(millis(1)));
            waiter.cancel();
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("quick ended");
            assertThat(slow.isDone()).isFalse();
            assertThatThrownBy(() -> await(slow)).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    @Spec("W-1")
    void cancel_gatherOutcomes_comesOutWhenAllChildrenHaveEnded() {
        InVirtualTime.run(() -> {
            Task<Integer> slow = createTask(slowToEnd("slow", 50));
            Task<Integer> quick = createTask(slowToEnd("quick", 1));
            Task<?> waiter = createTask(() -> {
                await(gatherOutcomes(List.of(slow, quick)));
            });
            await(sleep(millis(1)));
            waiter.cancel();
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("quick ended", "slow ended");
        });
    }

    @Test
    @Spec("W-1")
    void cancel_gatherWhoseChildrenSwallowIt_isACancellationAllTheSame() {
        InVirtualTime.run(() -> {
            Task<Integer> stubborn = createTask(() -> {
                try {
                    return await(sleep(HOUR, 1));
                } catch (CancelledError e) {
                    return 2;
                }
            });
            Future<List<Integer>> whole = gather(stubborn);
            await(sleep(millis(1)));
            assertThat(whole.cancel()).isTrue();
            assertThatThrownBy(() -> await(whole)).isInstanceOf(CancelledError.class);
            assertThat(await(stubborn)).isEqualTo(2);
        });
    }

    @Test
    @Spec("WRN-1")
    void gather_failedAndNotAwaited_isReported() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            gather(failing(failureA)).addDoneCallback(done -> log.add("done"));
            await(sleep(millis(1)));
        });
        assertThat(log).containsExactly("done");
        assertThat(logger.messagesWith("was never retrieved")).hasSize(1);
        assertThat(logger.messagesWith("AS102")).hasSize(1);
    }
}
