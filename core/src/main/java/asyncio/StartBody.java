package asyncio;

import org.jspecify.annotations.Nullable;

/// The code of a child that says when it is ready: see [TaskGroup#start(StartBody)].
///
/// @param <T> what it says then
@FunctionalInterface
public interface StartBody<T extends @Nullable Object> {
    /// Runs the code.
    ///
    /// @param status to be told when the child is ready
    /// @throws Exception whatever it fails with
    void run(TaskStatus<T> status) throws Exception;
}
