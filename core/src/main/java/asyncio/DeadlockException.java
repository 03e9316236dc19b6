package asyncio;

/// Tasks would wait for each other in a circle, for ever: thrown in debug mode by the await that
/// would close it (AS109). That await has had no effect.
public final class DeadlockException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    DeadlockException(String message) {
        super(message);
    }
}
