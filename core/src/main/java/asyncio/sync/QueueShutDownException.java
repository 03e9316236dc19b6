package asyncio.sync;

/// A queue was shut down: nothing can be put, or nothing is left to get.
public final class QueueShutDownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Describes the queue.
    ///
    /// @param message what was refused, and by which queue
    public QueueShutDownException(String message) {
        super(message);
    }
}
