package asyncio.spi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The default poller: a selector once a channel is watched, and a parked thread before that.
///
/// Parking is finer than a selector's milliseconds, and a program without channels never opens a
/// selector.
///
/// Threads: as [Poller] says.
final class NioPoller implements Poller {
    private static final long MAX_WAIT_NANOS = TimeUnit.DAYS.toNanos(1); // as asyncio: no platform waits longer safely
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Consumer<SelectionKey> teller = this::tell; // one for all polls
    private volatile @Nullable Selector selector; // opened when the first channel is watched
    private volatile @Nullable Thread parked; // the thread that waits without a selector
    private volatile boolean woken; // set by any thread, cleared by the loop after its wait

    NioPoller() {}

    @Override
    public void poll(long timeoutNanos) {
        Selector open = selector;
        if (open == null || open.keys().isEmpty()) {
            park(timeoutNanos);
        } else {
            select(open, timeoutNanos);
        }
    }

    private void park(long timeoutNanos) {
        if (timeoutNanos > 0) {
            parked = Thread.currentThread();
            if (!woken) { // set after `parked` was written: wakeup() either sees the thread or is seen here
                LockSupport.parkNanos(this, Math.min(timeoutNanos, MAX_WAIT_NANOS));
            }
            parked = null;
        }
        woken = false;
    }

    private void select(Selector open, long timeoutNanos) {
        try {
            if (timeoutNanos == 0 || woken) {
                open.selectNow(teller);
            } else { // rounded up: a timer is never early
                open.select(teller, Math.ceilDiv(Math.min(timeoutNanos, MAX_WAIT_NANOS), NANOS_PER_MILLI));
            }
            woken = false;
        } catch (IOException e) {
            throw new UncheckedIOException("the selector failed: " + e.getMessage(), e);
        }
    }

    private void tell(SelectionKey key) {
        if (key.attachment() instanceof Listener listener) {
            try {
                listener.ready(key.readyOps());
            } catch (CancelledKeyException e) {
                // The channel was closed since the selector looked: nobody is interested any more.
            }
        }
    }

    @Override
    public void wakeup() {
        woken = true;
        Thread thread = parked;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
        Selector open = selector;
        if (open != null) {
            open.wakeup();
        }
    }

    @Override
    public Registration register(SelectableChannel channel, Listener listener) {
        try {
            Selector open = selector;
            if (open == null) {
                open = Selector.open();
                selector = open;
            }
            SelectionKey old = channel.keyFor(open);
            if (old != null && old.isValid()) {
                throw new IllegalStateException(
                        "channel " + channel + " is used by " + old.attachment() + "; close or remove that first");
            }
            if (old != null) {
                flush(open);
            }
            return new Key(channel.register(open, 0, listener));
        } catch (IllegalBlockingModeException e) {
            throw new IllegalArgumentException(
                    "channel must be in non-blocking mode: got " + channel + "; call configureBlocking(false) first",
                    e);
        } catch (ClosedChannelException e) {
            throw closed(channel, e);
        } catch (IOException e) {
            throw new UncheckedIOException("the selector failed: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException closed(SelectableChannel channel, Throwable cause) {
        return new IllegalArgumentException("channel must be open: got " + channel, cause);
    }

    /// A cancelled key keeps its channel registered, and its descriptor open, until the next look. The others that
    /// are ready are told by the next poll.
    private static void flush(Selector open) {
        try {
            open.selectNow(other -> {});
        } catch (IOException e) {
            throw new UncheckedIOException("the selector failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Selector open = selector;
        selector = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the selector could not be closed: " + e.getMessage(), e);
            }
        }
    }

    /// A watched channel is a selection key.
    ///
    /// Threads: as the poller.
    private static final class Key implements Registration {
        private final SelectionKey key;

        Key(SelectionKey key) {
            this.key = key;
        }

        @Override
        public void interest(int operations) {
            try {
                key.interestOps(operations);
            } catch (CancelledKeyException e) {
                if (operations != 0) {
                    throw ended(e);
                }
            }
        }

        private RuntimeException ended(CancelledKeyException cause) {
            SelectableChannel channel = key.channel();
            return channel.isOpen()
                    ? new IllegalStateException("channel is not watched any more: " + channel, cause)
                    : closed(channel, cause);
        }

        @Override
        public void cancel() {
            key.cancel();
            Selector open = key.selector();
            if (open.isOpen()) {
                flush(open);
            }
        }
    }
}
