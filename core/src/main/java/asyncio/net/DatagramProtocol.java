package asyncio.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a [DatagramTransport] tells its user, by callbacks. With tasks, a [DatagramEndpoint] is
/// simpler.
///
/// Order: `connectionMade`, then the others, then `connectionLost` exactly once. Each runs as a
/// callback of the loop, in no task, and cannot await. The failure of one goes to the exception
/// handler; the transport stays open.
///
/// Threads: called on the loop's thread.
public interface DatagramProtocol {
    /// The transport is ready. Called once, before everything else.
    ///
    /// @param transport by which to send
    default void connectionMade(DatagramTransport transport) {}

    /// A datagram has arrived.
    ///
    /// @param data the bytes, yours to keep; none if the datagram is empty
    /// @param address the sender
    default void datagramReceived(ByteBuffer data, InetSocketAddress address) {}

    /// A datagram could not be sent, or what was received is news of that: `PortUnreachableException` if
    /// nobody listens there. The transport stays open.
    ///
    /// @param error what happened
    default void errorReceived(IOException error) {}

    /// More waits to be sent than the high-water mark: do not send for a while. Called from within
    /// [DatagramTransport#sendto(ByteBuffer, InetSocketAddress)].
    default void pauseWriting() {}

    /// What waits to be sent is down to the low-water mark: sending may go on.
    default void resumeWriting() {}

    /// The transport is closed. Called once, after everything else.
    ///
    /// @param error null if it was closed here; a [asyncio.stream.StreamClosedException] if its loop was
    default void connectionLost(@Nullable Throwable error) {}
}
