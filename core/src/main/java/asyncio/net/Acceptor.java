package asyncio.net;

import asyncio.ChannelWatch;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.ReusableHandle;
import asyncio.TimerHandle;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One listening socket: accepts in bursts, as long as there is room, and pauses when the system has
/// none (IO-4).
///
/// Threads: loop-confined.
final class Acceptor {
    /*
     *   bound --start--> listening --ready--> accepting, up to backlog + 1 --> listening
     *                              --no room--> waits for resume()
     *                              --accept failed--> pauses for a second
     *         --close--> closed, from anywhere
     *
     * The JDK itself skips connections that were aborted in the backlog. After any failure of accept the socket stays
     * ready, so that without the pause the loop would spin.
     */
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final List<String> OUT_OF_RESOURCE = // by strerror and its kin: the JDK has no numbers
            List.of("too many open files", "file table overflow", "no buffer space", "cannot allocate memory");

    private final EventLoop loop;
    private final ServerSocketChannel channel;
    private final int burst;
    private final Sink sink;
    private final ReusableHandle accept;
    private final Runnable ready; // told by the watch
    private @Nullable ChannelWatch watch; // null: not started, or closed
    private @Nullable TimerHandle pause; // after a failure
    private boolean closed;

    Acceptor(EventLoop loop, ServerSocketChannel channel, int backlog, Sink sink) {
        this.loop = loop;
        this.channel = channel;
        this.sink = sink;
        burst = backlog + 1;
        accept = loop.createHandle(this::acceptBurst);
        ready = accept::schedule;
    }

    ServerSocketChannel channel() {
        return channel;
    }

    void start() {
        if (watch == null && !closed) {
            watch = loop.watch(channel, this);
            resume();
        }
    }

    /// Listens again, if there is room.
    void resume() {
        ChannelWatch current = watch;
        if (current != null && pause == null && channel.isOpen() && sink.hasRoom()) {
            current.onReadable(ready);
        }
    }

    private void acceptBurst() {
        try {
            for (int i = 0; i < burst && pause == null && !closed && sink.hasRoom(); i++) {
                SocketChannel accepted = channel.accept();
                if (accepted == null) {
                    break;
                }
                sink.accepted(accepted);
            }
            resume();
        } catch (ClosedChannelException e) {
            // By the user, who has the socket, too.
        } catch (IOException | RuntimeException | Error e) { // also of a task factory, or for lack of memory
            pauseAfter(e);
        }
    }

    private void pauseAfter(Throwable e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        boolean outOfResource = OUT_OF_RESOURCE.stream().anyMatch(words::contains);
        String message = outOfResource ? "socket.accept() out of system resource" : "socket.accept() failed";
        pause = loop.callLater(RETRY_DELAY, () -> {
            pause = null;
            resume();
        });
        loop.callExceptionHandler(ExceptionContext.of(
                message + ": " + this + " accepts again in " + RETRY_DELAY.toSeconds() + " second", e));
    }

    /// Closes the socket, at once. May be called again.
    void close() {
        ChannelWatch current = watch;
        watch = null;
        if (current != null) {
            current.close(); // before the channel: else the system would go on listening until the next poll
        }
        if (pause != null) {
            pause.cancel();
            pause = null;
        }
        accept.cancel();
        closed = true;
        closeQuietly(loop, channel);
    }

    static void closeQuietly(EventLoop loop, AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            loop.callExceptionHandler(ExceptionContext.of("Unhandled error while " + channel + " was closed", e));
        }
    }

    @Override
    public String toString() {
        return "<Server socket on " + address() + (closed ? " closed" : pause != null ? " paused" : "") + ">";
    }

    private String address() {
        try {
            return String.valueOf(channel.getLocalAddress());
        } catch (IOException e) {
            return "no address";
        }
    }

    /// Where accepted connections go.
    interface Sink {
        /// Whether another one may be accepted; whoever makes room calls `resume`.
        boolean hasRoom();

        /// Takes a connection, and its ownership, also if this throws.
        void accepted(SocketChannel channel);
    }
}
