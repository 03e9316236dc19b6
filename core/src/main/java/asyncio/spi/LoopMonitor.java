package asyncio.spi;

import org.jspecify.annotations.Nullable;

/// Watches loops in debug mode from a thread of its own.
///
/// Found by `java.util.ServiceLoader` when the first loop runs in debug mode.
///
/// Threads: any thread.
public interface LoopMonitor {
    /// A loop begins to run in debug mode.
    ///
    /// @param loop the loop
    void started(Watched loop);

    /// That loop has stopped running, or has left debug mode.
    ///
    /// @param loop the loop
    void stopped(Watched loop);

    /// What a monitor may see of a loop: racy reads, from any thread.
    interface Watched {
        /// The loop's name.
        ///
        /// @return the name
        String name();

        /// When the step that is going on began, which tells one step from the next.
        ///
        /// @return nanoseconds on the loop's step clock, 0 if the loop waits
        long stepStartNanos();

        /// The step clock's time.
        ///
        /// @return nanoseconds
        long stepClockNanos();

        /// What runs: the task or the callback.
        ///
        /// @return a description, or null if nothing does
        @Nullable
        Object step();

        /// The thread on which the step runs.
        ///
        /// @return the thread, or null if nothing runs
        @Nullable
        Thread stepThread();

        /// The thread whose CPU time is that of the loop's steps.
        ///
        /// @return the thread, or null if there is none, or the loop does not run
        @Nullable
        Thread loopThread();

        /// Whether the step is blocked in foreign code, known exactly.
        ///
        /// @return true if it is
        boolean isHolding();

        /// How long a step may take.
        ///
        /// @return nanoseconds
        long slowStepNanos();

        /// Whether a task's step that is going on is its first.
        ///
        /// @return true until the task first suspends
        boolean isFirstStep();

        /// Logs a finding.
        ///
        /// @param check its identifier, such as `AS301`
        /// @param message what was found and what to do
        void report(String check, String message);
    }
}
