package asyncio.process;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a [SubprocessTransport] tells its user, by callbacks: the low-level way to use a child.
///
/// Order: `connectionMade` first, `connectionLost` last, after the child has ended and all its pipes
/// are closed. In between, what comes from one pipe comes in its order; `processExited` may come before
/// or after. Each runs as a callback of the loop, in no task, and cannot await. One that fails goes to
/// the exception handler; if it was `pipeDataReceived`, its pipe is closed.
///
/// Threads: called on the loop's thread.
public interface SubprocessProtocol {
    /// The child runs.
    ///
    /// @param transport the child
    default void connectionMade(SubprocessTransport transport) {}

    /// The child has written.
    ///
    /// @param fd 1 for its output, 2 for its error output
    /// @param data the bytes; valid during the call only, because the buffer is used again
    default void pipeDataReceived(int fd, ByteBuffer data) {}

    /// A pipe is closed. Called once for each that there was.
    ///
    /// @param fd 0, 1 or 2
    /// @param error why; null if it was closed in good form
    default void pipeConnectionLost(int fd, @Nullable Throwable error) {}

    /// The child has ended.
    default void processExited() {}

    /// The child has ended, and its pipes are closed. Nothing comes afterwards. Not called if the loop is
    /// closed before: it kills the child and does not wait for it.
    ///
    /// @param error always null
    default void connectionLost(@Nullable Throwable error) {}
}
