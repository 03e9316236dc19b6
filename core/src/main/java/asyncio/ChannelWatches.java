package asyncio;

import java.nio.channels.SelectableChannel;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Which channels have a reader or a writer callback of the user's (IO-1).
///
/// Threads: loop-confined.
final class ChannelWatches {
    /*
     * A channel that is closed while it is watched tells nobody: its callbacks just end. What is kept of it here is
     * removed by removeReader and removeWriter, or when as many channels were added as there were open ones. So no
     * more than half of the entries, and a few, are of closed channels.
     */
    private static final int MIN_TO_SWEEP = 16;

    private final EventLoop loop;
    private final IdentityHashMap<SelectableChannel, Pair> watches = new IdentityHashMap<>();
    private int sweepAt = MIN_TO_SWEEP; // entries at which the closed channels are looked for

    ChannelWatches(EventLoop loop) {
        this.loop = loop;
    }

    /// Replaces the reader; returns whether there was one.
    boolean setReader(SelectableChannel channel, @Nullable Runnable callback) {
        Pair pair = pairFor(channel, callback != null);
        return pair != null && set(channel, pair, pair.reader, callback);
    }

    /// Replaces the writer; returns whether there was one.
    boolean setWriter(SelectableChannel channel, @Nullable Runnable callback) {
        Pair pair = pairFor(channel, callback != null);
        return pair != null && set(channel, pair, pair.writer, callback);
    }

    private @Nullable Pair pairFor(SelectableChannel channel, boolean create) {
        if (create && !channel.isOpen()) { // an old watch would not notice
            forget(watches.remove(channel));
            throw new IllegalArgumentException("channel must be open: got " + channel);
        }
        Pair pair = watches.get(channel);
        if (pair == null && create) {
            sweep();
            pair = new Pair(new ChannelWatch(loop, channel, this));
        }
        return pair;
    }

    private void sweep() {
        if (watches.size() >= sweepAt) {
            List<SelectableChannel> closed = watches.keySet().stream()
                    .filter(channel -> !channel.isOpen())
                    .toList();
            closed.forEach(channel -> forget(watches.remove(channel)));
            sweepAt = Math.max(MIN_TO_SWEEP, 2 * watches.size());
        }
    }

    private static void forget(@Nullable Pair pair) {
        if (pair != null) {
            pair.watch.letGo();
        }
    }

    /// How many channels are known, closed ones included.
    int size() {
        return watches.size();
    }

    private boolean set(SelectableChannel channel, Pair pair, Repeated side, @Nullable Runnable callback) {
        boolean replaced = side.handle != null;
        try {
            side.set(callback == null ? null : new ReusableHandle(loop, callback));
        } finally {
            if (pair.reader.handle == null && pair.writer.handle == null) {
                watches.remove(channel);
                pair.watch.close();
            } else {
                watches.put(channel, pair);
            }
        }
        return replaced;
    }

    @Override
    public String toString() {
        return "addReader(...) or addWriter(...)";
    }

    void clear() {
        watches.clear(); // the poller is closed, which ends every registration
    }

    /// The callbacks of one channel.
    private static final class Pair {
        final ChannelWatch watch;
        final Repeated reader;
        final Repeated writer;

        Pair(ChannelWatch watch) {
            this.watch = watch;
            reader = new Repeated(watch, ChannelWatch::onReadable);
            writer = new Repeated(watch, ChannelWatch::onWritable);
        }
    }

    /// Schedules a callback each time the channel is ready.
    private static final class Repeated implements Runnable {
        private final ChannelWatch watch;
        private final BiConsumer<ChannelWatch, @Nullable Runnable> subscribe;

        @Nullable
        ReusableHandle handle; // null: no callback

        Repeated(ChannelWatch watch, BiConsumer<ChannelWatch, @Nullable Runnable> subscribe) {
            this.watch = watch;
            this.subscribe = subscribe;
        }

        /// If the channel refuses, everything stays as it was.
        void set(@Nullable ReusableHandle replacement) {
            subscribe.accept(watch, replacement == null ? null : this);
            if (handle != null) {
                handle.cancel(); // may be in the ready queue
            }
            handle = replacement;
        }

        @Override
        public void run() {
            subscribe.accept(watch, this);
            if (handle != null) {
                handle.schedule();
            }
        }
    }
}
