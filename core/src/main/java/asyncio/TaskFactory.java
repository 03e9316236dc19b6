package asyncio;

import org.jspecify.annotations.Nullable;

/// Makes the tasks of a loop, in place of [Task#create(EventLoop, Coroutine, TaskOptions)].
@FunctionalInterface
public interface TaskFactory {
    /// Makes a task.
    ///
    /// @param loop the loop
    /// @param coroutine what the task runs
    /// @param options name, context and start of the task; pass them on
    /// @param <T> the result
    /// @return the task
    <T extends @Nullable Object> Task<T> create(EventLoop loop, Coroutine<T> coroutine, TaskOptions options);

    /// Starts each task inside `createTask`, unless its options say otherwise.
    ///
    /// @return asyncio's `eager_task_factory`
    static TaskFactory eager() {
        return EagerTaskFactory.INSTANCE;
    }
}
