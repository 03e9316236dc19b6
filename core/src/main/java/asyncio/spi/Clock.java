package asyncio.spi;

/// A monotonic clock: the loop's time.
///
/// Threads: any thread. Units: nanoseconds since an arbitrary origin; never goes back.
@FunctionalInterface
public interface Clock {
    /// The current time.
    ///
    /// @return nanoseconds since this clock's origin
    long nanoTime();

    /// The JVM's monotonic clock, whose origin is the first use of this class, so that values are
    /// small and positive.
    ///
    /// @return the clock of every loop that is not told otherwise
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
