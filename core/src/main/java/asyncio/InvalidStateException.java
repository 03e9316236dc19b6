package asyncio;

/// A future was asked for what it does not have yet, or given a second outcome.
public final class InvalidStateException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// Describes the state.
    ///
    /// @param message what was asked, of what, and in which state
    public InvalidStateException(String message) {
        super(message);
    }
}
