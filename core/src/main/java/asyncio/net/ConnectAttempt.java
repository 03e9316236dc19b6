package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.WaitKind;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One address, and the attempt to connect to it. Whatever ends the attempt, only success leaves
/// something open.
///
/// Threads: loop-confined.
final class ConnectAttempt {
    private final EventLoop loop;
    private final InetSocketAddress address;
    private final List<InetSocketAddress> localAddresses; // to choose from; empty: the system's choice
    private final ConnectOptions options;

    ConnectAttempt(
            EventLoop loop, InetSocketAddress address, List<InetSocketAddress> localAddresses, ConnectOptions options) {
        this.loop = loop;
        this.address = address;
        this.localAddresses = localAddresses;
        this.options = options;
    }

    /// In a task: connects.
    ///
    /// @throws IOException which names the address
    ChannelStream run() throws IOException {
        SocketChannel channel = open();
        ChannelStream stream = null;
        try {
            channel.configureBlocking(false);
            apply(options, channel);
            bind(channel);
            stream = new ChannelStream(loop, channel); // watched before it is connected, and never anew
            connect(channel, stream);
            return stream;
        } catch (Throwable e) {
            if (stream != null) {
                stream.close();
            }
            closeAfter(e, channel);
            throw e;
        }
    }

    /// Closes what is of no use any more because of a failure.
    static void closeAfter(Throwable failure, Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private SocketChannel open() throws IOException {
        try {
            return SocketChannel.open(familyOf(address.getAddress()));
        } catch (UnsupportedOperationException e) {
            throw named("Connect call failed", address, new SocketException("the system has no such addresses"));
        }
    }

    static ProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    static void apply(ConnectOptions options, SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) { // not of a Unix socket
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (options.keepAlive()) {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        if (options.receiveBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.sendBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferBytes());
        }
    }

    private void bind(SocketChannel channel) throws IOException {
        if (localAddresses.isEmpty()) {
            return;
        }
        ProtocolFamily family = familyOf(address.getAddress());
        InetSocketAddress local = localAddresses.stream()
                .filter(each -> familyOf(each.getAddress()).equals(family))
                .findFirst()
                .orElseThrow(() -> new SocketException("no matching local address with family " + family + " found for "
                        + HostName.describe(address) + ": got " + localAddresses));
        try {
            channel.bind(local);
        } catch (IOException e) {
            throw named("error while attempting to bind on address", local, e);
        }
    }

    private void connect(SocketChannel channel, ChannelStream stream) throws IOException {
        try {
            boolean connected = channel.connect(address);
            while (!connected) {
                waitConnectable(stream);
                connected = channel.finishConnect();
            }
        } catch (IOException e) {
            throw named("Connect call failed", address, e);
        } catch (UnsupportedAddressTypeException e) {
            throw named("Connect call failed", address, new SocketException("the system has no such addresses"));
        }
    }

    private void waitConnectable(ChannelStream stream) {
        Future<@Nullable Void> ready = loop.createFuture(WaitKind.IO, this);
        stream.onWritable(() -> {
            if (!ready.isDone()) {
                ready.setResult(null);
            }
        });
        try {
            Asyncio.await(ready);
        } finally {
            stream.onWritable(null);
        }
    }

    /// The same kind of failure, with the address in its words.
    static IOException named(String what, InetSocketAddress address, IOException e) {
        String words = what + " " + HostName.describe(address) + ": " + e.getMessage();
        IOException named = switch (e) {
            case BindException _ -> new BindException(words);
            case ConnectException _ -> new ConnectException(words);
            case NoRouteToHostException _ -> new NoRouteToHostException(words);
            case SocketException _ -> new SocketException(words);
            default -> new IOException(words);
        };
        named.initCause(e);
        return named;
    }

    @Override
    public String toString() {
        return "connection to " + HostName.describe(address);
    }
}
