package asyncio;

import org.jspecify.annotations.Nullable;

/// The code of a coroutine that has a result.
///
/// @param <T> the result
@FunctionalInterface
public interface Body<T extends @Nullable Object> {
    /// Runs the code.
    ///
    /// @return the result
    /// @throws Exception whatever it fails with: it reaches who awaits, as it is
    T run() throws Exception;
}
