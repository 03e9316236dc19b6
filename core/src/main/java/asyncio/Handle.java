package asyncio;

import org.jspecify.annotations.Nullable;

/// A callback that was scheduled, by which it can be cancelled.
///
/// Threads: loop-confined; that of `callSoonThreadsafe` may be used on any thread, where
/// [#cancel()] and [#isCancelled()] wait while the callback runs.
public sealed class Handle permits TimerHandle {
    private final CallbackStep step;

    Handle(CallbackStep step) {
        this.step = step;
        step.handle(this);
    }

    /// Prevents the callback from running, if it has not run yet, and lets go of it. May be called
    /// again.
    public void cancel() {
        if (!(step instanceof SharedCallbackStep)) {
            step.loop.checkThread("Handle.cancel");
        }
        step.cancel();
    }

    /// Whether [#cancel()] was called.
    ///
    /// @return true if it was
    public final boolean isCancelled() {
        return step.isCancelled();
    }

    /// The context in which the callback runs.
    ///
    /// @return the context
    public final Context context() {
        return step.context;
    }

    final @Nullable Site site() {
        return step.site();
    }

    @Override
    public String toString() {
        return step.toString();
    }
}
