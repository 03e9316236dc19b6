package asyncio.stream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a [Transport] tells its user, by callbacks: the low-level way to use a connection.
///
/// Order: `connectionMade`, then `dataReceived` any number of times, then `eofReceived` at most
/// once, then `connectionLost` exactly once. Each runs as a callback of the loop, in no task, and
/// cannot await. One that fails ends the connection, but for `pauseWriting` and `resumeWriting`; the
/// failure goes to the exception handler.
///
/// Threads: called on the loop's thread.
public interface Protocol {
    /// The connection is there. Called once, before everything else.
    ///
    /// @param transport the connection
    default void connectionMade(Transport transport) {}

    /// Bytes have arrived.
    ///
    /// @param data the bytes; valid during the call only, because the buffer is used again
    default void dataReceived(ByteBuffer data) {}

    /// The peer has sent its end.
    ///
    /// @return false if the transport is to close itself; true if this side goes on sending
    default boolean eofReceived() {
        return false;
    }

    /// The connection is over. Called once, after everything else.
    ///
    /// @param error why; null if it was closed in good form, here or by the peer
    default void connectionLost(@Nullable Throwable error) {}

    /// More waits to be sent than the high-water mark: do not write for a while. Called from within
    /// [Transport#write(ByteBuffer)].
    default void pauseWriting() {}

    /// What waits to be sent is down to the low-water mark: writing may go on.
    default void resumeWriting() {}
}
