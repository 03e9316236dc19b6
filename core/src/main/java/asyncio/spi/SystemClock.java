package asyncio.spi;

/// `System.nanoTime`, counted from the start of the program.
///
/// Threads: any thread.
final class SystemClock implements Clock {
    static final SystemClock INSTANCE = new SystemClock();

    private final long originNanos = System.nanoTime();

    private SystemClock() {}

    @Override
    public long nanoTime() {
        return System.nanoTime() - originNanos;
    }
}
