package asyncio;

import org.jspecify.annotations.Nullable;

/// A deadline passed.
///
/// Its cause is the [CancelledError] by which the deadline interrupted the code.
public final class TimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Describes the deadline.
    ///
    /// @param message which deadline passed
    /// @param cause the cancellation that it was, or null
    public TimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
