package asyncio.testing;

import asyncio.LoopOptions;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Time that passes only when a loop has nothing else to do: a test of an hour takes a millisecond.
///
/// A loop that would wait for its next timer jumps there instead. A loop without timers waits in real
/// time for another thread to wake it, for half a minute at most.
///
/// Time does not wait for threads: while one works for the loop, timers still jump. Use real time where
/// a test mixes timers and threads.
///
/// Threads: one loop; [#nanoTime()] on any thread.
public final class VirtualTime implements Clock {
    private static final long MAX_REAL_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final AtomicLong nowNanos = new AtomicLong();

    private VirtualTime() {}

    /// Time that starts at zero.
    ///
    /// @return a new clock, for one loop
    public static VirtualTime create() {
        return new VirtualTime();
    }

    /// Options of a loop that lives in this time.
    ///
    /// @param options the other options
    /// @return new options
    public LoopOptions applyTo(LoopOptions options) {
        return options.clock(this).poller(() -> new JumpingPoller());
    }

    /// Default options of a loop that lives in this time.
    ///
    /// @return new options
    public LoopOptions options() {
        return applyTo(LoopOptions.defaults());
    }

    /// How much time has passed.
    ///
    /// @return the time since this clock was made
    public Duration now() {
        return Duration.ofNanos(nowNanos.get());
    }

    /// Lets time pass at once, as code does that blocks the loop. Called on the loop's thread.
    ///
    /// @param duration how much
    public void advance(Duration duration) {
        nowNanos.addAndGet(duration.toNanos());
    }

    @Override
    public long nanoTime() {
        return nowNanos.get();
    }

    /// Jumps instead of waiting.
    private final class JumpingPoller implements Poller {
        private volatile boolean woken;
        private volatile @Nullable Thread waiting;

        @Override
        public void poll(long timeoutNanos) {
            if (timeoutNanos == Long.MAX_VALUE) {
                awaitWakeup();
            } else if (!woken) {
                nowNanos.addAndGet(timeoutNanos);
            }
            woken = false;
        }

        private void awaitWakeup() {
            waiting = Thread.currentThread();
            long end = System.nanoTime() + MAX_REAL_WAIT_NANOS;
            while (!woken) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new IllegalStateException(
                            "deadlock: nothing is ready, no timer is armed, and no thread has woken the loop for 30 s");
                }
                LockSupport.parkNanos(this, left);
            }
            waiting = null;
        }

        @Override
        public void wakeup() {
            woken = true;
            LockSupport.unpark(waiting);
        }

        @Override
        public Registration register(SelectableChannel channel, Listener listener) {
            throw new UnsupportedOperationException("virtual time watches no channels: use real time for sockets");
        }

        @Override
        public void close() {}
    }
}
