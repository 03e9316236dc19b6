package asyncio;

/// Thrown by `run` when SIGINT (Ctrl-C) ended it.
///
/// Thrown inside a task or callback, it leaves the loop at once, as [SystemExit] does.
public final class KeyboardInterrupt extends Error {
    private static final long serialVersionUID = 1L;

    /// An interrupt from the keyboard.
    public KeyboardInterrupt() {}
}
