package asyncio.stream;

import java.io.IOException;

/// The stream was closed on this side.
///
/// Threads: immutable.
public final class StreamClosedException extends IOException {
    private static final long serialVersionUID = 1;

    /// Names the stream.
    ///
    /// @param message which stream
    public StreamClosedException(String message) {
        super(message);
    }
}
