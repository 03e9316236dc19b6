package asyncio;

/// Takes the values of an [AsyncGenerator], one at a time.
///
/// Threads: loop-confined, inside the generator's code.
///
/// @param <T> what is yielded
@FunctionalInterface
public interface Yielder<T> {
    /// Hands a value to the consumer and suspends the generator until the consumer asks for the
    /// next one.
    ///
    /// @param value the value, not null
    /// @throws GeneratorExit if the consumer closes the generator instead: let it pass, after
    ///     cleaning up
    void emit(T value);
}
