package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Monitors and locks belong to the coroutine's thread, across awaits and against anybody.
class LocksTest {
    private static final Duration TURN = Duration.ZERO;

    @Test
    void synchronized_heldAcrossAwait_staysOwned() {
        run(() -> {
            Object monitor = new Object();
            Thread self = Thread.currentThread();
            Task<Boolean> other;
            synchronized (monitor) {
                other = createTask(() -> Thread.holdsLock(monitor));
                for (int i = 0; i < 5; i++) {
                    await(sleep(TURN));
                    assertThat(Thread.currentThread()).isSameAs(self);
                    assertThat(Thread.holdsLock(monitor)).isTrue();
                }
            }
            assertThat(await(other)).isFalse();
            assertThat(Thread.holdsLock(monitor)).isFalse();
        });
    }

    @Test
    @SuppressWarnings("LockNotBeforeTry") // the owner lets go step by step
    void reentrantLock_heldAcrossAwait_excludesOtherCoroutines() {
        run(() -> {
            ReentrantLock lock = new ReentrantLock();
            lock.lock();
            lock.lock();
            List<Boolean> others = new ArrayList<>();
            Task<?> other = createTask(() -> {
                others.add(lock.tryLock());
                await(sleep(Duration.ofMillis(2)));
                others.add(lock.tryLock());
                lock.unlock();
            });
            await(sleep(TURN));
            assertThat(lock.getHoldCount()).isEqualTo(2);
            lock.unlock();
            await(sleep(TURN));
            assertThat(lock.isHeldByCurrentThread()).isTrue();
            lock.unlock();
            await(other);
            assertThat(others).containsExactly(false, true);
            assertThat(lock.isLocked()).isFalse();
        });
    }

    @Test
    void monitor_heldAcrossAwait_keepsAThreadOut() {
        run(() -> {
            Object monitor = new Object();
            boolean[] entered = {false};
            Thread contender;
            synchronized (monitor) {
                contender = Threads.start(() -> {
                    synchronized (monitor) {
                        entered[0] = true;
                    }
                });
                Threads.awaitState(contender, Thread.State.BLOCKED);
                for (int i = 0; i < 100; i++) {
                    await(sleep(TURN));
                }
                assertThat(entered[0]).isFalse();
            }
            contender.join();
            assertThat(entered[0]).isTrue();
        });
    }

    @Test
    void lock_betweenCallbacksCoroutinesAndThreads_losesNoUpdate() {
        int rounds = 500;
        Object monitor = new Object();
        ReentrantLock lock = new ReentrantLock();
        long[] counts = new long[2]; // by the monitor, by the lock
        Steps.Code update = () -> {
            synchronized (monitor) {
                counts[0]++;
            }
            lock.lock();
            try {
                counts[1]++;
            } finally {
                lock.unlock();
            }
        };
        run(() -> {
            EventLoop loop = getRunningLoop();
            CountDownLatch begun = new CountDownLatch(2);
            Steps.Code hammering = () -> {
                begun.countDown();
                for (int i = 0; i < rounds; i++) {
                    update.run();
                }
            };
            List<Thread> threads = List.of(Threads.start(hammering), Threads.start(hammering));
            begun.await();
            List<Future<?>> all = new ArrayList<>();
            for (int task = 0; task < 4; task++) {
                all.add(createTask(() -> {
                    for (int i = 0; i < rounds; i++) {
                        update.run();
                        await(sleep(TURN));
                    }
                }));
                Future<@Nullable Void> end = loop.createFuture();
                all.add(end);
                loop.callSoon(new Callback(loop, update, rounds, end));
            }
            for (Future<?> each : all) {
                await(each);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        });
        assertThat(counts).containsOnly(rounds * (2L + 4 + 4));
    }

    /// Runs code once, and itself again and again.
    private static final class Callback implements Runnable {
        private final EventLoop loop;
        private final Steps.Code code;
        private final Future<@Nullable Void> end;
        private int left;

        Callback(EventLoop loop, Steps.Code code, int times, Future<@Nullable Void> end) {
            this.loop = loop;
            this.code = code;
            this.end = end;
            left = times;
        }

        @Override
        public void run() {
            try {
                code.run();
            } catch (Exception e) {
                end.setException(e);
                return;
            }
            if (--left == 0) {
                end.setResult(null);
            } else {
                loop.callSoon(this);
            }
        }
    }
}
