package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Barrier;
import asyncio.sync.BrokenBarrierException;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@Spec({"SYNC-5", "F-S-10"})
class BarrierTest {
    private static void turns(int count) {
        for (int i = 0; i < count; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    private static List<Task<Integer>> arrivals(Barrier barrier, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> createTask(barrier.arrive()))
                .toList();
    }

    private static void join(List<Task<Integer>> tasks) {
        await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
    }

    private static List<Integer> results(List<Task<Integer>> tasks) {
        join(tasks);
        return tasks.stream().map(Task::result).toList();
    }

    private static void assertBroken(List<Task<Integer>> tasks) {
        join(tasks);
        assertThat(tasks).allSatisfy(task -> assertThat(task.exception()).isInstanceOf(BrokenBarrierException.class));
    }

    @Test
    void parties_lessThanOne_isRefused() {
        assertThatThrownBy(() -> new Barrier(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("parties must be >= 1: got 0");
    }

    @Test
    void arrive_aloneAtABarrierForOne_doesNotSuspend() {
        run(() -> {
            Barrier barrier = new Barrier(1);
            Task<?> other = createTask(() -> {});
            assertThat(await(barrier.arrive())).isZero();
            assertThat(await(barrier.arrive())).isZero();
            assertThat(other.isDone()).isFalse();
            turns(1);
        });
    }

    @Test
    void arrive_all_indexesInTheOrderOfArrival() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            assertThat(barrier.parties()).isEqualTo(3);
            List<Task<Integer>> tasks = arrivals(barrier, 2);
            turns(1);
            assertThat(barrier.waitingCount()).isEqualTo(2);
            assertThat(barrier).hasToString("<Barrier filling, waiters:2/3>");
            assertThat(await(barrier.arrive())).isEqualTo(2);
            assertThat(barrier.waitingCount()).as("draining").isZero();
            assertThat(barrier).hasToString("<Barrier draining, waiters:0/3>");
            assertThat(results(tasks)).containsExactly(0, 1);
            assertThat(barrier).hasToString("<Barrier filling, waiters:0/3>");
        });
    }

