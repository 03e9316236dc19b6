package asyncio.net;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.Task;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One loop of a group, its thread and its server.
///
/// Threads: any thread, but for what says so.
final class GroupMember {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final LoopGroup group;
    private final int index;
    private final @Nullable Dispatcher dispatcher; // null: each loop accepts
    private final Runner runner;
    private final EventLoop loop;
    private final CompletableFuture<Duration> stop = new CompletableFuture<>();
    private final Set<SocketChannel> onTheirWay = ConcurrentHashMap.newKeySet(); // a loop that fails takes no more
    private @Nullable Server server; // loop-confined
    private boolean serving; // the member's thread: the group has started
    private boolean stoppedEarly; // the member's thread: the group was stopped before

    GroupMember(LoopGroup group, int index, @Nullable Dispatcher dispatcher) {
        this.group = group;
        this.index = index;
        this.dispatcher = dispatcher;
        runner = Runner.create(RunOptions.defaults()
                .loop(group.options().loop())
                .handlesInterrupt(false)); // the program around this has its own idea of Ctrl-C
        loop = runner.getLoop();
    }

    EventLoop loop() {
        return loop;
    }

    void startThread() {
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("asyncio-loop-" + COUNTER.incrementAndGet())
                .unstarted(this::run);
        try {
            thread.start();
        } catch (Throwable e) {
            loop.close();
            throw e;
        }
    }

    private void run() {
        int cutOff = 0;
        Throwable failure = null;
        try (runner) {
            cutOff = runLoop();
        } catch (Throwable e) {
            failure = e;
        }
        onTheirWay.forEach(channel -> Acceptor.closeQuietly(loop, channel));
        group.memberEnded(cutOff, failure);
    }

    private int runLoop() {
        try {
            return runner.run(Asyncio.async(() -> serve()));
        } catch (CancelledError e) {
            if (stoppedEarly) {
                return 0;
            }
            throw e; // the JVM ends
        } catch (Throwable e) {
            if (serving) { // else it is told to whoever starts the group
                loop.callExceptionHandler(
                        ExceptionContext.of("a loop of a group failed, which ends the group: " + group, e));
            }
            throw e;
        }
    }

    /// In the main task of the loop.
    private int serve() throws Exception {
        Task<?> main = Objects.requireNonNull(Asyncio.currentTask());
        var _ = stop.thenRun(() -> stopStarting(main));
        Service service = group.newService();
        List<ServerSocketChannel> sockets = group.openSockets(index);
        ServerOptions options = group.options().server().startServing(false);
        Server made = Server.open(loop, sockets, service, options, dispatcher);
        server = made;
        try {
            if (index == 0) {
                group.bound(made);
            }
            if (dispatcher != null) {
                dispatcher.watch(made, index);
            }
            group.awaitAllReady();
            await(made.startServing());
            serving = true;
            Duration grace = await(stop.copy());
            if (index > 0 && dispatcher != null) {
                dispatcher.awaitClosed();
            }
            return await(made.stop(grace));
        } finally {
            made.close();
        }
    }

    /// Asks the loop to end; only the first call counts.
    void stop(Duration grace) {
        stop.complete(grace);
    }

    /// What it waits for until the group has started may never come: the user's code, or the other loops.
    private void stopStarting(Task<?> main) {
        try {
            loop.callSoonThreadsafe(() -> {
                if (!group.isReady()) {
                    stoppedEarly = true;
                    main.cancel("the group is stopped");
                }
            });
        } catch (IllegalStateException e) {
            // The loop is closed: it has ended by itself.
        }
    }

    /// Gives it a connection to serve.
    void give(SocketChannel channel) {
        onTheirWay.add(channel);
        try {
            loop.callSoonThreadsafe(() -> {
                onTheirWay.remove(channel);
                Objects.requireNonNull(server).adopt(channel);
            });
        } catch (IllegalStateException e) { // the loop is closed
            Acceptor.closeQuietly(loop, channel);
        }
    }
}
