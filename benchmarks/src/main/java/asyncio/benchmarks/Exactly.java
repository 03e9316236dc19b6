package asyncio.benchmarks;

/// Says whether a workload did what it claims, once at the end of an invocation.
///
/// Threads: any.
final class Exactly {
    private Exactly() {}

    /// The second number, which must be the first one.
    static int exactly(int expected, int actual) {
        if (actual != expected) {
            throw new IllegalStateException("the workload is wrong: expected " + expected + ", got " + actual);
        }
        return actual;
    }
}
