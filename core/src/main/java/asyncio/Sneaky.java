package asyncio;

/// Throws any throwable as it is, checked or not.
///
/// Threads: any thread.
final class Sneaky {
    private Sneaky() {}

    /// Throws its argument; declared to return so that callers can write `throw Sneaky.rethrow(e)`.
    static RuntimeException rethrow(Throwable e) {
        Sneaky.<RuntimeException>raise(e);
        throw new AssertionError("unreachable", e);
    }

    @SuppressWarnings("unchecked") // erased: the cast never happens
    private static <E extends Throwable> void raise(Throwable e) throws E {
        throw (E) e;
    }
}
