package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The half of a [Channel] that receives.
///
/// A `for` loop receives until the channel ends:
///
/// ```java
/// for (Order order : orders.receiver()) { // waits for the next one; in a task
///     ...
/// }
/// ```
///
/// Each item goes to one receiver only. Several consumers may share one half, or have copies that
/// are closed one by one; when the last one is closed, sending fails.
///
/// Threads: loop-confined; [#threadSafe()] gives a view for other threads.
///
/// @param <T> the items
public final class Receiver<T> implements AutoCloseable, Iterable<T> {
    private final Channel<T> channel;
    private final Body<T> receive = this::waitAndReceive;
    private boolean closed; // for ever

    Receiver(Channel<T> channel) {
        this.channel = channel;
    }

    Channel<T> channel() {
        return channel;
    }

    void ensureOpen(String operation) {
        if (closed) {
            throw new IllegalStateException("receiver is closed: cannot " + operation + " of " + channel
                    + "; take a copy() for each task that receives, and close it there");
        }
    }

    /// Receives the next item; suspends only while there is none.
    ///
    /// Cancellation: ends the wait; an item that was on its way goes to the next receiver, or stays
    /// first in the channel.
    ///
    /// @return a coroutine of the item; it throws [ChannelEndedException] if all senders are closed
    ///     and nothing is left, and `IllegalStateException` if this half is closed, before or while
    ///     it waits
    public Coroutine<T> receive() {
        return Asyncio.async(receive);
    }

    private T waitAndReceive() {
        return channel.receive(this);
    }

    /// Receives the next item if that needs no wait.
    ///
    /// @return the item, or empty
    /// @throws ChannelEndedException if all senders are closed and nothing is left
    /// @throws IllegalStateException if this half is closed
    public Optional<T> tryReceive() {
        ensureOpen("tryReceive");
        T item = channel.poll();
        if (item == null) {
            channel.ensureNotEnded();
        }
        return Optional.ofNullable(item);
    }

    /// Another half for receiving, which is closed by itself.
    ///
    /// @return a new half of the same channel
    /// @throws IllegalStateException if this half is closed
    public Receiver<T> copy() {
        ensureOpen("copy a half");
        return channel.newReceiver();
    }

    /// Closes this half. A task that waits in a receive of it gets an `IllegalStateException`. If
    /// it is the last one, the channel breaks: whoever sends, or waits to, gets a
    /// [BrokenChannelException], and what is left in the channel is undelivered. Never suspends; a
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

    /// Receives items one by one, for a `for` loop in a task: `hasNext()` suspends while there is
    /// none, and is false once the channel has ended.
    ///
    /// A cancellation is thrown out of `hasNext()`; no item is lost. `hasNext()` receives the item
    /// that `next()` returns: who calls it by hand and stops in between has it.
    ///
    /// @return a new iterator; `remove` is not supported
    @Override
    public Iterator<T> iterator() {
        return new Receiving<>(this);
    }

    /// A view for other threads. To be called in a task or callback of the loop whose tasks use
    /// the channel.
    ///
    /// @return a view of this half, for any thread
    /// @throws IllegalStateException if no loop runs the calling code
    public ThreadsafeReceiver<T> threadSafe() {
        return new ThreadsafeReceiver<>(this, Asyncio.getRunningLoop());
    }

    @Override
    public String toString() {
        return "<Receiver " + (closed ? "closed" : "open") + " of " + channel + ">";
    }

    /// Receives for a `for` loop.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the items
    private static final class Receiving<T> implements Iterator<T> {
        private final Receiver<T> half;
        private @Nullable T received; // by hasNext(), for next()

        Receiving(Receiver<T> half) {
            this.half = half;
        }

        @Override
        public boolean hasNext() {
            if (received == null) {
                half.ensureOpen("receive");
                try {
                    received = half.waitAndReceive();
                } catch (ChannelEndedException e) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all senders of " + half.channel + " are closed");
            }
            T item = Objects.requireNonNull(received, "received");
            received = null;
            return item;
        }
    }
}
