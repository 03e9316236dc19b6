package asyncio.stream;

import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import javax.net.ssl.SSLSession;

/// The name of something that is known about a connection, with its type.
///
/// Threads: immutable.
///
/// @param name the name
/// @param type its type
/// @param <T> its type
public record ExtraInfo<T>(String name, Class<T> type) {
    /// The address of this side; asyncio's `sockname`.
    public static final ExtraInfo<SocketAddress> LOCAL_ADDRESS = new ExtraInfo<>("localAddress", SocketAddress.class);

    /// The address of the other side; asyncio's `peername`.
    public static final ExtraInfo<SocketAddress> PEER_ADDRESS = new ExtraInfo<>("peerAddress", SocketAddress.class);

    /// The channel underneath; asyncio's `socket`. Do not read from it or write to it.
    public static final ExtraInfo<SelectableChannel> CHANNEL = new ExtraInfo<>("channel", SelectableChannel.class);

    /// The TLS session: cipher, protocol and certificates; asyncio's `cipher`, `peercert`.
    public static final ExtraInfo<SSLSession> TLS_SESSION = new ExtraInfo<>("tlsSession", SSLSession.class);

    /// The protocol that ALPN agreed on; no value if none was.
    public static final ExtraInfo<String> ALPN_PROTOCOL = new ExtraInfo<>("alpnProtocol", String.class);

    /// The user and the group of the process at the other end of a Unix socket, where the system tells.
    public static final ExtraInfo<PeerCredentials> PEER_CREDENTIALS =
            new ExtraInfo<>("peerCredentials", PeerCredentials.class);

    /// Checks the values.
    public ExtraInfo {
        Objects.requireNonNull(name, "name must not be null");
        Objects.requireNonNull(type, "type must not be null");
    }
}
