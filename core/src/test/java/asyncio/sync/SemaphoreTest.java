package asyncio.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Rows SYNC-4 and F-S-4.
class SemaphoreTest {
    private final List<String> log = new ArrayList<>();

    private Task<@Nullable Void> taker(Semaphore semaphore, String name) {
        return createTask(() -> {
            await(semaphore.acquire());
            log.add(name);
        });
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void new_negative_isRefused() {
        assertThatThrownBy(() -> new Semaphore(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got -1");
    }

    @Test
    void release_withWaiters_handsThePermitOverInOrder() {
        Semaphore semaphore = new Semaphore(0);
        run(() -> {
            Task<?> first = taker(semaphore, "first");
            Task<?> second = taker(semaphore, "second");
            turn();
            semaphore.release();
            assertThat(semaphore.isLocked())
                    .as("the permit is given away already")
                    .isTrue();
            await(first);
            assertThat(log).containsExactly("first");
            semaphore.release();
            await(second);
        });

        assertThat(log).containsExactly("first", "second");
        assertThat(semaphore).hasToString("<Semaphore locked>");
    }

    @Test
    void acquire_permitOnItsWayToAWaiter_doesNotOvertake() {
        Semaphore semaphore = new Semaphore(0);
        run(() -> {
            Task<?> waiter = taker(semaphore, "waiter");
            turn();
            semaphore.release();
            semaphore.release();
            await(semaphore.acquire());
            log.add("late");
            await(waiter);
        });

        assertThat(log).containsExactly("waiter", "late");
    }

    @Test
    void cancel_wokenWaiter_passesThePermitOn() {
        Semaphore semaphore = new Semaphore(0);
        run(() -> {
            Task<?> first = taker(semaphore, "first");
            Task<?> second = taker(semaphore, "second");
            turn();
            semaphore.release();
            first.cancel();
            await(second);
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
        });

        assertThat(log).containsExactly("second");
        assertThat(semaphore).hasToString("<Semaphore locked>");
    }

    @Test
    void cancel_waiter_losesNoPermit() {
        Semaphore semaphore = new Semaphore(0);
        run(() -> {
            Task<?> first = taker(semaphore, "first");
            turn();
            first.cancel();
            semaphore.release();
            turn();
            turn();
            assertThat(semaphore).hasToString("<Semaphore unlocked, value:1>");
            await(semaphore.acquire());
        });
    }

    @Test
    void acquire_otherLoopWhileContended_isRefused() {
        Semaphore semaphore = new Semaphore(0);
        run(() -> {
            Task<?> waiter = taker(semaphore, "waiter");
            turn();
            waiter.cancel();
        });

        try (EventLoop other = EventLoop.create()) {
            assertThatThrownBy(() -> other.runUntilComplete(semaphore.acquire()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is bound to a different event loop");
        }
    }
}
