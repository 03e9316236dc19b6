package asyncio;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/// Which channels have a reader or a writer callback.
///
/// Threads: loop-confined.
final class ChannelWatches {
    private static final int READING = SelectionKey.OP_READ | SelectionKey.OP_ACCEPT;
    private static final int WRITING = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

    private final EventLoop loop;
    private final IdentityHashMap<SelectableChannel, Watch> watches = new IdentityHashMap<>();

    ChannelWatches(EventLoop loop) {
        this.loop = loop;
    }

    /// Replaces the reader; returns whether there was one.
    boolean setReader(SelectableChannel channel, @Nullable Runnable callback) {
        if (callback != null && (channel.validOps() & READING) == 0) {
            throw new IllegalArgumentException("channel must support reading or accepting: got " + channel);
        }
        Watch watch = watches.get(channel);
        Ready old = watch == null ? null : watch.reader;
        if (old == null && callback == null) {
            return false;
        }
        Ready replacement = ready(callback);
        apply(channel, replacement, watch == null ? null : watch.writer);
        retire(old);
        return old != null;
    }

    /// Replaces the writer; returns whether there was one.
    boolean setWriter(SelectableChannel channel, @Nullable Runnable callback) {
        if (callback != null && (channel.validOps() & WRITING) == 0) {
            throw new IllegalArgumentException("channel must support writing or connecting: got " + channel);
        }
        Watch watch = watches.get(channel);
        Ready old = watch == null ? null : watch.writer;
        if (old == null && callback == null) {
            return false;
        }
        Ready replacement = ready(callback);
        apply(channel, watch == null ? null : watch.reader, replacement);
        retire(old);
        return old != null;
    }

    private static @Nullable Ready ready(@Nullable Runnable callback) {
        return callback == null ? null : new Ready(callback, Context.copyOfCurrent());
    }

    private static void retire(@Nullable Ready old) {
        if (old != null) {
            old.callback = null; // may be in the ready queue
        }
    }

    /// Tells the poller; if that refuses, everything stays as it was.
    private void apply(SelectableChannel channel, @Nullable Ready reader, @Nullable Ready writer) {
        int operations = (reader == null ? 0 : READING) | (writer == null ? 0 : WRITING);
        Watch watch = new Watch(reader, writer);
        loop.core.poller().watch(channel, operations & channel.validOps(), watch);
        if (operations == 0) {
            watches.remove(channel);
        } else {
            watches.put(channel, watch);
        }
    }

    void clear() {
        watches.clear(); // the poller is closed, which ends every registration
    }

    private static final class Ready {
        @Nullable
        Runnable callback;

        final Context context;

        Ready(Runnable callback, Context context) {
            this.callback = callback;
            this.context = context;
        }

        void call() {
            Runnable current = callback;
            if (current != null) { // not removed since it became ready
                current.run();
            }
        }
    }

    /// The callbacks of one channel.
    private final class Watch implements asyncio.spi.Poller.Listener {
        final @Nullable Ready reader;
        final @Nullable Ready writer;

        Watch(@Nullable Ready reader, @Nullable Ready writer) {
            this.reader = reader;
            this.writer = writer;
        }

        @Override
        public void ready(int operations) {
            if ((operations & READING) != 0) {
                enqueue(reader);
            }
            if ((operations & WRITING) != 0) {
                enqueue(writer);
            }
        }

        private void enqueue(@Nullable Ready ready) {
            if (ready != null) {
                loop.core.ioReady(new CallbackStep(loop, ready.context, ready::call));
            }
        }
    }
}
