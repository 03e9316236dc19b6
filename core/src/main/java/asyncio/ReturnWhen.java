package asyncio;

/// When [Asyncio#waitUntil(java.util.Collection, ReturnWhen)] returns.
///
/// Threads: immutable.
public enum ReturnWhen {
    /// When any of the futures is done.
    FIRST_COMPLETED,
    /// When any of them has failed (a cancelled one has not), or all are done.
    FIRST_EXCEPTION,
    /// When all of them are done.
    ALL_COMPLETED
}
