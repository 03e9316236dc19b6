package asyncio;

import java.time.Duration;
import java.util.Objects;

/// Turns durations into nanoseconds.
///
/// Threads: any thread.
final class Durations {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND; // less than this fits

    private Durations() {}

    /// The nanoseconds of a duration; beyond 292 years the nearest value that fits.
    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, () -> argument + " must not be null: use Duration.ZERO for at once");
        long seconds = duration.getSeconds();
        int nanos = duration.getNano();
        if (seconds > -MAX_SECONDS && seconds < MAX_SECONDS) {
            return seconds * NANOS_PER_SECOND + nanos;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
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
