package asyncio.net;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;

/// A packet, and where it came from.
///
/// Threads: immutable, but for the buffer, which belongs to whoever received it.
///
/// @param data the bytes: all that the packet had, perhaps none
/// @param address the sender
public record Datagram(ByteBuffer data, InetSocketAddress address) {
    /// Checks the values.
    public Datagram {
        Objects.requireNonNull(data, "data must not be null");
        Objects.requireNonNull(address, "address must not be null");
    }

    /// The bytes that the buffer still has, in an array of their own. The buffer stays as it is.
    ///
    /// @return a new array
    public byte[] bytes() {
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        return bytes;
    }
}
