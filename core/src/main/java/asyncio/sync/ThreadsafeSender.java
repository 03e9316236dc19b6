package asyncio.sync;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A [Sender] as other threads see it: they block where tasks wait, so that back-pressure reaches
/// them, too.
///
/// Each call asks the loop, and holds one item at most while it waits: nothing piles up. A call
/// that is interrupted, times out or is cancelled has had no effect: the item is not sent. If
/// it takes effect in the same moment, it returns as if nothing had come in between, and the thread
/// stays interrupted.
///
/// All methods throw `IllegalStateException` if the loop is closed, before or while they wait.
///
/// Threads: any thread, but those that block not in the loop's own code, where they refuse.
///
/// @param <T> the items
public final class ThreadsafeSender<T> implements AutoCloseable {
    private final Sender<T> half;
    private final EventLoop loop;

    ThreadsafeSender(Sender<T> half, EventLoop loop) {
        this.half = half;
        this.loop = loop;
    }

    private Crossing<@Nullable Void> start(T item) {
        Objects.requireNonNull(item, "item must not be null");
        return Crossing.start(loop, stage -> half.channel().sendFor(half, item, stage));
    }

    /// Sends an item; blocks while the channel is full, or, if its capacity is 0, until the item is
    /// received.
    ///
    /// @param item the item
    /// @throws InterruptedException if the thread is interrupted; the item is not sent
    /// @throws BrokenChannelException if all receivers are closed
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public void send(T item) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "send");
        var _ = start(item).await();
    }

    /// Sends an item; blocks as [#send(Object)], for a time.
    ///
    /// @param item the item
    /// @param timeout how long to wait at most
    /// @return false if the time was over first; the item is not sent
    /// @throws InterruptedException if the thread is interrupted; the item is not sent
    /// @throws BrokenChannelException if all receivers are closed
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public boolean send(T item, Duration timeout) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "send");
        Objects.requireNonNull(timeout, "timeout must not be null");
        return start(item).awaitDone(timeout);
    }

    /// Sends an item if that needs no wait; blocks until the loop has answered.
    ///
    /// @param item the item
    /// @return false if the channel is full, or, if its capacity is 0, nobody waits to receive
    /// @throws InterruptedException if the thread is interrupted; the item is not sent
    /// @throws BrokenChannelException if all receivers are closed
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public boolean trySend(T item) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "trySend");
        Objects.requireNonNull(item, "item must not be null");
        return Crossing.<Boolean>start(loop, stage -> half.channel().trySendFor(half, item, stage))
                .await();
    }

    /// Sends an item, without blocking the caller.
    ///
    /// @param item the item
    /// @return completed when the item is sent; completing or cancelling it earlier gives up. What
    ///     depends on it runs on the loop: use the `Async` forms for whatever may block
    /// @throws IllegalStateException if the loop is closed
    public CompletableFuture<@Nullable Void> sendAsync(T item) {
        return start(item).stage();
    }

    /// Closes the half, a moment later, on the loop. A second time, or if the loop is closed, does
    /// nothing.
    @Override
    public void close() {
        try {
            loop.callSoonThreadsafe(half::close);
        } catch (IllegalStateException e) {
            // The loop is closed, and with it everything that the half could do.
        }
    }

    @Override
    public String toString() {
        return "<ThreadsafeSender of loop " + loop.name() + ">";
    }
}
