package asyncio.sync;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A [Receiver] as other threads see it: they block where tasks wait.
///
/// Each call asks the loop, and holds one item at most while it waits: nothing piles up. A call
/// that is interrupted, times out or is cancelled has had no effect: no item is taken. If
/// it takes effect in the same moment, it returns as if nothing had come in between, and the thread
/// stays interrupted.
///
/// All methods throw `IllegalStateException` if the loop is closed, before or while they wait.
///
/// Threads: any thread, but those that block not in the loop's own code, where they refuse.
///
/// @param <T> the items
public final class ThreadsafeReceiver<T> implements AutoCloseable {
    private final Receiver<T> half;
    private final EventLoop loop;

    ThreadsafeReceiver(Receiver<T> half, EventLoop loop) {
        this.half = half;
        this.loop = loop;
    }

    private Crossing<T> start() {
        return Crossing.start(loop, stage -> half.channel().receiveFor(half, stage::complete));
    }

    /// Receives the next item; blocks while there is none.
    ///
    /// @return the item
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws ChannelEndedException if all senders are closed and nothing is left
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public T receive() throws InterruptedException {
        Crossing.ensureElsewhere(loop, "receive");
        return start().await();
    }

    /// Receives the next item; blocks while there is none, for a time.
    ///
    /// @param timeout how long to wait at most
    /// @return the item; empty if the time was over first
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws ChannelEndedException if all senders are closed and nothing is left
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public Optional<T> receive(Duration timeout) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "receive");
        Objects.requireNonNull(timeout, "timeout must not be null");
        return start().await(timeout);
    }

    /// Receives the next item if that needs no wait; blocks until the loop has answered.
    ///
    /// @return the item, or empty
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws ChannelEndedException if all senders are closed and nothing is left
    /// @throws IllegalStateException in code that the loop runs; if the loop, or the half, is
    ///     closed
    public Optional<T> tryReceive() throws InterruptedException {
        Crossing.ensureElsewhere(loop, "tryReceive");
        return Crossing.<Optional<T>>start(loop, this::tryReceiveFor).await();
    }

    private void tryReceiveFor(CompletableFuture<Optional<T>> stage) {
        half.ensureOpen("tryReceive");
        if (!half.channel().tryReceiveFor(item -> stage.complete(Optional.of(item)))) {
            half.channel().ensureNotEnded();
            stage.complete(Optional.empty());
        }
    }

    /// Receives the next item, without blocking the caller.
    ///
    /// @return completed with the item; completing or cancelling it earlier gives up. What depends
    ///     on it runs on the loop: use the `Async` forms for whatever may block
    /// @throws IllegalStateException if the loop is closed
    public CompletableFuture<T> receiveAsync() {
        return start().stage();
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
        return "<ThreadsafeReceiver of loop " + loop.name() + ">";
    }
}
