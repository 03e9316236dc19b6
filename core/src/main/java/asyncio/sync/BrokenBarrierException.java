package asyncio.sync;

/// A barrier was reset or aborted while a task waited at it, or had been aborted before.
public final class BrokenBarrierException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// Describes what happened.
    ///
    /// @param message which barrier, and what to do
    public BrokenBarrierException(String message) {
        super(message);
    }
}
