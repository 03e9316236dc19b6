package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Semaphore;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the two kinds of semaphore have in common, and what not; and the counts of who waits.
@Spec("SYNC-4")
class SemaphoresTest {
    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void release_tooOften_isRefusedByTheBoundedOne() {
        run(() -> {
            BoundedSemaphore bounded = new BoundedSemaphore(2);
            assertThatThrownBy(bounded::release)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("<BoundedSemaphore unlocked, value:2> released too many times: all 2 permits are there;"
                            + " release once for each acquire");
            await(bounded.acquire());
            bounded.release();
            assertThatThrownBy(bounded::release).isInstanceOf(IllegalArgumentException.class);
            assertThat(bounded).hasToString("<BoundedSemaphore unlocked, value:2>");

            Semaphore unbounded = new Semaphore();
            unbounded.release();
            assertThat(unbounded).hasToString("<Semaphore unlocked, value:2>");
        });
    }

    @Test
    void permits_negative_areRefused() {
        assertThatThrownBy(() -> new BoundedSemaphore(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got -1");
    }

    @Test
    void release_onItsWayToAWaiter_countsAgainstTheBound() {
        run(() -> {
            BoundedSemaphore bounded = new BoundedSemaphore(1);
            await(bounded.acquire());
            Task<Boolean> waiter = createTask(bounded.acquire());
            turn();
            assertThat(bounded.waitingCount()).isEqualTo(1);
            bounded.release();
            assertThat(bounded.isLocked()).as("the permit is spoken for").isTrue();
            assertThatThrownBy(bounded::release).isInstanceOf(IllegalArgumentException.class);
            assertThat(await(waiter)).isTrue();
            assertThat(bounded.waitingCount()).isZero();
            bounded.release();
        });
    }

    @Test
    void cancel_wokenWaiter_wakesTheNext() {
        run(() -> {
            BoundedSemaphore bounded = new BoundedSemaphore(1);
            await(bounded.acquire());
            List<Task<Boolean>> waiters = List.of(createTask(bounded.acquire()), createTask(bounded.acquire()));
            turn();
            bounded.release();
            waiters.getFirst().cancel();
            await(waitUntil(waiters, ReturnWhen.ALL_COMPLETED));
            assertThat(waiters.getFirst().isCancelled()).isTrue();
            assertThat(waiters.getLast().result()).isTrue();
        });
    }

    @Test
    @Spec("SYNC-2")
    void waitingCount_ofAnEvent_countsWhoWaits() {
        run(() -> {
            Event event = new Event();
            List<Task<Boolean>> waiters = List.of(createTask(event.awaitSet()), createTask(event.awaitSet()));
            turn();
            assertThat(event.waitingCount()).isEqualTo(2);
            event.set();
            await(waitUntil(waiters, ReturnWhen.ALL_COMPLETED));
            assertThat(event.waitingCount()).isZero();
        });
    }

    @Test
    @Spec("F-S-4")
    void wait_onAnotherLoop_isRefusedOnlyIfContended() {
        Lock lock = new Lock();
        Event event = new Event();
        run(() -> {
            await(lock.acquire());
            List<Task<Boolean>> waiters = List.of(createTask(lock.acquire()), createTask(event.awaitSet()));
            turn();
            lock.release();
            event.set();
            await(waitUntil(waiters, ReturnWhen.ALL_COMPLETED));
            lock.release();
        });
        run(() -> {
            assertThat(await(lock.acquire())).as("uncontended").isTrue();
            assertThat(await(event.awaitSet())).as("set").isTrue();
            event.clear();
            assertThatThrownBy(() -> await(lock.acquire()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is bound to a different event loop");
            assertThatThrownBy(() -> await(event.awaitSet()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is bound to a different event loop");
            lock.release();
        });
    }
}
