package asyncio;

import org.jspecify.annotations.Nullable;

/// Why something was cancelled: the words, who asked, and in debug mode where.
///
/// Threads: immutable.
///
/// @param message the words given to `cancel`, or null
/// @param by who asked: the name of a task, of a callback's loop, or of a thread
/// @param site the stack of the request, or null unless debug mode was on
public record CancelReason(
        @Nullable String message, String by, @Nullable Throwable site) {
    /// The one of whatever is unwound because its loop is closed.
    static final CancelReason LOOP_CLOSED = new CancelReason("the event loop was closed", "the event loop", null);

    /// A reason that may be missing: code that threw the error itself named none.
    static CancelReason orItself(@Nullable CancelReason reason) {
        return reason != null ? reason : new CancelReason(null, "itself", null);
    }

    /// A request made here and now.
    static CancelReason here(@Nullable String message, boolean debug) {
        Task<?> task = Current.task();
        String by = task != null
                ? "task " + task.name()
                : Current.step() != null
                        ? "a callback"
                        : "thread " + Thread.currentThread().getName();
        return new CancelReason(message, by, debug ? new Throwable("cancelled here, by " + by) : null);
    }
}
