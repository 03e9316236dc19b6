package asyncio.spi;

import java.nio.channels.SelectableChannel;

/// Waits for time to pass, for a wake-up, or for a channel to become ready: the one place where an
/// idle loop sleeps.
///
/// Threads: [#wakeup()] from any thread, everything else by whoever runs the loop. Units:
/// nanoseconds.
public interface Poller extends AutoCloseable {
    /// Waits, and tells the listeners of ready channels. Called once in each iteration of the loop.
    ///
    /// Returns early after a wake-up, and may return early for no reason.
    ///
    /// @param timeoutNanos how long to wait at most; 0 only looks, `Long.MAX_VALUE` waits without
    ///     limit
    void poll(long timeoutNanos);

    /// Ends the wait that is going on or, if there is none, the next one.
    void wakeup();

    /// Begins to watch a channel, without interest in anything yet.
    ///
    /// @param channel a channel in non-blocking mode
    /// @param listener told the ready operations from within [#poll(long)]
    /// @return by which interest is said, and the watch ended
    /// @throws IllegalStateException if the channel is watched already
    /// @throws IllegalArgumentException if the channel is closed, or in blocking mode
    /// @throws UnsupportedOperationException if this poller watches no channels
    Registration register(SelectableChannel channel, Listener listener);

    /// Releases what the poller holds. The loop does not poll afterwards; [#wakeup()] does nothing
    /// then.
    @Override
    void close();

    /// The poller on `java.nio.channels.Selector`, which every platform has.
    ///
    /// @return a new poller, for one loop
    static Poller nio() {
        return new NioPoller();
    }

    /// A channel that is watched.
    ///
    /// Threads: as the poller.
    interface Registration {
        /// Says which readiness is of interest from now on, replacing what was said before.
        /// Level-triggered: told in each poll as long as the channel is ready.
        ///
        /// @param operations bits of `java.nio.channels.SelectionKey`; 0 for none
        /// @throws IllegalArgumentException if the channel is closed, and this is not 0
        /// @throws IllegalStateException if the watch or the poller is closed, and this is not 0
        void interest(int operations);

        /// Ends the watch, at once: the channel may be registered elsewhere, or be made blocking, and
        /// closing it takes effect immediately. May be called again, and for a closed channel.
        void cancel();
    }

    /// Is told that a channel is ready.
    @FunctionalInterface
    interface Listener {
        /// Called from within [Poller#poll(long)], once in each poll. Must not wait, and must not register or
        /// cancel anything.
        ///
        /// @param operations the ready ones, bits of `java.nio.channels.SelectionKey`
        void ready(int operations);
    }
}
