package asyncio;

import org.jspecify.annotations.Nullable;

/// A callback in the ready queue.
///
/// Threads: loop-confined; [SharedCallbackStep] is the one that other threads may cancel.
sealed class CallbackStep extends Step permits SharedCallbackStep, DoneCallback {
    private @Nullable Runnable callback; // null once cancelled
    private @Nullable Handle handle; // for reports; null for callbacks that nobody holds
    private @Nullable Site site; // where that handle was created; debug mode only

    CallbackStep(EventLoop loop, Context context, @Nullable Runnable callback) {
        super(loop, context);
        this.callback = callback;
    }

    void handle(Handle owner) {
        handle = owner;
        site = loop.isDebug() ? Site.here() : null;
    }

    final @Nullable Handle handle() {
        return handle;
    }

    final @Nullable Site site() {
        return site;
    }

    @Override
    protected void run() {
        Runnable action = callback;
        if (action != null) {
            run(action);
        }
    }

    final void run(Runnable action) {
        try {
            action.run();
        } catch (SystemExit | KeyboardInterrupt e) {
            loop.core.abort(e);
        } catch (Throwable e) {
            loop.callExceptionHandler(ExceptionContext.of("Exception in callback " + this + " (AS501)", e)
                    .withHandle(handle));
        }
    }

    /// A cancelled callback needs no fiber to do nothing on.
    @Override
    protected boolean isBare() {
        return callback == null;
    }

    void cancel() {
        callback = null;
    }

    boolean isCancelled() {
        return callback == null;
    }

    @Override
    public String toString() {
        Runnable action = callback;
        return "<Handle " + (action == null ? "cancelled" : Names.of(action))
                + (site == null ? "" : " created at " + Site.locate(site)) + ">";
    }
}
