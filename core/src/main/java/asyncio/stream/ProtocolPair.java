package asyncio.stream;

import java.util.Objects;

/// A transport and the protocol that was made for it.
///
/// Threads: loop-confined.
///
/// @param transport the connection
/// @param protocol who is told
/// @param <P> the protocol's type
public record ProtocolPair<P extends Protocol>(StreamTransport transport, P protocol) {
    /// Checks the values.
    public ProtocolPair {
        Objects.requireNonNull(transport, "transport must not be null");
        Objects.requireNonNull(protocol, "protocol must not be null");
    }
}
