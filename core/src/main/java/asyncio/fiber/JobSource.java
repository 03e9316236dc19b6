package asyncio.fiber;

import org.jspecify.annotations.Nullable;

/// Where an engine takes its work from: the loop.
///
/// Threads: called by whoever runs the loop at that moment, so by one thread at a time.
public interface JobSource {
    /// Takes the next job of the current batch.
    ///
    /// @return the job, or null when the batch is over
    @Nullable
    Job next();

    /// Takes the next job of the current batch if it has not begun yet, so that any fiber may run
    /// it.
    ///
    /// @return the job, or null when the batch is over or the next job belongs to a suspended fiber
    @Nullable
    Job nextFresh();

    /// Begins the next batch if that is possible without waiting.
    ///
    /// @return false if the loop's own thread has to decide
    boolean turn();

    /// Tells the loop that its own code failed: the loop must end.
    ///
    /// @param failure what was thrown
    void crashed(Throwable failure);
}
