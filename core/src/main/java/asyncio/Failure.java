package asyncio;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/// The exception of a failed future, and whether anybody has looked at it.
///
/// Threads: loop-confined.
final class Failure extends WeakReference<Future<?>> {
    final Throwable exception;
    final String description; // of the future, which may be gone when this is reported
    final Context context; // in which the report is made
    private final FailureTracker tracker;
    final @Nullable Site site; // of the future; debug mode only
    private boolean retrieved;
    boolean traced; // the stack trace shows where it was awaited

    Failure(Future<?> future, Throwable exception, FailureTracker tracker) {
        super(future, tracker.collected);
        this.exception = exception;
        this.tracker = tracker;
        description = future.describe();
        site = future.site();
        context = future instanceof Task<?> task ? task.context() : new Context();
        tracker.add(this);
    }

    /// The exception, for somebody who will deal with it.
    Throwable retrieve() {
        if (!retrieved) {
            retrieved = true;
            tracker.remove(this);
        }
        return exception;
    }
}
