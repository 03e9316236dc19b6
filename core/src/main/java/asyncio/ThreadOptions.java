package asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How blocking code is run on another thread.
///
/// Threads: immutable.
///
/// @param limiter whose token the code holds from before it is queued until it has really ended, also
///     if its caller was cancelled and has left; null: none
/// @param interruptible whether a cancellation interrupts the thread that runs the code
/// @param awaited whether a cancelled caller waits until the code has ended, and is cancelled then;
///     else it returns at once, and the code goes on without it
public record ThreadOptions(@Nullable CapacityLimiter limiter, boolean interruptible, boolean awaited) {
    /// As in asyncio: no limiter; a cancelled caller returns at once; the thread is left alone.
    public static final ThreadOptions DEFAULT = new ThreadOptions(null, false, false);

    /// The same with a limiter.
    ///
    /// @param newLimiter bounds how much such code runs at once
    /// @return new options
    public ThreadOptions limiter(CapacityLimiter newLimiter) {
        return new ThreadOptions(
                Objects.requireNonNull(newLimiter, "limiter must not be null: leave it out for no limit"),
                interruptible,
                awaited);
    }

    /// The same with interrupts or without.
    ///
    /// @param newInterruptible whether a cancellation interrupts the thread
    /// @return new options
    public ThreadOptions interruptible(boolean newInterruptible) {
        return new ThreadOptions(limiter, newInterruptible, awaited);
    }

    /// The same with a cancelled caller that waits, or does not.
    ///
    /// @param newAwaited whether it waits until the code has ended
    /// @return new options
    public ThreadOptions awaited(boolean newAwaited) {
        return new ThreadOptions(limiter, interruptible, newAwaited);
    }
}
