package asyncio.net;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopLocal;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
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

    /// The resolver of one loop.
    ///
    /// Threads: loop-confined.
    private static final class ResolverOfLoop {
        private Resolver resolver = Resolver.system();
    }
}
