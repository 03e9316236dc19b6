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

    /// Says which readiness of a channel is of interest, replacing what was said before.
    ///
    /// @param channel a channel in non-blocking mode
    /// @param operations bits of `java.nio.channels.SelectionKey`; 0 ends the interest
    /// @param listener told the ready operations from within [#poll(long)]
    /// @throws java.nio.channels.IllegalBlockingModeException if the channel is in blocking mode
    /// @throws UnsupportedOperationException if this poller watches no channels
    void watch(SelectableChannel channel, int operations, Listener listener);

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

    /// Is told that a channel is ready.
    @FunctionalInterface
    interface Listener {
        /// Called from within [Poller#poll(long)].
        ///
        /// @param operations the ready ones, bits of `java.nio.channels.SelectionKey`
        void ready(int operations);
    }
}
