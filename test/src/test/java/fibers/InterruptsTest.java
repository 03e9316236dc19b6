package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Interrupts of the loop's thread and of a coroutine's thread: kept, never a spin, never the other's.
class InterruptsTest {
    private static final int MAX_POLLS = 20; // of a loop with nothing to do; a spin makes thousands

    private final CountingPoller poller = new CountingPoller();

    private EventLoop loop() {
        return EventLoop.create(LoopOptions.defaults().poller(() -> poller));
    }

    @AfterEach
    void clearStatus() {
        Thread.interrupted();
    }

    @Test
    void run_interruptedBefore_waitsAndRestoresTheStatus() {
        try (EventLoop loop = loop()) {
            Thread.currentThread().interrupt();
            boolean seen = loop.runUntilComplete(async(() -> {
                await(sleep(Duration.ofMillis(5)));
                return Thread.currentThread().isInterrupted();
            }));
            assertThat(seen).isFalse();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        assertThat(poller.polls.get()).isBetween(2, MAX_POLLS);
    }

    @Test
    void run_interruptedWhileIdle_goesOnWaitingAndRestoresTheStatus() throws Exception {
        Thread loopThread = Thread.currentThread();
        try (EventLoop loop = loop()) {
            Future<String> future = loop.createFuture();
            Thread interrupter = Threads.start(() -> {
                for (int i = 0; i < 3; i++) {
                    Threads.parkUntil(() -> poller.waiting, "an idle loop");
                    int before = poller.polls.get();
                    loopThread.interrupt();
                    Threads.parkUntil(() -> poller.polls.get() > before, "the loop to look round");
                }
                Threads.parkUntil(() -> poller.waiting, "an idle loop");
                loop.callSoonThreadsafe(() -> future.setResult("told"));
            });
            assertThat(loop.runUntilComplete(future)).isEqualTo("told");
            assertThat(Thread.interrupted()).isTrue();
            interrupter.join();
        }
        assertThat(poller.polls.get()).isBetween(5, MAX_POLLS);
    }

    @Test
    void run_interruptedWhileACoroutineBlocks_restoresTheStatusAndSparesTheCoroutine() {
        Thread loopThread = Thread.currentThread();
        try (EventLoop loop = loop()) {
            boolean seen = loop.runUntilComplete(async(() -> {
                Task<Boolean> blocking = createTask(() -> {
                    await(sleep(Duration.ZERO));
                    Thread coroutine = Thread.currentThread();
                    CountDownLatch latch = new CountDownLatch(1);
                    Thread interrupter = Threads.start(() -> {
                        Threads.awaitState(coroutine, Thread.State.WAITING);
                        Threads.awaitState(loopThread, Thread.State.WAITING);
                        loopThread.interrupt();
                        Threads.spinUntil(() -> !loopThread.isInterrupted(), "the loop to take note");
                        latch.countDown();
                    });
                    latch.await();
                    interrupter.join();
                    return coroutine.isInterrupted();
                });
                Task<String> next = createTask(() -> {
                    await(sleep(Duration.ZERO));
                    return "mounted in the same iteration";
                });
                assertThat(await(next)).isNotEmpty();
                return await(blocking);
            }));
            assertThat(seen).isFalse();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void coroutine_interruptedByItself_awaitsWithoutSpinningAndKeepsTheStatus() {
        try (EventLoop loop = loop()) {
            loop.runUntilComplete(async(() -> {
                Thread.currentThread().interrupt();
                await(sleep(Duration.ofMillis(5)));
                for (int i = 0; i < 1_000; i++) {
                    await(sleep(Duration.ZERO));
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                }
                boolean others = await(createTask(() -> Thread.currentThread().isInterrupted()));
                assertThat(others).isFalse();
                assertThatThrownBy(() -> Thread.sleep(1)).isInstanceOf(InterruptedException.class);
                await(sleep(Duration.ofMillis(1)));
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        assertThat(poller.polls.get()).isLessThan(1_000 + 2 * MAX_POLLS);
    }

    @Test
    void coroutine_interruptedWhileSuspended_sleepsOnAndFindsTheStatus() {
        try (EventLoop loop = loop()) {
            loop.runUntilComplete(async(() -> {
                Future<String> future = getRunningLoop().createFuture();
                Thread[] thread = new Thread[1];
                Task<Boolean> suspended = createTask(() -> {
                    thread[0] = Thread.currentThread();
                    assertThat(await(future)).isEqualTo("told");
                    return Thread.interrupted();
                });
                await(sleep(Duration.ZERO));
                Threads.start(() -> thread[0].interrupt()).join();
                await(sleep(Duration.ofMillis(2)));
                assertThat(suspended.isDone()).isFalse();
                future.setResult("told");
                assertThat(await(suspended)).isTrue();
            }));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        assertThat(poller.polls.get()).isLessThan(MAX_POLLS);
    }

    @Test
    void coroutine_interruptedWhileItLeaves_findsTheStatusAndTheLoopDoesNot() {
        InterruptingClock interrupter = new InterruptingClock();
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults().clock(interrupter))) {
            boolean seen = loop.runUntilComplete(async(() -> {
                Future<@Nullable Void> future = loop.createFuture();
                loop.callLater(Duration.ZERO, () -> future.setResult(null));
                interrupter.target = Thread.currentThread();
                await(future); // nothing is ready: the loop reads the time
                return Thread.interrupted();
            }));
            assertThat(seen).isTrue();
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    /// Interrupts a thread when the loop next reads the time.
    private static final class InterruptingClock implements Clock {
        private volatile @Nullable Thread target;

        @Override
        public long nanoTime() {
            Thread interrupted = target;
            if (interrupted != null) {
                target = null;
                interrupted.interrupt();
            }
            return System.nanoTime();
        }
    }

    /// The usual poller, which tells how often and whether it waits.
    private static final class CountingPoller implements Poller {
        private final Poller inner = Poller.nio();
        private final AtomicInteger polls = new AtomicInteger();
        private volatile boolean waiting;

        @Override
        public void poll(long timeoutNanos) {
            waiting = timeoutNanos > 0;
            inner.poll(timeoutNanos);
            waiting = false;
            polls.incrementAndGet();
        }

        @Override
        public void wakeup() {
            inner.wakeup();
        }

        @Override
        public Registration register(SelectableChannel channel, Listener listener) {
            return inner.register(channel, listener);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
