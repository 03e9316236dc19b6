package asyncio.net;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Several loops, each on a thread of its own, that serve one address together: for servers that need
/// more than one processor.
///
/// Each loop makes a handler of its own, and nothing is shared between them but what you share: state
/// stays confined to a loop, and needs no locks.
///
/// ```java
/// LoopGroup group = LoopGroup.serve(() -> new Greeter()::greet, "127.0.0.1", 8080).join();
/// group.termination().join();
/// ```
///
/// What takes time is a `CompletableFuture`: `join()` it in synchronous code, `await` it in a coroutine.
///
/// Failures: a loop that ends with one, such as a `SystemExit` in a handler, is reported to its
/// exception handler and ends the whole group. Failures of handlers do not: see [Server].
///
/// Threads: any thread. Those of the loops are daemons, so a program waits for [#termination()].
public final class LoopGroup implements AutoCloseable {
    /*
     *   starting --all loops have their server--> serving --stop, or a loop fails--> stopping --> terminated
     *            --one of them has failed------------------------------------------> stopping
     *
     * The first loop binds, and tells the others where, by `bound`. Each says when it is ready; when all are, by
     * `allReady`, all of them begin to accept.
     */
    private final LoopGroupOptions options;
    private final Body<? extends Service> services; // makes the service of a loop, on that loop
    private final List<GroupMember> members = new ArrayList<>();
    private final CompletableFuture<List<InetSocketAddress>> bound = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> allReady = new CompletableFuture<>();
    private final CompletableFuture<LoopGroup> started = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>(); // of how many were cut off
    private final CompletableFuture<@Nullable Void> termination = new CompletableFuture<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>(); // the first one
    private final AtomicInteger unready;
    private final AtomicInteger running;
    private final AtomicInteger cutOff = new AtomicInteger();
    private final List<String> hosts;
    private final int port;

    private LoopGroup(Body<? extends Service> services, String host, int port, LoopGroupOptions options) {
        this.options = Objects.requireNonNull(options, "options must not be null: LoopGroupOptions.DEFAULT");
        this.services = services;
        this.port = HostName.checkPort(port, 0);
        hosts = Net.oneHost(host);
        unready = new AtomicInteger(options.loops());
        running = new AtomicInteger(options.loops());
        Dispatcher dispatcher = options.sharedPort() ? null : new Dispatcher(this);
        for (int i = 0; i < options.loops(); i++) {
            members.add(new GroupMember(this, i, dispatcher));
        }
    }

    /// Starts a group that serves streams, with default options.
    ///
    /// @param handlers makes the handler of a loop, in a task of that loop; may await
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return the group, once all loops serve; cancelling this stops them
    /// @throws IllegalArgumentException if there can be no such host or port
    public static CompletableFuture<LoopGroup> serve(Body<? extends StreamHandler> handlers, String host, int port) {
        return serve(handlers, host, port, LoopGroupOptions.DEFAULT);
    }

    /// Starts a group that serves streams.
    ///
    /// Errors: the returned future fails with what a loop failed with before it served, such as a
    /// `BindException`. Then all loops have ended.
    ///
    /// @param handlers makes the handler of a loop, in a task of that loop; may await
    /// @param host where to listen: a name, a numeric address, or [Net#ALL_INTERFACES]
    /// @param port the port; 0 for one that is free
    /// @param options how many loops, and what they are made of
    /// @return the group, once all loops serve; cancelling this stops them
    /// @throws IllegalArgumentException if there can be no such host or port
    public static CompletableFuture<LoopGroup> serve(
            Body<? extends StreamHandler> handlers, String host, int port, LoopGroupOptions options) {
        Objects.requireNonNull(handlers, "handlers must not be null");
        return new LoopGroup(() -> Services.of(handlers.run()), host, port, options).start();
    }

    /// Starts a group that serves readers and writers, with default options.
    ///
    /// @param handlers makes the handler of a loop, in a task of that loop; may await
    /// @param host where to listen
    /// @param port the port; 0 for one that is free
    /// @return the group, once all loops serve; cancelling this stops them
    /// @throws IllegalArgumentException if there can be no such host or port
    public static CompletableFuture<LoopGroup> startServer(
            Body<? extends ConnectionHandler> handlers, String host, int port) {
        return startServer(handlers, host, port, LoopGroupOptions.DEFAULT);
    }

    /// Starts a group that serves readers and writers, as
    /// [#serve(Body, String, int, LoopGroupOptions)].
    ///
    /// @param handlers makes the handler of a loop, in a task of that loop; may await
    /// @param host where to listen: a name, a numeric address, or [Net#ALL_INTERFACES]
    /// @param port the port; 0 for one that is free
    /// @param options how many loops, and what they are made of
    /// @return the group, once all loops serve; cancelling this stops them
    /// @throws IllegalArgumentException if there can be no such host or port
    public static CompletableFuture<LoopGroup> startServer(
            Body<? extends ConnectionHandler> handlers, String host, int port, LoopGroupOptions options) {
        Objects.requireNonNull(handlers, "handlers must not be null");
        Objects.requireNonNull(options, "options must not be null: LoopGroupOptions.DEFAULT");
        int limitBytes = options.server().limitBytes();
        return new LoopGroup(() -> Services.of(handlers.run(), limitBytes), host, port, options).start();
    }

