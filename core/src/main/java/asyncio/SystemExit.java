package asyncio;

/// Ends the program: thrown inside a task or callback, it leaves the loop at once and comes out of
/// `run`.
///
/// The launcher turns it into the exit code. Unlike `System.exit` it lets every task clean up
/// first.
public final class SystemExit extends Error {
    private static final long serialVersionUID = 1L;

    /// The exit code.
    private final int code;

    /// Asks for the end of the program.
    ///
    /// @param code the exit code
    public SystemExit(int code) {
        super("exit code " + code);
        this.code = code;
    }

    /// The exit code.
    ///
    /// @return the code
    public int code() {
        return code;
    }
}
