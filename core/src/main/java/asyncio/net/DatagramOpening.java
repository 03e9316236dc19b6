package asyncio.net;

import asyncio.EventLoop;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Opens the channel of a datagram endpoint: tries the addresses that its names have, one after the
/// other.
///
/// Threads: loop-confined.
final class DatagramOpening {
    private final DatagramOptions options;

    private DatagramOpening(DatagramOptions options) {
        this.options = options;
    }

    /// Looks names up, which may await, then opens. Nothing is left open if it fails or is cancelled.
    static DatagramPort open(EventLoop loop, DatagramOptions options) throws IOException {
        List<@Nullable InetSocketAddress> locals = resolve(loop, options.local());
        List<@Nullable InetSocketAddress> remotes = resolve(loop, options.remote());
        return new DatagramOpening(options).openFirst(loop, locals, remotes);
    }

    /// A channel of the user's, which must be ready for use.
    static void check(DatagramChannel channel) {
        SocketCalls.requireNonBlocking(channel);
        try {
            if (channel.getLocalAddress() == null) {
                throw new IllegalArgumentException("channel must be bound or connected: got " + channel);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("channel must be open: got " + channel, e);
        }
    }

    static DatagramPort adopt(EventLoop loop, DatagramChannel channel) throws IOException {
        return new DatagramPort(loop, channel, DatagramOptions.MAX_BYTES);
    }

    /// Makes a protocol for an open port, and waits until it was told. If there is none, the port is closed.
    static <P extends DatagramProtocol> DatagramPair<P> start(
            DatagramPort port, Supplier<? extends P> protocolFactory) {
        P protocol;
        try {
            protocol = Objects.requireNonNull(protocolFactory.get(), "protocolFactory must not return null");
        } catch (Throwable e) {
            port.close();
            throw e;
        }
        return DatagramTransport.start(port, protocol);
    }

    private static List<@Nullable InetSocketAddress> resolve(EventLoop loop, @Nullable InetSocketAddress address)
            throws IOException {
        return address == null
                ? Collections.singletonList(null)
                : new ArrayList<@Nullable InetSocketAddress>(HostName.addressesOf(loop, address));
    }

    private DatagramPort openFirst(
            EventLoop loop, List<@Nullable InetSocketAddress> locals, List<@Nullable InetSocketAddress> remotes)
            throws IOException {
        IOException failure = null;
        for (InetSocketAddress remote : remotes) {
            for (InetSocketAddress local : locals) {
                if (local != null && remote != null && family(local) != family(remote)) {
                    continue;
                }
                try {
                    return open(loop, local, remote);
                } catch (IOException e) {
                    failure = add(failure, e);
                }
            }
        }
        throw failure != null
                ? failure
                : new UnknownHostException("local and remote have no address of the same family: " + options);
    }

    private static IOException add(@Nullable IOException first, IOException further) {
        if (first == null) {
            return further;
        }
        first.addSuppressed(further);
        return first;
    }

    private DatagramPort open(EventLoop loop, @Nullable InetSocketAddress local, @Nullable InetSocketAddress remote)
            throws IOException {
        InetSocketAddress known = local != null ? local : remote;
        DatagramChannel channel = DatagramChannel.open(known == null ? StandardProtocolFamily.INET : family(known));
        try {
            configure(channel);
            if (local != null) {
                bind(channel, local);
            }
            if (remote != null) {
                channel.connect(remote);
            }
            return new DatagramPort(loop, channel, options.maxBytes());
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    private void configure(DatagramChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_BROADCAST, options.broadcast());
        if (options.reusePort()) {
            if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                throw new IllegalArgumentException("reusePort is not supported on this platform; leave it false");
            }
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        if (options.receiveBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
        }
    }

    private static void bind(DatagramChannel channel, InetSocketAddress local) throws IOException {
        try {
            channel.bind(local);
        } catch (IOException e) {
            IOException named = new java.net.BindException(
                    "error while attempting to bind on address " + local + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    static StandardProtocolFamily family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }
}
