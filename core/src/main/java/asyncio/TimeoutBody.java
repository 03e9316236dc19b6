package asyncio;

import org.jspecify.annotations.Nullable;

/// The code inside a [Timeout].
///
/// @param <T> its result
@FunctionalInterface
public interface TimeoutBody<T extends @Nullable Object> {
    /// Runs the code.
    ///
    /// @param scope the timeout, which the code may move
    /// @return the result
    /// @throws Exception whatever it fails with
    T run(Timeout scope) throws Exception;
}
