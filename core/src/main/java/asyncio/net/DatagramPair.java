package asyncio.net;

import java.util.Objects;

/// What `createDatagramEndpoint` gives.
///
/// Threads: loop-confined.
///
/// @param transport by which to send
/// @param protocol what is told
/// @param <P> its type
public record DatagramPair<P extends DatagramProtocol>(DatagramTransport transport, P protocol) {
    /// Checks the values.
    public DatagramPair {
        Objects.requireNonNull(transport, "transport must not be null");
        Objects.requireNonNull(protocol, "protocol must not be null");
    }
}
