package asyncio;

import java.nio.channels.SelectableChannel;
import java.util.IdentityHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Which channels have a reader or a writer callback of the user's (IO-1).
///
/// Threads: loop-confined.
final class ChannelWatches {
    private final EventLoop loop;
    private final IdentityHashMap<SelectableChannel, Pair> watches = new IdentityHashMap<>();

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
        Pair pair = watches.get(channel);
        if (pair == null && create) {
            pair = new Pair(new ChannelWatch(loop, channel, this));
        }
        return pair;
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
