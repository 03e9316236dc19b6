package asyncio;

import org.jspecify.annotations.Nullable;

/// The code inside a [TaskGroup].
///
/// @param <T> its result
@FunctionalInterface
public interface GroupBody<T extends @Nullable Object> {
    /// Runs the code.
    ///
    /// @param group the group, which takes children until it ends
    /// @return the result
    /// @throws Exception whatever it fails with
    T run(TaskGroup group) throws Exception;
}
