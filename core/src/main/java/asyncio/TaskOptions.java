package asyncio;

import org.jspecify.annotations.Nullable;

/// How a task is made.
///
/// Threads: immutable.
///
/// @param name the task's name, or null for `Task-N`
/// @param context the context to run in, used as it is, or null for a copy of the creator's
/// @param eagerStart true: the task runs inside `createTask` up to its first suspension; false: it
///     starts in the next iteration; null: as the loop's task factory does
public record TaskOptions(
        @Nullable String name,
        @Nullable Context context,
        @Nullable Boolean eagerStart) {
    /// Everything as usual.
    public static final TaskOptions DEFAULT = new TaskOptions(null, null, null);

    /// Options with a name.
    ///
    /// @param name the task's name
    /// @return new options
    public static TaskOptions named(String name) {
        return DEFAULT.name(name);
    }

    /// The same with a name.
    ///
    /// @param newName the task's name
    /// @return new options
    public TaskOptions name(String newName) {
        return new TaskOptions(newName, context, eagerStart);
    }

    /// The same with a context.
    ///
    /// @param newContext the context to run in, not copied: two tasks that are given the same one
    ///     share it
    /// @return new options
    public TaskOptions context(Context newContext) {
        return new TaskOptions(name, newContext, eagerStart);
    }

    /// The same with an eager or a queued start.
    ///
    /// @param eager whether to start at once
    /// @return new options
    public TaskOptions eagerStart(boolean eager) {
        return new TaskOptions(name, context, eager);
    }
}
