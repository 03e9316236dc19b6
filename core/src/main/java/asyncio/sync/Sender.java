package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The half of a [Channel] that sends.
///
/// Each producer has its own, made by [#copy()], and closes it when it has no more to send; the
/// channel ends with the last one:
///
/// ```java
/// try (Sender<Order> out = orders.sender()) {
///     await(out.send(order));
/// }
/// ```
///
/// Threads: loop-confined; [#threadSafe()] gives a view for other threads.
///
/// @param <T> the items
public final class Sender<T> implements AutoCloseable {
    private final Channel<T> channel;
    private boolean closed; // for ever

    Sender(Channel<T> channel) {
        this.channel = channel;
    }

    Channel<T> channel() {
        return channel;
    }

    void ensureOpen(String operation) {
        if (closed) {
            throw new IllegalStateException("sender is closed: cannot " + operation + " of " + channel
                    + "; take a copy() for each task that sends, and close it there");
        }
    }

    /// Sends an item; suspends only while the channel is full, or, if its capacity is 0, until the
    /// item is received.
    ///
    /// Cancellation: ends the wait; the item is not sent. A cancellation that comes after the item
    /// was taken does not undo that: the send returns, and the cancellation is delivered at the
    /// task's next suspension.
    ///
    /// @param item the item
    /// @return a coroutine; it throws [BrokenChannelException] if all receivers are closed, and
    ///     `IllegalStateException` if this half is, before or while it waits
    public Coroutine<@Nullable Void> send(T item) {
        Objects.requireNonNull(item, "item must not be null");
        return Asyncio.async(new Send<>(this, item));
    }

    /// Sends an item if that needs no wait.
    ///
    /// @param item the item
    /// @return false if the channel is full, or, if its capacity is 0, nobody waits to receive
    /// @throws BrokenChannelException if all receivers are closed
    /// @throws IllegalStateException if this half is closed
    public boolean trySend(T item) {
        Objects.requireNonNull(item, "item must not be null");
        ensureOpen("trySend");
        channel.ensureNotBroken();
        return channel.offer(item);
    }

    /// Another half for sending, which is closed by itself.
    ///
    /// @return a new half of the same channel
    /// @throws IllegalStateException if this half is closed
    public Sender<T> copy() {
        ensureOpen("copy a half");
        return channel.newSender();
    }

    /// Closes this half. A task that waits in a send of it gets an `IllegalStateException`. If it
    /// is the last one, the channel ends: what is in it can still be received. Never suspends; a
    /// second time does nothing.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            channel.closed(this);
        }
    }

    /// Whether this half was closed.
    ///
    /// @return true if it was
    public boolean isClosed() {
        return closed;
    }

    /// A view for other threads. To be called in a task or callback of the loop whose tasks use
    /// the channel.
    ///
    /// @return a view of this half, for any thread
    /// @throws IllegalStateException if no loop runs the calling code
    public ThreadsafeSender<T> threadSafe() {
        return new ThreadsafeSender<>(this, Asyncio.getRunningLoop());
    }

    @Override
    public String toString() {
        return "<Sender " + (closed ? "closed" : "open") + " of " + channel + ">";
    }

    /// What a send does; not a lambda, so that it is cheap.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the item
    private record Send<T>(Sender<T> half, T item) implements Body<@Nullable Void> {
        @Override
        public @Nullable Void run() {
            half.channel.send(half, item);
            return null;
        }
    }
}
