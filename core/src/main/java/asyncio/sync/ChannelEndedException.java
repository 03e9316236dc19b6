package asyncio.sync;

/// All senders of a channel are closed and nothing is left in it: nothing more will be received.
public final class ChannelEndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Describes the channel.
    ///
    /// @param message which channel it was
    public ChannelEndedException(String message) {
        super(message);
    }
}
