package asyncio;

import java.util.Objects;

/// A callback that is scheduled again and again, without a new object each time: for code that is
/// told of many events.
///
/// It runs as other callbacks do, in a copy of the context in which it was made.
///
/// Threads: loop-confined.
public final class ReusableHandle {
    private final CallbackStep step;
    private final Runnable callback;
    private boolean scheduled; // in the ready queue
    private boolean cancelled; // for good

    ReusableHandle(EventLoop loop, Runnable callback) {
        this.callback = Objects.requireNonNull(callback, "callback must not be null");
        step = new CallbackStep(loop, Context.copyOfCurrent(), this::run);
    }

    /// Runs the callback in the next iteration; does nothing if it is about to run already, or was
    /// cancelled.
    ///
    /// @throws IllegalStateException on another thread than the loop's
    public void schedule() {
        step.loop.checkThread("ReusableHandle.schedule");
        if (!scheduled && !cancelled) {
            scheduled = true;
            step.loop.core.enqueue(step);
        }
    }

    private void run() {
        scheduled = false;
        if (!cancelled) {
            callback.run();
        }
    }

    /// Whether the callback is about to run.
    ///
    /// @return true from [#schedule()] until it begins
    public boolean isScheduled() {
        return scheduled;
    }

    /// Prevents every further run. May be called again.
    public void cancel() {
        cancelled = true;
    }

    @Override
    public String toString() {
        return "<ReusableHandle " + Names.of(callback) + (cancelled ? " cancelled" : scheduled ? " scheduled" : "")
                + ">";
    }
}
