package asyncio;

import org.jspecify.annotations.Nullable;

/// How a future ended.
///
/// Threads: immutable.
///
/// @param value the result, or null if there is none
/// @param exception the failure, which may be a [CancelledError], or null if there is a result
/// @param <T> the result
public record Outcome<T extends @Nullable Object>(
        @Nullable T value, @Nullable Throwable exception) {
    static <T extends @Nullable Object> Outcome<T> of(Future<T> done) {
        return switch (done.state()) {
            case CANCELLED -> new Outcome<>(null, done.cancelledError());
            case FAILED -> new Outcome<>(null, done.retrieveFailure());
            default -> new Outcome<>(done.value(), null);
        };
    }

    /// Whether there is a result.
    ///
    /// @return true if nothing failed
    public boolean isSuccess() {
        return exception == null;
    }

    /// The result, or the failure thrown as it is.
    ///
    /// @return the result
    @SuppressWarnings("NullAway") // without an exception, the value is the T that the future had
    public T get() {
        if (exception != null) {
            throw Sneaky.rethrow(exception);
        }
        return value;
    }
}
