package asyncio.sync;

import org.jspecify.annotations.Nullable;

/// The code of a [Clause] that gets a value.
///
/// @param <T> the value
/// @param <R> the result
@FunctionalInterface
public interface ValueBody<T extends @Nullable Object, R extends @Nullable Object> {
    /// Runs the code, in the task that awaits the choice.
    ///
    /// @param value what was received
    /// @return the result of the choice
    /// @throws Exception whatever it fails with: it reaches who awaits, as it is
    R run(T value) throws Exception;
}
