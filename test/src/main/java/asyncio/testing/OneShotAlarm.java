package asyncio.testing;

import asyncio.EventLoop;
import asyncio.TimerHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The listener of one way of a simulated stream: told once, at a time that is known beforehand.
///
/// There is a timer only while there is a listener, so nothing is left of a stream that nobody uses.
///
/// Threads: loop-confined.
final class OneShotAlarm {
    /// Later than everything: no such time is known yet.
    static final long NEVER = Long.MAX_VALUE;

    private final EventLoop loop;
    private @Nullable Runnable listener;
    private @Nullable TimerHandle timer;
    private long dueNanos = NEVER; // of the timer

    OneShotAlarm(EventLoop loop) {
        this.loop = loop;
    }

    /// Replaces the listener, to be told at a time of the loop's clock; never from within this call.
    void set(@Nullable Runnable replacement, long whenNanos) {
        listener = replacement;
        stopTimer();
        notLaterThan(whenNanos);
    }

    /// Something happens at that time.
    void notLaterThan(long whenNanos) {
        if (listener != null && whenNanos < dueNanos) {
            stopTimer();
            dueNanos = whenNanos;
            timer = loop.callAt(Duration.ofNanos(whenNanos), this::tell);
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        dueNanos = NEVER;
    }

    /// Tells the listener, if there is one.
    void tell() {
        stopTimer();
        Runnable told = listener;
        listener = null;
        if (told != null) {
            told.run();
        }
    }
}
