package asyncio.net;

import asyncio.Asyncio;
import asyncio.ChannelWatch;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Which channels of one loop have a task that waits in a `sock...` function (IO-2).
///
/// Threads: loop-confined.
final class SocketCalls {
    /*
     * A channel is watched while somebody waits for it, and no longer: before and after a call it is the user's, who
     * may make it blocking, close it, or give it to a stream. That costs three system calls for each call that has
     * to wait (watch, end the watch, and one look of the selector in between), one more than CPython needs, and none
     * for a call that does not wait. Streams and datagram endpoints own their channels, and keep the watch.
     *
     * To keep it here as well was refused: the channel could not be made blocking, a channel that its user closes
     * would stay in the map, and a stream could not take it over.
     */
    private static final LoopLocal<SocketCalls> OF_LOOP = new LoopLocal<>(SocketCalls::new);

    private final EventLoop loop;
    private final IdentityHashMap<SelectableChannel, Waiters> waiting = new IdentityHashMap<>();

    private SocketCalls(EventLoop loop) {
        this.loop = loop;
    }

    /// A call that tries at once, then whenever the channel is ready.
    ///
    /// @param reading which way: true waits until the channel can be read from
    /// @param attempt gives null if it cannot be done now
    static <T> Coroutine<T> call(SelectableChannel channel, boolean reading, String operation, Attempt<T> attempt) {
        requireNonBlocking(channel);
        return Asyncio.async(() -> now(channel, reading, operation, attempt));
    }

    /// The same in the current task; the channel was checked.
    static <T> T now(SelectableChannel channel, boolean reading, String operation, Attempt<T> attempt)
            throws IOException {
        return OF_LOOP.of(Asyncio.getRunningLoop()).run(channel, reading, operation, attempt);
    }

    static void requireNonBlocking(SelectableChannel channel) {
        if (Objects.requireNonNull(channel, "channel must not be null").isBlocking()) {
            throw new IllegalArgumentException(
                    "channel must be in non-blocking mode: got " + channel + "; call configureBlocking(false) first");
        }
    }

    private <T> T run(SelectableChannel channel, boolean reading, String operation, Attempt<T> attempt)
            throws IOException {
        ensureFree(channel, reading, operation);
        T result = attempt.tryNow();
        return result != null ? result : runWaiting(channel, reading, operation, attempt);
    }

    private void ensureFree(SelectableChannel channel, boolean reading, String operation) {
        Waiters present = waiting.isEmpty() ? null : waiting.get(channel);
        if (present != null) {
            present.way(reading).ensureFree(operation);
        } else if (channel.isRegistered()) {
            loop.watch(channel, operation).close(); // refused if a stream, a server or a callback has it
        }
    }

    private <T> T runWaiting(SelectableChannel channel, boolean reading, String operation, Attempt<T> attempt)
            throws IOException {
        Waiters waiters = waiting.get(channel);
        if (waiters == null) {
            waiters = new Waiters(loop, channel);
            waiting.put(channel, waiters);
        }
        ChannelWay way = waiters.way(reading);
        way.enter(operation);
        waiters.count++;
        try {
            T result;
            do {
                way.await();
            } while ((result = attempt.tryNow()) == null);
            return result;
        } finally {
            way.leave();
            if (--waiters.count == 0) {
                waiting.remove(channel);
                waiters.watch.close();
            }
        }
    }

    @Override
    public String toString() {
        return "<SocketCalls waiting=" + waiting.keySet() + ">";
    }

    /// Something that is done now or not at all.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    interface Attempt<T> {
        @Nullable
        T tryNow() throws IOException;
    }

    /// The tasks that wait for one channel: at most one each way.
    private static final class Waiters {
        final ChannelWatch watch;
        private final ChannelWay reading;
        private final ChannelWay writing;
        int count; // tasks

        Waiters(EventLoop loop, SelectableChannel channel) {
            watch = loop.watch(channel, "the sock functions of asyncio.net.Net");
            reading = new ChannelWay(watch, true, channel);
            writing = new ChannelWay(watch, false, channel);
        }

        ChannelWay way(boolean forReading) {
            return forReading ? reading : writing;
        }
    }
}
