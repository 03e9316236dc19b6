package asyncio.net;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopLocal;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.Protocol;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Connections and servers, made for `import static`.
///
/// ```java
/// try (Server server = await(serve(stream -> greet(stream), "127.0.0.1", 8080))) {
///     await(server.serveForever());
/// }
/// ```
///
/// Threads: the functions belong to the running loop.
public final class Net {
    /// As the host of a server: all interfaces, of IPv4 and of IPv6. Nothing listens there unless this
    /// is said.
    public static final String ALL_INTERFACES = "*";

    private static final LoopLocal<ResolverOfLoop> RESOLVER = new LoopLocal<>(loop -> new ResolverOfLoop());

    private Net() {}

    // Connections

    /// Connects to a server.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: as [#connect(String, int, ConnectOptions)].
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @return a coroutine of the connection
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<ByteStream> connect(String host, int port) {
        return connect(host, port, ConnectOptions.DEFAULT);
    }

    /// Connects to a server.
    ///
    /// A host with several addresses is tried by all of them: see
    /// [ConnectOptions#happyEyeballsDelay(java.time.Duration)].
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: `UnknownHostException` if the host has no address. If no address could be
    /// connected to, the failure of the only one; else an `IOException` with all of them as suppressed,
    /// or a group of them (see [ConnectOptions#allErrors(boolean)]). `SocketTimeoutException` if the
    /// options have a limit that is over. Each names the address.
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @param options how
    /// @return a coroutine of the connection
    /// @throws IllegalArgumentException if there can be no such host or port, or the options contradict
    ///     each other
    public static Coroutine<ByteStream> connect(String host, int port, ConnectOptions options) {
        HostName name = HostName.of(host);
        HostName.checkPort(port, 1);
        Upgrade upgrade = options.upgradeFor(name.text());
        return Asyncio.async(() -> new Connector(Asyncio.getRunningLoop(), name, port, options, upgrade).run());
    }

    /// Makes a stream of a connection that there is already.
    ///
    /// Cancellation: closes the channel.
    ///
    /// Errors, when awaited: `IOException` if the upgrade failed.
    ///
    /// @param channel the connection; it belongs to the stream from now on, and is made non-blocking
    /// @param options buffers and upgrade; what is about addresses does not matter
    /// @return a coroutine of the connection
    /// @throws IllegalArgumentException if the channel is not connected, or the options contradict each
    ///     other
    public static Coroutine<ByteStream> connect(SocketChannel channel, ConnectOptions options) {
        if (!channel.isOpen() || !channel.isConnected()) {
            throw new IllegalArgumentException(
                    "channel must be open and connected: got " + channel + "; connect(host, port) connects");
        }
        Upgrade upgrade = options.upgradeFor(null);
        return Asyncio.async(() -> {
            try {
                channel.configureBlocking(false);
                ConnectAttempt.apply(options, channel);
                return Connector.upgraded(new ChannelStream(Asyncio.getRunningLoop(), channel), upgrade);
            } catch (Throwable e) {
                ConnectAttempt.closeAfter(e, channel);
                throw e;
            }
        });
    }

    /// Makes a stream of a connection that there is already.
    ///
    /// Cancellation: never waits.
    ///
    /// Errors, when awaited: `IOException` if the channel is broken.
    ///
    /// @param channel the connection; it belongs to the stream from now on, and is made non-blocking
    /// @return a coroutine of the connection
    /// @throws IllegalArgumentException if the channel is not connected
    public static Coroutine<ByteStream> connect(SocketChannel channel) {
        return connect(channel, ConnectOptions.DEFAULT);
    }

    /// Connects to a server; asyncio's `open_connection`.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: as [#connect(String, int, ConnectOptions)].
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @return a coroutine of reader and writer
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<StreamPair> openConnection(String host, int port) {
        return openConnection(host, port, ConnectOptions.DEFAULT);
    }

    /// Connects to a server; asyncio's `open_connection`.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: as [#connect(String, int, ConnectOptions)].
    ///
    /// @param host a name or a numeric address
    /// @param port the port
    /// @param options how
    /// @return a coroutine of reader and writer
    /// @throws IllegalArgumentException if there can be no such host or port, or the options contradict
    ///     each other
    public static Coroutine<StreamPair> openConnection(String host, int port, ConnectOptions options) {
        return paired(connect(host, port, options), options);
    }

    /// Makes reader and writer of a connection that there is already.
    ///
    /// Cancellation: closes the channel.
    ///
    /// Errors, when awaited: `IOException` if the upgrade failed.
    ///
    /// @param channel as [#connect(SocketChannel, ConnectOptions)]
    /// @param options limit, buffers and upgrade
    /// @return a coroutine of reader and writer
    /// @throws IllegalArgumentException as [#connect(SocketChannel, ConnectOptions)]
    public static Coroutine<StreamPair> openConnection(SocketChannel channel, ConnectOptions options) {
        return paired(connect(channel, options), options);
    }

