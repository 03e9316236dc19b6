package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CapacityLimiter;
import asyncio.Held;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Lock;
import asyncio.sync.Semaphore;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `try (var held = await(lock.hold())) { ... }`, Python's `async with lock`.
class HeldTest {
    @Test
    @Spec("SYNC-1")
    void lock_isHeldInTheBlockAndFreeAfterIt() {
        run(() -> {
            Lock lock = new Lock();
            try (Held held = await(lock.hold())) {
                assertThat(lock.isLocked()).isTrue();
                assertThat(held).hasToString("<Held <Lock locked>>");
            }
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @Test
    void block_throws_isReleasedAndTheFailureComesOut() {
        run(() -> {
            Lock lock = new Lock();
            assertThatThrownBy(() -> failInside(lock))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasNoSuppressedExceptions();
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @SuppressWarnings("try") // the lock is held, not used
    private static void failInside(Lock lock) {
        try (var held = await(lock.hold())) {
            throw new IllegalArgumentException("inside");
        }
    }

    @Test
    void close_twice_releasesOnce() {
        run(() -> {
            Semaphore semaphore = new Semaphore(1);
            Held held = await(semaphore.hold());
            assertThat(semaphore.isLocked()).isTrue();
            held.close();
            held.close();
            assertThat(semaphore).hasToString("<Semaphore unlocked, value:1>");
            assertThat(held).hasToString("<Held <Semaphore unlocked, value:1> closed>");
        });
    }

    @Test
    void close_releasedByHandBefore_isRefused() {
        run(() -> {
            Lock lock = new Lock();
            Held held = await(lock.hold());
            lock.release();
            assertThatThrownBy(held::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Lock is not acquired.");
            held.close();
        });
    }

    @Test
    @Spec("SYNC-4")
    void boundedSemaphore_condition_limiter_areHeldLikewise() {
        run(() -> {
            BoundedSemaphore bounded = new BoundedSemaphore();
            Condition condition = new Condition();
            CapacityLimiter limiter = new CapacityLimiter(1);
            try (Held permit = await(bounded.hold());
                    Held guard = await(condition.hold());
                    Held token = await(limiter.hold())) {
                assertThat(List.of(permit, guard, token)).hasSize(3);
                assertThat(bounded.isLocked()).isTrue();
                assertThat(condition.isLocked()).isTrue();
                assertThat(limiter.borrowers()).containsExactly(currentTask());
                assertThatThrownBy(() -> await(limiter.hold()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("already holding one of this limiter's tokens");
            }
            assertThat(bounded.isLocked()).isFalse();
            assertThat(condition.isLocked()).isFalse();
            assertThat(limiter.available()).isEqualTo(1);
        });
    }

    @Test
    void hold_cancelledWhileItWaits_holdsNothing() {
        run(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            Task<@Nullable Void> task = createTask(() -> {
                try (Held held = await(lock.hold())) {
                    throw new AssertionError("held: " + held);
                }
            });
            await(sleep(Duration.ZERO));
            assertThat(lock.waitingCount()).isEqualTo(1);
            task.cancel();
            await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
            assertThat(task.isCancelled()).isTrue();
            assertThat(lock.waitingCount()).isZero();
            lock.release();
        });
    }
}
