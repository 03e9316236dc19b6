package asyncio.fiber;

import org.jspecify.annotations.Nullable;

/// One entry of a loop's ready queue: a body that has not begun, or the continuation of one that
/// suspended.
///
/// Threads: loop-confined.
public abstract class Job {
    private @Nullable Fiber fiber; // where the body is suspended; null until it first suspends

    /// For subclasses.
    protected Job() {}

    /// The body. Must not throw: a throwable that escapes ends the loop.
    protected abstract void run();

    /// Whether the body is the loop's own code, which neither suspends nor calls user code and so
    /// needs no fiber.
    ///
    /// @return true if the body may run on any stack
    protected boolean isBare() {
        return false;
    }

    /// Called instead of the body if the loop closes while the job is still queued.
    protected void abandon() {}

    /// For the loop, which is not in this package: abandons the job.
    public final void abandoned() {
        abandon();
    }

    /// The fiber on which the body is suspended.
    ///
    /// @return the fiber, or null if the body has not begun
    public final @Nullable Fiber fiber() {
        return fiber;
    }

    /// Lets go of the fiber: the body has ended.
    public final void forgetFiber() {
        fiber = null;
    }

    /// Says where the body continues when this job's turn comes.
    ///
    /// @param fiber the fiber that is about to suspend
    public final void continueOn(Fiber fiber) {
        this.fiber = fiber;
    }
}
