package asyncio.net;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Where a datagram endpoint is, with whom it talks, and how.
///
/// ```java
/// DatagramOptions.at(new InetSocketAddress("127.0.0.1", 5353)) // receives from everybody
/// DatagramOptions.to(InetSocketAddress.createUnresolved("stats.example.org", 8125)) // talks to one
/// ```
///
/// Threads: immutable.
///
/// @param local where to receive, port 0 for a free one; null: the system chooses, once it is known with
///     whom to talk
/// @param remote the only one to talk to; null: anybody
/// @param maxBytes how long a datagram may be that is received; a longer one is dropped
/// @param receiveBufferBytes how much the system keeps until it is received; what comes beyond that is
///     dropped; 0: as the system has it
/// @param broadcast whether it may send to broadcast addresses
/// @param reusePort whether other endpoints may have the same local address and share the load
public record DatagramOptions(
        @Nullable InetSocketAddress local,
        @Nullable InetSocketAddress remote,
        int maxBytes,
        int receiveBufferBytes,
        boolean broadcast,
        boolean reusePort) {
    /// No datagram is longer.
    public static final int MAX_BYTES = 65535;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if neither address is given, or a size is out of range
    public DatagramOptions {
        if (local == null && remote == null) {
            throw new IllegalArgumentException("local or remote must be given: got neither;"
                    + " to talk to anybody from a free port, use local 0.0.0.0 or ::, port 0");
        }
        if (remote != null && remote.getPort() == 0) {
            throw new IllegalArgumentException("remote must have a port: got " + remote);
        }
        if (maxBytes <= 0 || maxBytes > MAX_BYTES) {
            throw new IllegalArgumentException("maxBytes must be 1 to " + MAX_BYTES + ": got " + maxBytes);
        }
        if (receiveBufferBytes < 0) {
            throw new IllegalArgumentException(
                    "receiveBufferBytes must not be negative: got " + receiveBufferBytes + "; 0 is the system's");
        }
    }

    /// Receives at an address, from anybody.
    ///
    /// @param local the address; a name is looked up
    /// @return new options
    public static DatagramOptions at(InetSocketAddress local) {
        return new DatagramOptions(local, null, MAX_BYTES, 0, false, false);
    }

    /// Talks to one address, and hears from no other.
    ///
    /// @param remote the address; a name is looked up
    /// @return new options
    /// @throws IllegalArgumentException if it has no port
    public static DatagramOptions to(InetSocketAddress remote) {
        return new DatagramOptions(null, remote, MAX_BYTES, 0, false, false);
    }

    /// The same at an address.
    ///
    /// @param newLocal where to receive
    /// @return new options
    public DatagramOptions local(InetSocketAddress newLocal) {
        return new DatagramOptions(newLocal, remote, maxBytes, receiveBufferBytes, broadcast, reusePort);
    }

    /// The same with one partner.
    ///
    /// @param newRemote the only one to talk to
    /// @return new options
    /// @throws IllegalArgumentException if it has no port
    public DatagramOptions remote(InetSocketAddress newRemote) {
        return new DatagramOptions(local, newRemote, maxBytes, receiveBufferBytes, broadcast, reusePort);
    }

    /// The same with a limit for what is received.
    ///
    /// @param newMaxBytes how long a datagram may be
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive, or more than [#MAX_BYTES]
    public DatagramOptions maxBytes(int newMaxBytes) {
        return new DatagramOptions(local, remote, newMaxBytes, receiveBufferBytes, broadcast, reusePort);
    }

    /// The same with another room in the system for what was not received yet.
    ///
    /// @param newReceiveBufferBytes how much; a hint, which the system may round or limit
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public DatagramOptions receiveBufferBytes(int newReceiveBufferBytes) {
        return new DatagramOptions(local, remote, maxBytes, newReceiveBufferBytes, broadcast, reusePort);
    }

    /// The same with or without broadcasts; asyncio's `allow_broadcast`.
    ///
    /// @param newBroadcast whether it may send to broadcast addresses
    /// @return new options
    public DatagramOptions broadcast(boolean newBroadcast) {
        return new DatagramOptions(local, remote, maxBytes, receiveBufferBytes, newBroadcast, reusePort);
    }

    /// The same with or without sharing of the port; asyncio's `reuse_port`.
    ///
    /// @param newReusePort whether others may have the same local address
    /// @return new options
    public DatagramOptions reusePort(boolean newReusePort) {
        return new DatagramOptions(local, remote, maxBytes, receiveBufferBytes, broadcast, newReusePort);
    }
}
