package asyncio.stream;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The connection is lost: the peer has reset it, or takes no more.
///
/// Stands for asyncio's `ConnectionResetError` and `BrokenPipeError`, which the JDK does not tell
/// apart reliably.
///
/// Threads: immutable.
public final class ConnectionResetException extends IOException {
    private static final long serialVersionUID = 1;

    /// With what is known.
    ///
    /// @param message what happened
    public ConnectionResetException(String message) {
        this(message, null);
    }

    /// With what is known, and the system's error.
    ///
    /// @param message what happened
    /// @param cause the system's error, or null
    public ConnectionResetException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
