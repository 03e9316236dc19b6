package asyncio;

/// The code inside a [Timeout] that has no result.
@FunctionalInterface
public interface VoidTimeoutBody {
    /// Runs the code.
    ///
    /// @param scope the timeout, which the code may move
    /// @throws Exception whatever it fails with
    void run(Timeout scope) throws Exception;
}
