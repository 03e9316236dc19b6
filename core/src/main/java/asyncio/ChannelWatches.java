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
        if (callback == null && !watches.containsKey(channel)) {
            return false;
        }
        Watch watch = watches.computeIfAbsent(channel, key -> new Watch());
        boolean had = watch.reader != null;
        watch.reader = change(watch.reader, callback);
        apply(channel, watch);
        return had;
    }

    /// Replaces the writer; returns whether there was one.
    boolean setWriter(SelectableChannel channel, @Nullable Runnable callback) {
        if (callback == null && !watches.containsKey(channel)) {
            return false;
        }
        Watch watch = watches.computeIfAbsent(channel, key -> new Watch());
        boolean had = watch.writer != null;
        watch.writer = change(watch.writer, callback);
        apply(channel, watch);
        return had;
    }

    private @Nullable Ready change(@Nullable Ready old, @Nullable Runnable callback) {
        if (old != null) {
            old.callback = null; // may be in the ready queue
        }
        return callback == null ? null : new Ready(callback, Context.copyOfCurrent());
    }

    private void apply(SelectableChannel channel, Watch watch) {
        if (watch.reader != null && (channel.validOps() & READING) == 0
                || watch.writer != null && (channel.validOps() & WRITING) == 0) {
            watches.remove(channel);
            throw new IllegalArgumentException("channel must support "
                    + (watch.reader != null ? "reading or accepting" : "writing or connecting") + ": got " + channel);
        }
        int operations = (watch.reader == null ? 0 : READING) | (watch.writer == null ? 0 : WRITING);
        try {
            loop.core.poller().watch(channel, operations & channel.validOps(), watch);
        } catch (RuntimeException e) {
            watches.remove(channel);
            throw e;
        }
        if (operations == 0) {
            watches.remove(channel);
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
        @Nullable
        Ready reader;

        @Nullable
        Ready writer;

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
