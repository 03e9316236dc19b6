package asyncio.sync;

/// All receivers of a channel are closed: nobody would get what is sent.
public final class BrokenChannelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Describes the channel.
    ///
    /// @param message which channel it was
    public BrokenChannelException(String message) {
        super(message);
    }
}