    @Test
    void arrive_whileItDrains_waitsForTheNextRound() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> first = arrivals(barrier, 2);
            turns(1);
            await(barrier.arrive());
            Task<Integer> fourth = createTask(barrier.arrive());
            List<Task<Integer>> more = arrivals(barrier, 2);
            assertThat(results(first)).containsExactly(0, 1);
            assertThat(await(fourth)).isZero();
            assertThat(results(more)).containsExactly(1, 2);
        });
    }

    @Test
    void arrive_manyMoreThanARound_goThroughInOrder() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> tasks = arrivals(barrier, 12);
            assertThat(results(tasks)).containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2);
            assertThat(barrier.waitingCount()).isZero();
        });
    }

    @Test
    void arrive_behindOneWhoIsBeingLetIn_doesNotOvertakeAndIsLetInNext() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> round = arrivals(barrier, 2);
            turns(1);
            Task<Integer> early = createTask(barrier.arrive());
            await(barrier.arrive());
            Task<Integer> late = createTask(barrier.arrive()); // runs when the early one was woken
            turns(4);
            assertThat(results(round)).containsExactly(0, 1);
            assertThat(barrier.waitingCount()).isEqualTo(2);
            assertThat(await(barrier.arrive())).isEqualTo(2);
            assertThat(results(List.of(early, late))).containsExactly(0, 1);
        });
    }

    @Test
    void cancel_oneWhoWaits_leavesAndIsReplaced() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> tasks = arrivals(barrier, 2);
            turns(1);
            tasks.getFirst().cancel();
            turns(1);
            assertThat(tasks.getFirst().isCancelled()).isTrue();
            assertThat(barrier.waitingCount()).isEqualTo(1);
            assertThat(barrier.isBroken()).isFalse();
            List<Task<Integer>> more = arrivals(barrier, 2);
            assertThat(results(more)).containsExactly(1, 2);
            assertThat(await(tasks.getLast())).as("always a permutation").isZero();
        });
    }

    @Test
    void cancel_whileItDrains_othersKeepTheirIndexes() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> tasks = arrivals(barrier, 2);
            turns(1);
            assertThat(await(barrier.arrive())).isEqualTo(2);
            tasks.getFirst().cancel();
            join(tasks);
            assertThat(tasks.getFirst().isCancelled()).isTrue();
            assertThat(tasks.getLast().result()).isEqualTo(1);
            assertThat(results(arrivals(barrier, 3))).containsExactly(0, 1, 2);
        });
    }

    @Test
    void reset_whoWaitsFails_barrierIsUsable() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> tasks = arrivals(barrier, 2);
            turns(1);
            barrier.reset();
            assertThat(barrier).hasToString("<Barrier resetting, waiters:0/3>");
            List<Task<Integer>> next = arrivals(barrier, 3);
            assertBroken(tasks);
            assertThat(barrier.isBroken()).isFalse();
            assertThat(results(next)).containsExactly(0, 1, 2);
            barrier.reset(); // nobody there
            assertThat(barrier).hasToString("<Barrier filling, waiters:0/3>");
        });
    }

    @Test
    void reset_whileItDrains_whoHasNotLeftFails() {
        run(() -> {
            Barrier barrier = new Barrier(2);
            List<Task<Integer>> tasks = arrivals(barrier, 1);
            turns(1);
            assertThat(await(barrier.arrive())).isEqualTo(1);
            barrier.reset();
            assertBroken(tasks);
            assertThat(results(arrivals(barrier, 2))).containsExactly(0, 1);
        });
    }

    @Test
    void abort_everybodyFailsUntilReset() {
        run(() -> {
            Barrier barrier = new Barrier(3);
            List<Task<Integer>> tasks = arrivals(barrier, 2);
            turns(1);
            barrier.abort();
            assertThat(barrier.isBroken()).isTrue();
            assertThat(barrier).hasToString("<Barrier broken>");
            assertBroken(tasks);
            assertThatThrownBy(() -> await(barrier.arrive()))
                    .isInstanceOf(BrokenBarrierException.class)
                    .hasMessageContaining("reset() makes it usable again");
            barrier.reset();
            assertThat(results(arrivals(barrier, 3))).containsExactly(0, 1, 2);
        });
    }

    @Test
    void abort_whileItDrains_whoIsOutsideFailsToo() {
        run(() -> {
            Barrier barrier = new Barrier(2);
            List<Task<Integer>> tasks = arrivals(barrier, 1);
            turns(1);
            await(barrier.arrive());
            Task<?> aborting = createTask(barrier::abort);
            List<Task<Integer>> outside = new ArrayList<>();
            outside.add(createTask(barrier.arrive()));
            assertThat(results(tasks)).containsExactly(0);
            assertBroken(outside);
            await(aborting);
        });
    }

    @Test
    void reset_rightAfterAbort_whoWaitedStillFails() {
        run(() -> {
            Barrier barrier = new Barrier(2);
            List<Task<Integer>> tasks = arrivals(barrier, 1);
            turns(1);
            barrier.abort();
            barrier.reset();
            List<Task<Integer>> next = arrivals(barrier, 2);
            assertBroken(tasks);
            assertThat(results(next)).containsExactly(0, 1);
        });
    }

    @Test
    @Spec("F-S-4")
    void arrive_onAnotherLoop_isRefused() {
        Barrier barrier = new Barrier(2);
        run(() -> {
            assertThat(results(arrivals(barrier, 2))).containsExactly(0, 1);
        });
        try (EventLoop other = EventLoop.create()) {
            assertThatThrownBy(() -> other.runUntilComplete(barrier.arrive()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is bound to a different event loop");
        }
        assertThat(barrier.waitingCount()).isZero();
    }
}
