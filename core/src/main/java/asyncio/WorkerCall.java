package asyncio;

import org.jspecify.annotations.Nullable;

/// A piece of work on a thread outside the loop, for which a task may wait.
///
/// Threads: any thread.
interface WorkerCall {
    /// The call whose body runs here. A scoped value: the children of a structured scope see it, too.
    ScopedValue<WorkerCall> CURRENT = ScopedValue.newInstance();

    /// Why the work is no longer wanted; null while it is.
    @Nullable
    CancelReason cancelRequest();

    /// Throws if the work that runs here is no longer wanted.
    static void checkCancelled() {
        if (!CURRENT.isBound()) {
            throw new IllegalStateException(
                    "checkCancelled must be called by code that toThread, runInExecutor or blocking"
                            + " runs:"
                            + " no task waits for " + Thread.currentThread() + "; a task is cancelled where it awaits");
        }
        CancelReason reason = CURRENT.get().cancelRequest();
        if (reason != null) {
            throw new CancelledError(reason);
        }
    }
}
