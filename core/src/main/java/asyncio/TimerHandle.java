package asyncio;

import asyncio.loop.Timer;
import java.time.Duration;

/// A callback that was scheduled for a time.
///
/// Threads: loop-confined.
public final class TimerHandle extends Handle {
    private final EventLoop loop;
    private final Timer timer;
    private final long deadlineNanos;

    TimerHandle(EventLoop loop, CallbackStep step, long deadlineNanos) {
        super(step);
        this.loop = loop;
        this.deadlineNanos = deadlineNanos;
        timer = new Timer(step);
        loop.core.arm(timer, deadlineNanos);
    }

    /// When the callback runs, on the loop's clock.
    ///
    /// @return the time, to be compared with [EventLoop#time()]
    public Duration when() {
        return Duration.ofNanos(deadlineNanos);
    }

    @Override
    public void cancel() {
        loop.checkThread("TimerHandle.cancel");
        loop.core.disarm(timer);
        super.cancel();
    }

    @Override
    public String toString() {
        return "<TimerHandle when=" + when() + " " + super.toString() + ">";
    }
}
