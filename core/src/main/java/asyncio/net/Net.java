package asyncio.net;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.Protocol;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamPair;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Connections and servers, made for `import static`.
///
/// Threads: the functions belong to the running loop.
public final class Net {
    private Net() {}

    /// Connects to a server.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if there is no connection to be had.
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @return a coroutine of the connection
    public static Coroutine<ByteStream> connect(String host, int port) {
        return Asyncio.async(() -> {
            EventLoop loop = Asyncio.getRunningLoop();
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (!channel.connect(new InetSocketAddress(host, port))) {
                Future<@Nullable Void> ready = loop.createFuture();
                loop.addWriter(channel, () -> {
                    loop.removeWriter(channel);
                    ready.setResult(null);
                });
                Asyncio.await(ready);
                channel.finishConnect();
            }
            return new ChannelStream(loop, channel);
        });
    }

    /// Listens, and serves each connection in a task.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if the address cannot be listened on.
    ///
    /// @param handler serves one connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    public static Coroutine<Server> serve(StreamHandler handler, String host, int port) {
        return Asyncio.async(() -> {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(host, port));
            return new Server(Asyncio.getRunningLoop(), channel, handler);
        });
    }

    /// Connects to a server; asyncio's `open_connection`.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if there is no connection to be had.
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @return a coroutine of reader and writer
    public static Coroutine<StreamPair> openConnection(String host, int port) {
        return Asyncio.async(() -> StreamPair.over(Asyncio.await(connect(host, port)), StreamPair.DEFAULT_LIMIT));
    }

    /// Listens, and serves each connection in a task; asyncio's `start_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if the address cannot be listened on.
    ///
    /// @param handler serves one connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    public static Coroutine<Server> startServer(ConnectionHandler handler, String host, int port) {
        return serve(Protocols.serving(handler, StreamPair.DEFAULT_LIMIT), host, port);
    }

    /// Connects a new protocol to a server; asyncio's `create_connection`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if there is no connection to be had.
    ///
    /// @param protocolFactory makes the protocol, once there is a connection
    /// @param host a name or a numeric address
    /// @param port the port
    /// @param <P> the protocol's type
    /// @return a coroutine of transport and protocol, whose `connectionMade` was called
    public static <P extends Protocol> Coroutine<ProtocolPair<P>> createConnection(
            Supplier<? extends P> protocolFactory, String host, int port) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        return Asyncio.async(() -> Protocols.attach(protocolFactory, Asyncio.await(connect(host, port))));
    }

    /// Listens, and serves each connection by a new protocol; asyncio's `create_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if the address cannot be listened on.
    ///
    /// @param protocolFactory makes a protocol for each connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    public static Coroutine<Server> createServer(Supplier<? extends Protocol> protocolFactory, String host, int port) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        return serve(Protocols.serving(protocolFactory), host, port);
    }
}
