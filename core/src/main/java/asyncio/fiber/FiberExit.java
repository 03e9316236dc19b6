package asyncio.fiber;

/// Thrown out of a suspension point when the loop is closed while a coroutine is still suspended
/// there.
///
/// It unwinds the coroutine so that its `finally` blocks run and its thread ends. Waiting again
/// throws it again.
///
/// Threads: immutable.
public final class FiberExit extends Error {
    private static final long serialVersionUID = 1L;

    FiberExit() {
        super("the event loop was closed while this coroutine was suspended", null, false, false);
    }
}
