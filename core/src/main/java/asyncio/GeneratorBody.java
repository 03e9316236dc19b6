package asyncio;

/// The code of an [AsyncGenerator].
///
/// @param <T> what it yields
@FunctionalInterface
public interface GeneratorBody<T> {
    /// Runs the code.
    ///
    /// @param out takes each value
    /// @throws Exception whatever it fails with: it reaches who asks for the next value
    void run(Yielder<T> out) throws Exception;
}
