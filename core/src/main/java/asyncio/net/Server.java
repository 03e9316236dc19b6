package asyncio.net;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Accepts connections, and serves each in a task of its own, which belongs to the server.
///
/// [#stop(Duration)] ends all of it in an orderly way. [#close()] is asyncio's: it ends the listening,
/// and the connections live on. What is left is closed with the loop.
///
/// A connection counts until its channel is closed. `serve` closes it when the handler has returned;
/// with `startServer` it stays open until the writer is closed, as in asyncio.
///
/// Errors: a handler that fails is reported to the loop's exception handler, and its connection is
/// closed; one that is cancelled only has its connection closed. So it is with a failed TLS handshake,
/// reported once in a second at most. When accepting fails, because the system is out of descriptors,
/// that is reported and tried again a second later.
///
/// Threads: loop-confined, checked (AS201).
public final class Server implements AutoCloseable {
    /*
     *   bound --startServing--> serving --close--> closed
     *         --close-------------------> closed
     *
     * `connections` has each connection from its acceptance until its channel is closed and its task is done; `openCount`
     * says how many channels are open. `changed` wakes those who wait for fewer of either; each looks for itself.
     */
    private static final Duration CLEAN_UP = Duration.ofSeconds(1); // for cancelled handlers
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1); // of failed upgrades

    private final EventLoop loop;
    private final Service service;
    private final ServerOptions options;
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final WaitQueue changed = new WaitQueue(WaitKind.IO, this);
    private int openCount; // of connections whose channel is open
    private boolean serving; // from the first start on
    private boolean closed; // takes no more connections
    private @Nullable Future<@Nullable Void> forever; // pending while serveForever() waits
    private Runnable beforeClose = () -> {}; // called once
    private Runnable whenClosed = () -> {}; // told once
    private Runnable whenFewer = () -> {}; // told at the end of each connection
    private @Nullable Duration reported; // when an upgrade failed and was reported; null: never
    private int unreported; // failed upgrades since then

    private Server(EventLoop loop, Service service, ServerOptions options) {
        this.loop = loop;
        this.service = service;
        this.options = options;
    }

    /// A server on sockets that are bound, in non-blocking mode, and the server's from now on.
    static Server open(EventLoop loop, List<ServerSocketChannel> channels, Service service, ServerOptions options) {
        return open(loop, channels, service, options, null);
    }

    /// A server whose connections go elsewhere, or come from there: see [#adopt(SocketChannel)].
    static Server open(
            EventLoop loop,
            List<ServerSocketChannel> channels,
            Service service,
            ServerOptions options,
            Acceptor.@Nullable Sink sink) {
        Server server = new Server(loop, service, options);
        OpenServers.of(loop).add(server);
        for (ServerSocketChannel channel : channels) {
            Acceptor.Sink chosen = sink != null ? sink : server.ownSink();
            server.acceptors.add(new Acceptor(loop, channel, options.backlog(), chosen));
        }
        if (options.startServing()) {
            server.begin();
        }
        return server;
    }

    private Acceptor.Sink ownSink() {
        return new Acceptor.Sink() {
            @Override
            public boolean hasRoom() {
                return openCount < options.maxConnections();
            }

            @Override
            public void accepted(SocketChannel channel) {
                adopt(channel);
            }
        };
    }

    /// Serves a connection that was accepted elsewhere; closes it if that cannot be.
    void adopt(SocketChannel channel) {
        ChannelStream stream;
        try {
            if (closed) { // while it was on its way from another loop
                throw new IOException("server is closed");
            }
            channel.configureBlocking(false);
            SocketOption<Boolean> noDelay = StandardSocketOptions.TCP_NODELAY;
            if (channel.supportedOptions().contains(noDelay)) { // not of a Unix socket
                channel.setOption(noDelay, true);
            }
            if (options.keepAlive() && channel.supportedOptions().contains(StandardSocketOptions.SO_KEEPALIVE)) {
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            stream = new ChannelStream(loop, channel);
        } catch (IOException | RuntimeException e) { // aborted by the peer, on some systems
            Acceptor.closeQuietly(loop, channel);
            whenFewer.run();
            return;
        }
        Connection connection = new Connection(this, stream);
        connections.add(connection);
        openCount++;
        try {
            connection.start();
        } catch (Throwable e) { // of a task factory
            stream.close();
            throw e;
        }
    }

    // What connections say

    ServerOptions options() {
        return options;
    }

    Service service() {
        return service;
    }

    void channelClosed(Connection connection) {
        openCount--;
        whenFewer.run();
        resume();
        ended(connection);
    }

    /// There is room, perhaps.
    void resume() {
        if (!closed) {
            acceptors.forEach(Acceptor::resume);
        }
    }

    void ended(Connection connection) {
        if (connection.isOver()) {
            connections.remove(connection);
            forgetIfDone();
        }
        changed.wakeAll();
    }

    private void forgetIfDone() {
        if (closed && connections.isEmpty() && !loop.isClosed()) {
            OpenServers.of(loop).remove(this);
        }
    }

    void upgradeFailed(Throwable e, Connection connection) {
        Duration now = loop.time();
        if (reported != null && now.minus(reported).compareTo(REPORT_INTERVAL) < 0) {
            unreported++;
            return;
        }
        reported = now;
        String others = unreported == 0 ? "" : ", and " + unreported + " more since the last report";
        unreported = 0;
        loop.callExceptionHandler(ExceptionContext.of("handshake failed for " + connection + others, e));
    }

    /// Calls a function right before the sockets are closed.
    void beforeClose(Runnable action) {
        beforeClose = action;
    }

    /// Tells a listener when the sockets are closed.
    void onClosed(Runnable listener) {
        whenClosed = listener;
    }

    /// Tells a listener of each connection that is closed.
    void onFewer(Runnable listener) {
        whenFewer = listener;
    }

    // Serving

    /// The loop that serves.
    ///
    /// @return the loop
    public EventLoop loop() {
        return loop;
    }

    /// Begins to accept connections; does nothing if that has begun.
    ///
    /// Cancellation: never waits.
    ///
    /// @return a coroutine; it throws `IllegalStateException` if the server is closed
    public Coroutine<@Nullable Void> startServing() {
        return Asyncio.async(() -> {
            loop.checkThread("startServing");
            begin();
        });
    }

    private void begin() {
        ensureNotClosed();
        if (!serving) {
            serving = true;
            acceptors.forEach(Acceptor::start);
        }
    }

    private void ensureNotClosed() {
        if (closed) {
            throw new IllegalStateException("server " + this + " is closed: start another one");
        }
    }

    /// Accepts connections until the task that awaits this is cancelled, or the server closed.
    ///
    /// Cancellation: closes the server and waits until the last connection is closed; a second one ends
    /// that wait. To be sure of an end, use [#serveForever(Duration)].
    ///
    /// @return a coroutine that never ends normally: [#close()] ends it with a `CancelledError`, when the
    ///     last connection is closed. It throws `IllegalStateException` if the server is closed, or
    ///     somebody awaits this already
    public Coroutine<@Nullable Void> serveForever() {
        return Asyncio.async(() -> {
            try {
                awaitEnd();
            } catch (CancelledError e) {
                close();
                waitClosedBefore(e);
                throw e;
            }
        });
    }

    /// Accepts connections until the task that awaits this is cancelled, or the server closed, and then
    /// ends the server as [#stop(Duration)] does: the life of a service from its start to its signal.
    ///
    /// Cancellation: begins the end. A second one skips the time; so does a cancel scope, which goes on
    /// cancelling.
    ///
    /// @param grace how long handlers may take at the end; zero cancels them at once
    /// @return a coroutine that never ends normally, as [#serveForever()]
    /// @throws IllegalArgumentException if the time is negative
    public Coroutine<@Nullable Void> serveForever(Duration grace) {
        checkGrace(grace);
        return Asyncio.async(() -> {
            try {
                awaitEnd();
            } catch (CancelledError e) {
                await(stop(grace));
                throw e;
            }
        });
    }

    private void awaitEnd() {
        loop.checkThread("serveForever");
        if (forever != null) {
            throw new IllegalStateException(
                    "server " + this + " is already being awaited on serveForever(): await that task");
        }
        begin();
        Future<@Nullable Void> end = loop.createFuture(WaitKind.IO, this);
        forever = end;
        try {
            await(end);
        } finally {
            forever = null;
        }
    }

    private void waitClosedBefore(CancelledError first) {
        try {
            awaitClosed();
        } catch (CancelledError second) {
            first.addSuppressed(second); // cancelled again: the connections are left alone
        }
    }

    /// Whether connections are accepted.
    ///
    /// @return true from the start until [#close()]
    public boolean isServing() {
        return serving && !closed;
    }

    /// The sockets that are listened on. Do not accept from them.
    ///
    /// @return the sockets; none once the server is closed
    public List<ServerSocketChannel> sockets() {
        return closed ? List.of() : acceptors.stream().map(Acceptor::channel).toList();
    }

    /// Where this listens.
    ///
    /// @return the addresses, in the order of the sockets; none once the server is closed
    public List<SocketAddress> localAddresses() {
        List<SocketAddress> addresses = new ArrayList<>();
        for (ServerSocketChannel channel : sockets()) {
            try {
                addresses.add(Objects.requireNonNull(channel.getLocalAddress()));
            } catch (IOException e) {
                // The user has closed it: nobody listens there.
            }
        }
        return addresses;
    }

    /// Where this listens, if that is one place, or the first of several.
    ///
    /// @return the address
    /// @throws IllegalStateException if the server is closed, or does not listen on TCP
    public InetSocketAddress localAddress() {
        for (SocketAddress address : localAddresses()) {
            if (address instanceof InetSocketAddress internet) {
                return internet;
            }
        }
        throw new IllegalStateException("server listens on no TCP address: " + this);
    }

    /// The port on which this listens, if that is one, or the first of several.
    ///
    /// @return the port
    /// @throws IllegalStateException if the server is closed, or does not listen on TCP
    public int port() {
        return localAddress().getPort();
    }

    /// How many connections are open.
    ///
    /// @return the number; it includes those whose handshake is going on
    public int connectionCount() {
        return openCount;
    }

    // Ending

    /// Stops listening, at once: new connections are refused, those that are open live on. May be called
    /// again.
    @Override
    public void close() {
        loop.checkThread("close");
        if (closed) {
            return;
        }
        closed = true;
        beforeClose.run();
        acceptors.forEach(Acceptor::close);
        whenClosed.run();
        if (forever != null) {
            forever.cancel("the server was closed");
        }
        forgetIfDone();
        changed.wakeAll();
    }

    /// By the loop, which is closed.
    void loopClosed() {
        closed = true;
        beforeClose.run();
        acceptors.forEach(Acceptor::close);
        whenClosed.run();
        List.copyOf(connections).forEach(Connection::abort);
    }

    /// Stops listening, and waits until every connection is closed: what asyncio does at the end of
    /// `async with server`.
    ///
    /// Cancellation: ends the wait; the server is closed.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {
            close();
            awaitClosed();
        });
    }

    /// Waits until the server is closed and no connection is open. It does not close anything: without
    /// [#close()], this never ends.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> waitClosed() {
        return Asyncio.async(() -> {
            loop.checkThread("waitClosed");
            awaitClosed();
        });
    }

    private void awaitClosed() {
        while (!closed || openCount > 0) {
            changed.park(() -> {});
        }
    }

    /// Closes all connections; what was written is sent before. Listening goes on.
    public void closeClients() {
        loop.checkThread("closeClients");
        List.copyOf(connections).forEach(Connection::closeForServer);
    }

    /// Closes all connections at once; what was not sent is dropped. Listening goes on.
    public void abortClients() {
        loop.checkThread("abortClients");
        List.copyOf(connections).forEach(Connection::abort);
    }

    /// Ends the server: stops listening, lets the handlers finish for a time, then cancels those that
    /// are left, which have a second to clean up, and then closes the connections by force. A handler
    /// that does not end even then is reported.
    ///
    /// A connection without a handler, left open by one that has returned, gets the same time.
    ///
    /// Cancellation: skips the time: handlers are cancelled, connections closed by force.
    ///
    /// @param grace how long handlers may take; zero cancels them at once
    /// @return a coroutine of how many connections were cut off
    /// @throws IllegalArgumentException if the time is negative
    /// @throws IllegalStateException when awaited, in a handler of this server, which would wait for itself
    public Coroutine<Integer> stop(Duration grace) {
        checkGrace(grace);
        return Asyncio.async(() -> {
            loop.checkThread("stop");
            if (connections.stream().anyMatch(each -> each.isTask(Asyncio.currentTask()))) {
                throw new IllegalStateException("stop() must not be awaited in a handler of " + this
                        + ", which would wait for itself: start a task for it, or call close()");
            }
            close();
            try {
                return stopConnections(grace);
            } catch (CancelledError e) {
                cutOff(List.copyOf(connections));
                throw e;
            }
        });
    }

    private static void checkGrace(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException(
                    "grace must not be negative: got " + grace + "; Duration.ZERO does not wait");
        }
    }

    private int stopConnections(Duration grace) {
        await(Asyncio.moveOnAfter(grace, () -> {
            while (!connections.isEmpty()) {
                changed.park(() -> {});
            }
        }));
        List<Connection> left = List.copyOf(connections);
        left.forEach(Connection::cancelTask);
        awaitHandlers();
        cutOff(left);
        awaitHandlers();
        long stuck = connections.stream().filter(Connection::isServed).count();
        if (stuck > 0) {
            loop.callExceptionHandler(ExceptionContext.of(
                    "server stopped, but " + stuck + " of its handlers did not end although they were cancelled: "
                            + this,
                    null));
        }
        return left.size();
    }

    private void awaitHandlers() {
        await(Asyncio.moveOnAfter(CLEAN_UP, () -> {
            while (connections.stream().anyMatch(Connection::isServed)) {
                changed.park(() -> {});
            }
        }));
    }

    private static void cutOff(List<Connection> left) {
        for (Connection each : left) {
            each.cancelTask();
            each.abort();
        }
    }

    @Override
    public String toString() {
        String state = closed ? "closed" : serving ? "serving" : "bound";
        return "<Server " + state + " " + localAddresses() + " connections=" + openCount + ">";
    }
}