    private CompletableFuture<LoopGroup> start() {
        var _ = allReady.whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                started.complete(this);
            }
        });
        var _ = started.whenComplete((group, thrown) -> {
            if (started.isCancelled()) {
                stopAll(Duration.ZERO);
            }
        });
        for (GroupMember member : members) {
            try {
                member.startThread();
            } catch (Throwable e) { // no more threads
                memberEnded(0, e);
            }
        }
        return started;
    }

    // What members ask and say

    LoopGroupOptions options() {
        return options;
    }

    List<GroupMember> members() {
        return members;
    }

    /// In a task of a member: its service.
    Service newService() throws Exception {
        return services.run();
    }

    /// In a task of a member: its sockets.
    List<ServerSocketChannel> openSockets(int index) throws IOException {
        ServerOptions server = options.server();
        boolean shared = options.sharedPort() && options.loops() > 1;
        ServerOptions listening = shared ? server.reusePort(true) : server;
        if (index == 0) {
            Resolver resolver = Net.resolverOr(Asyncio.getRunningLoop(), server.resolver());
            return Binding.open(hosts, port, listening, resolver);
        }
        List<InetSocketAddress> addresses = Asyncio.await(bound.copy());
        return shared ? Binding.open(addresses, listening) : List.of();
    }

    /// By the first member: its server listens.
    void bound(Server server) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        server.localAddresses().forEach(address -> addresses.add((InetSocketAddress) address));
        bound.complete(List.copyOf(addresses));
    }

    /// In a task of a member, which is ready: waits until all are.
    void awaitAllReady() {
        if (unready.decrementAndGet() == 0) {
            allReady.complete(null);
        }
        Asyncio.await(allReady.copy());
    }

    /// Whether all loops are ready.
    boolean isReady() {
        return allReady.isDone() && !allReady.isCompletedExceptionally();
    }

    /// By a member's thread: the loop is closed. `thrown`: what it ended with, or null.
    void memberEnded(int connectionsCutOff, @Nullable Throwable thrown) {
        cutOff.addAndGet(connectionsCutOff);
        if (thrown != null) {
            failure.compareAndSet(null, thrown);
            bound.completeExceptionally(thrown);
            allReady.completeExceptionally(thrown);
            stopAll(Duration.ZERO);
        }
        if (running.decrementAndGet() > 0) {
            return;
        }
        Throwable first = failure.get();
        if (first == null) {
            termination.complete(null);
        } else {
            termination.completeExceptionally(first);
            started.completeExceptionally(first); // not before: then nothing of the group is left
        }
        ended.complete(cutOff.get());
    }

    private void stopAll(Duration grace) {
        members.forEach(member -> member.stop(grace));
    }

    // For the user

    /// Where the group listens, or the first of several places.
    ///
    /// @return the address
    public InetSocketAddress localAddress() {
        return localAddresses().getFirst();
    }

    /// Where the group listens.
    ///
    /// @return the addresses; they stay the same after the end
    public List<InetSocketAddress> localAddresses() {
        return bound.join();
    }

    /// The loops, in their order.
    ///
    /// @return the loops; closed ones after the end
    public List<EventLoop> loops() {
        return members.stream().map(GroupMember::loop).toList();
    }

    /// Ends the group: each loop stops its server, as [Server#stop(Duration)], and is closed. Of several
    /// calls, the first one says how long handlers may take.
    ///
    /// @param grace how long handlers may take; zero cancels them at once
    /// @return how many connections were cut off, when all loops have ended; cancelling this changes
    ///     nothing
    /// @throws IllegalArgumentException if the time is negative
    public CompletableFuture<Integer> stop(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException(
                    "grace must not be negative: got " + grace + "; Duration.ZERO does not wait");
        }
        stopAll(grace);
        return ended.copy();
    }

    /// The end of the group, for whatever reason.
    ///
    /// @return done when all loops have ended; it fails with what a loop failed with
    public CompletableFuture<@Nullable Void> termination() {
        return termination.copy();
    }

    /// Ends the group at once, and waits for that, in synchronous code. May be called again.
    ///
    /// An interrupt ends the wait, and stays set; the group ends nevertheless.
    ///
    /// @throws IllegalStateException on the thread of a loop, which must not wait: await `stop` there
    @Override
    public void close() {
        if (EventLoop.openLoops().stream().anyMatch(EventLoop::isCurrent)) {
            throw new IllegalStateException(
                    "close() must not be called on the thread of a loop, which would wait: await(group.stop(...))");
        }
        try {
            stop(Duration.ZERO).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause()); // the end itself does not fail
        }
    }

    @Override
    public String toString() {
        String state = termination.isDone() ? "terminated" : started.isDone() ? "serving" : "starting";
        return "<LoopGroup " + state + " loops=" + options.loops()
                + (bound.isDone() && !bound.isCompletedExceptionally() ? " " + bound.join() : "") + ">";
    }
}
