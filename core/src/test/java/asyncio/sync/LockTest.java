package asyncio.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Rows SYNC-1 and F-S-2.
class LockTest {
    private final Lock lock = new Lock();
    private final List<String> log = new ArrayList<>();

    private Task<@Nullable Void> holder(String name) {
        return createTask(
                Asyncio.async(() -> {
                    await(lock.acquire());
                    log.add(name);
                    lock.release();
                }),
                name);
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void acquire_freeLock_doesNotSuspend() {
        run(() -> {
            createTask(() -> {
                log.add("other");
            });
            assertThat(await(lock.acquire())).isTrue();
            assertThat(log).isEmpty();
            assertThat(lock.isLocked()).isTrue();
        });
    }

    @Test
    void release_severalWaiters_firstInFirstOut() {
        run(() -> {
            await(lock.acquire());
            List<Task<@Nullable Void>> tasks = List.of(holder("a"), holder("b"), holder("c"));
            turn();
            lock.release();
            for (Task<@Nullable Void> task : tasks) {
                await(task);
            }
        });

        assertThat(log).containsExactly("a", "b", "c");
        assertThat(lock.isLocked()).isFalse();
    }

    @Test
    void acquire_justReleasedWithWaiter_doesNotOvertake() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> waiter = holder("waiter");
            turn();
            lock.release();
            assertThat(lock.isLocked()).isFalse();
            await(lock.acquire());
            log.add("late");
            lock.release();
            await(waiter);
        });

        assertThat(log).containsExactly("waiter", "late");
    }

    @Test
    void release_wokenWaiterIsCancelled_nextOneGetsTheLock() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> first = holder("first");
            Task<@Nullable Void> second = holder("second");
            turn();
            lock.release();
            first.cancel();
            await(second);
            assertThat(first.isCancelled()).isTrue();
        });

        assertThat(log).containsExactly("second");
        assertThat(lock.isLocked()).isFalse();
    }

    @Test
    void release_headWasCancelledInTheSameTurn_nextOneGetsTheLock() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> first = holder("first");
            Task<@Nullable Void> second = holder("second");
            turn();
            first.cancel();
            lock.release();
            await(second);
        });

        assertThat(log).containsExactly("second");
    }

    @Test
    void cancel_waiterOfAHeldLock_leavesTheHolderAlone() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> first = holder("first");
            Task<@Nullable Void> second = holder("second");
            turn();
            first.cancel();
            turn();
            turn();
            assertThat(log).isEmpty();
            assertThat(lock).hasToString("<Lock locked waiters=1>");
            lock.release();
            await(second);
        });

        assertThat(log).containsExactly("second");
    }

    @Test
    void release_freeLock_isRefused() {
        assertThatThrownBy(lock::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Lock is not acquired.");
    }

    @Test
    void acquire_cancelledWhileItWaits_throwsCancelledError() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> waiter = holder("waiter");
            turn();
            waiter.cancel();
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void acquire_cannotSuspend_leavesNothingInLine() {
        run(() -> {
            await(lock.acquire());
            Task<@Nullable Void> pinned = createTask(() -> {
                try {
                    Argument.lock = lock;
                    InInitialiser.touch(); // refused with the fast engine; waits with the other one
                } catch (ExceptionInInitializerError e) {
                    log.add("refused");
                }
            });
            turn();
            lock.release();
            await(pinned);
            turn();
            log.clear();
            await(holder("after"));
        });

        assertThat(log).containsExactly("after");
        assertThat(lock).hasToString("<Lock unlocked>");
    }

    /// Its initialiser is on the stack while it acquires and releases.
    private static final class InInitialiser {
        static void touch() {}

        static {
            Lock wanted = Argument.lock;
            if (wanted != null) {
                await(wanted.acquire());
                wanted.release();
            }
        }
    }

    private static final class Argument {
        private static @Nullable Lock lock;
    }
}
