package asyncio;

import org.jspecify.annotations.Nullable;

/// What an [ExceptionHandler] is told.
///
/// Threads: immutable.
///
/// @param message what happened
/// @param exception what was thrown, or null
/// @param future the future or task that it happened to, or null
/// @param handle the callback that it happened in, or null
public record ExceptionContext(
        String message,
        @Nullable Throwable exception,
        @Nullable Future<?> future,
        @Nullable Handle handle) {
    /// A context with neither future nor callback.
    ///
    /// @param message what happened
    /// @param exception what was thrown, or null
    /// @return the context
    public static ExceptionContext of(String message, @Nullable Throwable exception) {
        return new ExceptionContext(message, exception, null, null);
    }

    /// The same with a future or task.
    ///
    /// @param future the future or task, or null
    /// @return the context
    public ExceptionContext withFuture(@Nullable Future<?> future) {
        return new ExceptionContext(message, exception, future, handle);
    }

    /// The same with a callback.
    ///
    /// @param handle the callback, or null
    /// @return the context
    public ExceptionContext withHandle(@Nullable Handle handle) {
        return new ExceptionContext(message, exception, future, handle);
    }

    /// The task that it happened to.
    ///
    /// @return the task, or null if it was none
    public @Nullable Task<?> task() {
        return future instanceof Task<?> task ? task : null;
    }

    /// The context in which the task or callback ran that this is about; null if it is about none.
    @Nullable
    Context ownContext() {
        Task<?> task = task();
        if (task != null) {
            return task.context();
        }
        return handle == null ? null : handle.context();
    }

    /// The details, one a line.
    String describe() {
        StringBuilder text = new StringBuilder(message);
        if (handle != null) {
            text.append("\nhandle: ").append(handle);
            appendSite(text, handle.site());
        }
        if (future != null) {
            text.append(future instanceof Task ? "\ntask: " : "\nfuture: ").append(future);
            appendSite(text, future.site());
        }
        return text.toString();
    }

    private static void appendSite(StringBuilder text, @Nullable Site site) {
        if (site != null) {
            text.append("\ncreated at:").append(site.trace());
        }
    }
}