    private static Coroutine<StreamPair> paired(Coroutine<ByteStream> connection, ConnectOptions options) {
        return Asyncio.async(() -> StreamPair.over(Asyncio.await(connection), options.limitBytes()));
    }

    // Servers

    /// Listens, and serves each connection in a task.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param handler serves one connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> serve(StreamHandler handler, String host, int port) {
        return serve(handler, host, port, ServerOptions.DEFAULT);
    }

    /// Listens, and serves each connection in a task.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param handler serves one connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> serve(StreamHandler handler, String host, int port, ServerOptions options) {
        return listen(Services.of(handler), oneHost(host), port, options);
    }

    /// Listens at several addresses, each once, and serves each connection in a task.
    ///
    /// A host that has several addresses is listened on at all of them, each with a port of its own if
    /// the port is 0. Addresses that this machine does not have are left out, unless none remains.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: `UnknownHostException` if a host has no address; `BindException`, which
    /// names the address, if one of them cannot be listened on; `UnsupportedOperationException` if ports
    /// cannot be shared here.
    ///
    /// @param handler serves one connection
    /// @param hosts where to listen: names, numeric addresses, or [#ALL_INTERFACES]
    /// @param port the port; 0 for one that is free
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there is no host, or can be no such host or port
    public static Coroutine<Server> serve(StreamHandler handler, List<String> hosts, int port, ServerOptions options) {
        return listen(Services.of(handler), hosts, port, options);
    }

    /// Serves each connection of a socket that listens already.
    ///
    /// Cancellation: never waits.
    ///
    /// Errors, when awaited: `IOException` if the socket is broken.
    ///
    /// @param handler serves one connection
    /// @param channel the socket; it belongs to the server from now on, and is made non-blocking
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if the channel is closed
    public static Coroutine<Server> serve(StreamHandler handler, ServerSocketChannel channel, ServerOptions options) {
        return listen(Services.of(handler), channel, options);
    }

    /// Listens, and serves each connection in a task; asyncio's `start_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param handler serves one connection, and closes its writer
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> startServer(ConnectionHandler handler, String host, int port) {
        return startServer(handler, host, port, ServerOptions.DEFAULT);
    }

    /// Listens, and serves each connection in a task; asyncio's `start_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param handler serves one connection, and closes its writer
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> startServer(
            ConnectionHandler handler, String host, int port, ServerOptions options) {
        return listen(Services.of(handler, options.limitBytes()), oneHost(host), port, options);
    }

    /// Listens at several addresses, and serves each connection in a task; asyncio's `start_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param handler serves one connection, and closes its writer
    /// @param hosts where to listen: names, numeric addresses, or [#ALL_INTERFACES]
    /// @param port the port; 0 for one that is free
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there is no host, or can be no such host or port
    public static Coroutine<Server> startServer(
            ConnectionHandler handler, List<String> hosts, int port, ServerOptions options) {
        return listen(Services.of(handler, options.limitBytes()), hosts, port, options);
    }

    /// Serves each connection of a socket that listens already; asyncio's `start_server`.
    ///
    /// Cancellation: never waits.
    ///
    /// Errors, when awaited: `IOException` if the socket is broken.
    ///
    /// @param handler serves one connection, and closes its writer
    /// @param channel the socket; it belongs to the server from now on, and is made non-blocking
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if the channel is closed
    public static Coroutine<Server> startServer(
            ConnectionHandler handler, ServerSocketChannel channel, ServerOptions options) {
        return listen(Services.of(handler, options.limitBytes()), channel, options);
    }

    // Protocols

    /// Connects a new protocol to a server; asyncio's `create_connection`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#connect(String, int, ConnectOptions)].
    ///
    /// @param protocolFactory makes the protocol, once there is a connection
    /// @param host a name or a numeric address
    /// @param port the port
    /// @param <P> the protocol's type
    /// @return a coroutine of transport and protocol, whose `connectionMade` was called
    /// @throws IllegalArgumentException if there can be no such host or port
    public static <P extends Protocol> Coroutine<ProtocolPair<P>> createConnection(
            Supplier<? extends P> protocolFactory, String host, int port) {
        return createConnection(protocolFactory, host, port, ConnectOptions.DEFAULT);
    }

    /// Connects a new protocol to a server; asyncio's `create_connection`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#connect(String, int, ConnectOptions)].
    ///
    /// @param protocolFactory makes the protocol, once there is a connection
    /// @param host a name or a numeric address
    /// @param port the port
    /// @param options how
    /// @param <P> the protocol's type
    /// @return a coroutine of transport and protocol, whose `connectionMade` was called
    /// @throws IllegalArgumentException if there can be no such host or port, or the options contradict
    ///     each other
    public static <P extends Protocol> Coroutine<ProtocolPair<P>> createConnection(
            Supplier<? extends P> protocolFactory, String host, int port, ConnectOptions options) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        Coroutine<ByteStream> connection = connect(host, port, options);
        return Asyncio.async(() -> Services.attach(protocolFactory, Asyncio.await(connection)));
    }

    /// Listens, and serves each connection by a new protocol; asyncio's `create_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param protocolFactory makes a protocol for each connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> createServer(Supplier<? extends Protocol> protocolFactory, String host, int port) {
        return createServer(protocolFactory, host, port, ServerOptions.DEFAULT);
    }

    /// Listens, and serves each connection by a new protocol; asyncio's `create_server`.
    ///
    /// Cancellation: nothing is left open.
    ///
    /// Errors, when awaited: as [#serve(StreamHandler, List, int, ServerOptions)].
    ///
    /// @param protocolFactory makes a protocol for each connection
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @param options how
    /// @return a coroutine of the server
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<Server> createServer(
            Supplier<? extends Protocol> protocolFactory, String host, int port, ServerOptions options) {
        Objects.requireNonNull(protocolFactory, "protocolFactory must not be null");
        return listen(Services.of(protocolFactory), oneHost(host), port, options);
    }

    static List<String> oneHost(String host) {
        if (!ALL_INTERFACES.equals(host)) {
            HostName.of(host); // refuses null with words
        }
        return List.of(host);
    }

    /// A server of any kind at some hosts.
    static Coroutine<Server> listen(Service service, List<String> hosts, int port, ServerOptions options) {
        List<String> checked = Binding.check(hosts);
        HostName.checkPort(port, 0);
        Objects.requireNonNull(options, "options must not be null: ServerOptions.DEFAULT are the defaults");
        return Asyncio.async(() -> {
            EventLoop loop = Asyncio.getRunningLoop();
            Resolver resolver = resolverOr(loop, options.resolver());
            return Server.open(loop, Binding.open(checked, port, options, resolver), service, options);
        });
    }

    /// A server of any kind on a socket.
    static Coroutine<Server> listen(Service service, ServerSocketChannel channel, ServerOptions options) {
        if (!channel.isOpen()) {
            throw new IllegalArgumentException("channel must be open: got " + channel);
        }
        Objects.requireNonNull(options, "options must not be null: ServerOptions.DEFAULT are the defaults");
        return Asyncio.async(() -> {
            try {
                if (channel.getLocalAddress() == null) {
                    throw new IllegalArgumentException("channel must be bound: got " + channel + "; call bind() first");
                }
                channel.configureBlocking(false);
                return Server.open(Asyncio.getRunningLoop(), List.of(channel), service, options);
            } catch (Throwable e) {
                ConnectAttempt.closeAfter(e, channel);
                throw e;
            }
        });
    }

    // Names

    /// Finds the addresses of a host; asyncio's `getaddrinfo`.
    ///
    /// Cancellation: ends the wait at once.
    ///
    /// Errors, when awaited: `UnknownHostException` if there are none.
    ///
    /// @param host a name; a numeric address is returned as it is
    /// @param port the port of the addresses
    /// @return a coroutine of the addresses, never none
    /// @throws IllegalArgumentException if there can be no such host or port
    public static Coroutine<List<InetSocketAddress>> getaddrinfo(String host, int port) {
        HostName name = HostName.of(host);
        HostName.checkPort(port, 0);
        return Asyncio.async(() -> name.addresses(resolverOr(Asyncio.getRunningLoop(), null), port));
    }

    /// Finds the name of an address; asyncio's `getnameinfo`.
    ///
    /// Cancellation: ends the wait at once.
    ///
    /// @param address the address
    /// @return a coroutine of its name; the numeric address as text if it has none
    public static Coroutine<String> getnameinfo(InetAddress address) {
        Objects.requireNonNull(address, "address must not be null");
        return Asyncio.async(
                () -> Asyncio.await(resolverOr(Asyncio.getRunningLoop(), null).nameOf(address), IOException.class));
    }

    /// What finds the addresses of hosts in the running loop, unless options say otherwise.
    ///
    /// @return the resolver
    /// @throws IllegalStateException if no loop runs here
    public static Resolver resolver() {
        return RESOLVER.of(Asyncio.getRunningLoop()).resolver;
    }

    /// Changes what finds the addresses of hosts in the running loop.
    ///
    /// @param resolver the resolver; [Resolver#system()] is that of the beginning
    /// @throws IllegalStateException if no loop runs here
    public static void setResolver(Resolver resolver) {
        RESOLVER.of(Asyncio.getRunningLoop()).resolver =
                Objects.requireNonNull(resolver, "resolver must not be null: Resolver.system() is the default");
    }

    static Resolver resolverOr(EventLoop loop, @Nullable Resolver chosen) {
        return chosen != null ? chosen : RESOLVER.of(loop).resolver;
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
            return UnixListener.bind(loop, path, options).serve(Services.of(handler));
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
        return Asyncio.async(() -> UnixListener.bind(Asyncio.getRunningLoop(), path, options)
                .serve(Services.of(handler, StreamPair.DEFAULT_LIMIT)));
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

    /// The resolver of one loop.
    ///
    /// Threads: loop-confined.
    private static final class ResolverOfLoop {
        private Resolver resolver = Resolver.system();
    }
}
