package asyncio;

import org.jspecify.annotations.Nullable;

/// The code inside a [CancelScope].
///
/// @param <T> its result
@FunctionalInterface
public interface ScopeBody<T extends @Nullable Object> {
    /// Runs the code.
    ///
    /// @param scope the scope, which the code may cancel, shield and give a deadline
    /// @return the result
    /// @throws Exception whatever it fails with
    T run(CancelScope scope) throws Exception;
}
