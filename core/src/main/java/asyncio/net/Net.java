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
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
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
            try {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                if (!channel.connect(new InetSocketAddress(host, port))) {
                    Future<@Nullable Void> ready = loop.createFuture();
                    loop.addWriter(channel, () -> {
                        loop.removeWriter(channel);
                        if (!ready.isDone()) { // cancelled in the same turn
                            ready.setResult(null);
                        }
                    });
                    Asyncio.await(ready);
                    channel.finishConnect();
                }
                return new ChannelStream(loop, channel);
            } catch (Throwable e) {
                loop.removeWriter(channel);
                channel.close();
                throw e;
            }
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

    // Datagrams, Unix sockets, pipes, and channels of your own

    /// Opens an endpoint for datagrams (UDP).
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `IOException` if a name is not known, or an address cannot be had.
    ///
    /// @param options where it is, and with whom it talks
    /// @return a coroutine of the endpoint
    public static Coroutine<DatagramEndpoint> openDatagramEndpoint(DatagramOptions options) {
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(() -> new DatagramEndpoint(DatagramOpening.open(Asyncio.getRunningLoop(), options)));
    }

    /// An endpoint for datagrams on a channel of your own, which belongs to it from now on.
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: `IOException` if the channel is closed.
    ///
    /// @param channel a channel that is bound or connected, in non-blocking mode
    /// @return a coroutine of the endpoint
    /// @throws IllegalArgumentException if it is neither bound nor connected, or in blocking mode
    public static Coroutine<DatagramEndpoint> openDatagramEndpoint(DatagramChannel channel) {
        DatagramOpening.check(channel);
        return Asyncio.async(() -> new DatagramEndpoint(DatagramOpening.adopt(Asyncio.getRunningLoop(), channel)));
    }

    /// Opens an endpoint for datagrams that tells a protocol by callbacks; asyncio's
    /// `create_datagram_endpoint`.
    ///
    /// Cancellation: nothing is left open; a protocol that was made is told its end.
    ///
    /// Errors, when awaited: `IOException` if a name is not known, or an address cannot be had; what the
    /// factory throws.
    ///
    /// @param protocolFactory makes the protocol
    /// @param options where it is, and with whom it talks
    /// @param <P> the protocol
    /// @return a coroutine of transport and protocol, after `connectionMade`
    public static <P extends DatagramProtocol> Coroutine<DatagramPair<P>> createDatagramEndpoint(
            Supplier<? extends P> protocolFactory, DatagramOptions options) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(
                () -> DatagramOpening.start(DatagramOpening.open(Asyncio.getRunningLoop(), options), protocolFactory));
    }

    /// The same on a channel of your own, which belongs to the transport from now on.
    ///
    /// Cancellation: the channel is closed; a protocol that was made is told its end.
    ///
    /// Errors, when awaited: `IOException` if the channel is closed; what the factory throws.
    ///
    /// @param protocolFactory makes the protocol
    /// @param channel a channel that is bound or connected, in non-blocking mode
    /// @param <P> the protocol
    /// @return a coroutine of transport and protocol, after `connectionMade`
    /// @throws IllegalArgumentException if it is neither bound nor connected, or in blocking mode
    public static <P extends DatagramProtocol> Coroutine<DatagramPair<P>> createDatagramEndpoint(
            Supplier<? extends P> protocolFactory, DatagramChannel channel) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        DatagramOpening.check(channel);
        return Asyncio.async(
                () -> DatagramOpening.start(DatagramOpening.adopt(Asyncio.getRunningLoop(), channel), protocolFactory));
    }

    /// Connects to a Unix socket. Waits as long as the server accepts nobody.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: `NoSuchFileException` if there is no such file, `ConnectException` if nobody
    /// listens there, another `IOException` if the path is too long, or not to be had.
    ///
    /// @param path the socket file
    /// @return a coroutine of the connection
    public static Coroutine<ByteStream> connectUnix(Path path) {
        Objects.requireNonNull(path, "path must not be null");
        return Asyncio.async(() -> UnixConnecting.connect(Asyncio.getRunningLoop(), path));
    }

    /// Connects to a Unix socket, as [#connectUnix(Path)]; asyncio's `open_unix_connection`.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: as [#connectUnix(Path)].
    ///
    /// @param path the socket file
    /// @return a coroutine of reader and writer
    public static Coroutine<StreamPair> openUnixConnection(Path path) {
        Objects.requireNonNull(path, "path must not be null");
        return Asyncio.async(() ->
                StreamPair.over(UnixConnecting.connect(Asyncio.getRunningLoop(), path), StreamPair.DEFAULT_LIMIT));
    }

    /// Listens on a Unix socket, for the user of this process only, and serves each connection in a task.
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: as [#serveUnix(StreamHandler, Path, UnixOptions)].
    ///
    /// @param handler serves one connection
    /// @param path the socket file
    /// @return a coroutine of the server
    public static Coroutine<Server> serveUnix(StreamHandler handler, Path path) {
        return serveUnix(handler, path, UnixOptions.DEFAULT);
    }

    /// Listens on a Unix socket, and serves each connection in a task.
    ///
    /// A socket file that is there already is replaced, also if another server listens there. The file is
    /// removed when the server is closed, unless another one has taken its place.
    ///
    /// The permissions are set right after the file was made. Where that is not soon enough, use a
    /// directory that others cannot enter.
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: `BindException` if there is a file that is no socket, another `IOException`
    /// if the path is too long, or not to be had.
    ///
    /// @param handler serves one connection
    /// @param path the socket file
    /// @param options who may connect
    /// @return a coroutine of the server
    public static Coroutine<Server> serveUnix(StreamHandler handler, Path path, UnixOptions options) {
        Objects.requireNonNull(handler, "handler must not be null");
        Objects.requireNonNull(path, "path must not be null");
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(() -> {
            EventLoop loop = Asyncio.getRunningLoop();
            UnixListener listener = UnixListener.bind(loop, path, options);
            return new Server(loop, listener.channel(), handler, listener::removeFile);
        });
    }

    /// Listens on a Unix socket, and serves each connection in a task; asyncio's `start_unix_server`. As
    /// [#serveUnix(StreamHandler, Path, UnixOptions)].
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: as [#serveUnix(StreamHandler, Path, UnixOptions)].
    ///
    /// @param handler serves one connection
    /// @param path the socket file
    /// @return a coroutine of the server
    public static Coroutine<Server> startUnixServer(ConnectionHandler handler, Path path) {
        return startUnixServer(handler, path, UnixOptions.DEFAULT);
    }

    /// The same with options.
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: as [#serveUnix(StreamHandler, Path, UnixOptions)].
    ///
    /// @param handler serves one connection
    /// @param path the socket file
    /// @param options who may connect
    /// @return a coroutine of the server
    public static Coroutine<Server> startUnixServer(ConnectionHandler handler, Path path, UnixOptions options) {
        Objects.requireNonNull(handler, "handler must not be null");
        return serveUnix(
                stream -> {
                    try (StreamPair pair = StreamPair.over(stream, StreamPair.DEFAULT_LIMIT)) {
                        handler.handle(pair.reader(), pair.writer());
                    }
                },
                path,
                options);
    }

    /// Opens a pipe of the operating system. For a pair in memory, see
    /// [asyncio.stream.MemoryStream#pair(EventLoop)].
    ///
    /// Cancellation: never suspends.
    ///
    /// Errors, when awaited: `IOException` if there are no descriptors left.
    ///
    /// @return a coroutine of both ends
    public static Coroutine<PipePair> openPipe() {
        return Asyncio.async(() -> PipePair.open(Asyncio.getRunningLoop()));
    }

    // Channels of your own: each function tries at once, and waits only if it must. While it waits, the channel is
    // watched, and nobody else may use it in that direction.

    /// Receives bytes from a channel of your own; asyncio's `sock_recv`.
    ///
    /// Before a channel is closed, cancel what waits for it: nobody tells it.
    ///
    /// Cancellation: ends the wait; nothing was received.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a socket or the source of a pipe, in non-blocking mode
    /// @param maxBytes how much at most
    /// @param <C> the kind of channel
    /// @return a coroutine of at least one byte; of none at the end, or for an empty datagram
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the limit not positive
    /// @throws IllegalStateException when awaited, if the channel is used by a stream, a server, a callback
    ///     or another task
    public static <C extends SelectableChannel & ReadableByteChannel> Coroutine<byte[]> sockRecv(
            C channel, int maxBytes) {
        return SocketFunctions.recv(channel, maxBytes);
    }

    /// Receives bytes into a buffer, as [#sockRecv]; asyncio's `sock_recv_into`.
    ///
    /// Cancellation: ends the wait; nothing was received.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a socket or the source of a pipe, in non-blocking mode
    /// @param target where the bytes go; its position moves on
    /// @param <C> the kind of channel
    /// @return a coroutine of how many bytes; -1 at the end
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the buffer has no room
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static <C extends SelectableChannel & ReadableByteChannel> Coroutine<Integer> sockRecvInto(
            C channel, ByteBuffer target) {
        return SocketFunctions.recvInto(channel, target);
    }

    /// Receives a datagram from a channel of your own; asyncio's `sock_recvfrom`. What is longer is cut.
    ///
    /// Cancellation: ends the wait; nothing was received.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a bound channel in non-blocking mode
    /// @param maxBytes how much at most
    /// @return a coroutine of the datagram
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the limit not positive
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static Coroutine<Datagram> sockRecvFrom(DatagramChannel channel, int maxBytes) {
        return SocketFunctions.recvFrom(channel, maxBytes);
    }

    /// Receives a datagram into a buffer, as [#sockRecvFrom]; asyncio's `sock_recvfrom_into`.
    ///
    /// Cancellation: ends the wait; nothing was received.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a bound channel in non-blocking mode
    /// @param target where the bytes go; its position says how many
    /// @return a coroutine of the sender
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the buffer has no room
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static Coroutine<InetSocketAddress> sockRecvFromInto(DatagramChannel channel, ByteBuffer target) {
        return SocketFunctions.recvFromInto(channel, target);
    }

    /// Sends all bytes; asyncio's `sock_sendall`.
    ///
    /// Cancellation: ends the wait. Some bytes may have been sent: the buffer's position says how many.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a connected socket or the sink of a pipe, in non-blocking mode
    /// @param source the bytes; its position moves on
    /// @param <C> the kind of channel
    /// @return a coroutine
    /// @throws IllegalArgumentException if the channel is in blocking mode
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static <C extends SelectableChannel & WritableByteChannel> Coroutine<@Nullable Void> sockSendAll(
            C channel, ByteBuffer source) {
        return SocketFunctions.sendAll(channel, source);
    }

    /// Sends a datagram; asyncio's `sock_sendto`.
    ///
    /// Cancellation: ends the wait; nothing was sent.
    ///
    /// Errors, when awaited: `IOException` if it is too long, or the channel fails or is closed.
    ///
    /// @param channel a channel in non-blocking mode
    /// @param source the bytes, perhaps none
    /// @param address where to
    /// @return a coroutine of how many bytes were sent: all
    /// @throws IllegalArgumentException if the channel is in blocking mode, or the address unresolved
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static Coroutine<Integer> sockSendTo(DatagramChannel channel, ByteBuffer source, InetSocketAddress address) {
        return SocketFunctions.sendTo(channel, source, address);
    }

    /// Connects a channel of your own; asyncio's `sock_connect`. A name is looked up first.
    ///
    /// Cancellation: ends the wait; close the channel then, as after a failure.
    ///
    /// Errors, when awaited: `IOException` if there is no connection to be had; the channel is closed.
    ///
    /// @param channel a socket in non-blocking mode
    /// @param address where to; may be unresolved
    /// @return a coroutine
    /// @throws IllegalArgumentException if the channel is in blocking mode
    /// @throws IllegalStateException when awaited, if it is connected, or somebody else uses it
    public static Coroutine<@Nullable Void> sockConnect(SocketChannel channel, SocketAddress address) {
        return SocketFunctions.connect(channel, address);
    }

    /// Accepts a connection; asyncio's `sock_accept`.
    ///
    /// Cancellation: ends the wait; nothing was accepted.
    ///
    /// Errors, when awaited: `IOException` if the channel fails, or is closed.
    ///
    /// @param channel a listening socket in non-blocking mode
    /// @return a coroutine of the connection, in non-blocking mode
    /// @throws IllegalArgumentException if the channel is in blocking mode
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static Coroutine<SocketChannel> sockAccept(ServerSocketChannel channel) {
        return SocketFunctions.accept(channel);
    }

    /// Sends a part of a file, without copying it through the program where the system can do that;
    /// asyncio's `sock_sendfile`. Reading the file blocks the loop, in pieces of 256 KiB.
    ///
    /// In the end the file's position is behind what was sent, also after a failure.
    ///
    /// Cancellation: ends it between two pieces; the file's position says how much was sent.
    ///
    /// Errors, when awaited: `IOException` if the channel or the file fails, or is closed.
    ///
    /// @param channel a connected socket in non-blocking mode
    /// @param file the file
    /// @param offset where to begin
    /// @param count how many bytes, up to the end of the file
    /// @return a coroutine of how many bytes were sent
    /// @throws IllegalArgumentException if the channel is in blocking mode, or a number is out of range
    /// @throws IllegalStateException when awaited, if somebody else uses the channel
    public static Coroutine<Long> sockSendfile(SocketChannel channel, FileChannel file, long offset, long count) {
        return SocketFunctions.sendfile(channel, file, offset, count);
    }
}
