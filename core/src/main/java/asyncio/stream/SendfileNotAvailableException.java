package asyncio.stream;

/// The system cannot send files to this kind of stream by itself, and nothing else was allowed.
///
/// Threads: immutable.
public final class SendfileNotAvailableException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /// Names the stream.
    ///
    /// @param message which stream
    public SendfileNotAvailableException(String message) {
        super(message);
    }
}
