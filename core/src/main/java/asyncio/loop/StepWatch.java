package asyncio.loop;

import asyncio.fiber.Job;
import asyncio.spi.Clock;
import org.jspecify.annotations.Nullable;

/// Measures steps in debug mode: what runs, since when, and how long it took when it ends.
///
/// Switched off, it costs one test of a field in each step.
///
/// Threads: written by the loop; the getters may be called by any thread and are racy.
public final class StepWatch {
    private final Clock clock; // real time, also where the loop's own time is virtual
    private @Nullable Listener listener; // null: switched off
    private volatile long stepStartNanos; // 0: no step is going on
    private volatile @Nullable Job step; // what runs; null: no step is going on

    StepWatch(Clock clock) {
        this.clock = clock;
    }

    /// Switches the watch on or off.
    ///
    /// @param listener told the end of each step, or null to switch off
    public void listen(@Nullable Listener listener) {
        this.listener = listener;
        stepStartNanos = 0;
        step = null;
    }

    void stepBegins(@Nullable Job job) {
        Listener told = listener;
        if (told != null) {
            long now = now();
            endStep(told, now);
            step = job;
            stepStartNanos = now;
        }
    }

    void stepsOver() {
        Listener told = listener;
        if (told != null && stepStartNanos != 0) {
            endStep(told, now());
            stepStartNanos = 0;
            step = null;
        }
    }

    private void endStep(Listener told, long now) {
        Job ended = step;
        if (ended != null && stepStartNanos != 0) {
            told.stepEnded(ended, now - stepStartNanos);
        }
    }

    private long now() {
        return Math.max(1, clock.nanoTime()); // 0 means: no step
    }

    /// When the step that is going on began.
    ///
    /// @return nanoseconds of real time, or 0 if none is
    public long stepStartNanos() {
        return stepStartNanos;
    }

    /// The clock by which steps are measured.
    ///
    /// @return nanoseconds of real time
    public long clockNanos() {
        return now();
    }

    /// What runs.
    ///
    /// @return the job, or null if nothing does
    public @Nullable Job step() {
        return step;
    }

    /// Is told how long steps took.
    @FunctionalInterface
    public interface Listener {
        /// Called on the loop after each step; must not throw.
        ///
        /// @param job what ran
        /// @param elapsedNanos how long, in real time
        void stepEnded(Job job, long elapsedNanos);
    }
}
