package asyncio;

/// Code that is called with each value of an [AsyncIterator].
///
/// @param <T> the values
@FunctionalInterface
public interface ForEachBody<T> {
    /// Runs the code.
    ///
    /// @param value the value
    /// @throws Exception whatever it fails with: it ends the iteration
    void run(T value) throws Exception;
}
