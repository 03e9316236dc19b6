package asyncio;

import java.time.Duration;
import java.util.Objects;

/// Turns durations into nanoseconds.
///
/// Threads: any thread.
final class Durations {
    private static final Duration MAX = Duration.ofNanos(Long.MAX_VALUE);
    private static final Duration MIN = Duration.ofNanos(Long.MIN_VALUE);

    private Durations() {}

    /// The nanoseconds of a duration; beyond 292 years the nearest value that fits.
    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, () -> argument + " must not be null: use Duration.ZERO for at once");
        if (duration.compareTo(MAX) >= 0) {
            return Long.MAX_VALUE;
        }
        return duration.compareTo(MIN) <= 0 ? Long.MIN_VALUE : duration.toNanos();
    }

    /// The time after a delay, clamped to what fits: a delay of 292 years or more never ends.
    static long deadline(long nowNanos, long delayNanos) {
        if (delayNanos <= 0) {
            return nowNanos;
        }
        long deadline = nowNanos + delayNanos;
        return deadline < nowNanos ? Long.MAX_VALUE : deadline;
    }
}
