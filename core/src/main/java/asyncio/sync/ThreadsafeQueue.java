package asyncio.sync;

import asyncio.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A [Queue] as other threads see it: they block where tasks wait, so that back-pressure reaches
/// them, too.
///
/// Each call asks the loop, and holds one item at most while it waits: nothing piles up. A call
/// that is interrupted, times out or is cancelled has had no effect: the item is not put, or stays
/// in the queue. If it takes effect in the same moment, it returns as if nothing had come in
/// between, and the thread stays interrupted.
///
/// All methods throw `IllegalStateException` if the loop is closed, before or while they wait.
///
/// Threads: any thread, but those that block not in the loop's own code, where they refuse.
///
/// @param <T> the items
public final class ThreadsafeQueue<T> {
    private final Queue<T> queue;
    private final EventLoop loop;

    ThreadsafeQueue(Queue<T> queue, EventLoop loop) {
        this.queue = queue;
        this.loop = loop;
    }

    private Crossing<@Nullable Void> startPut(T item) {
        Objects.requireNonNull(item, "item must not be null");
        return Crossing.start(loop, stage -> queue.putFor(stage, item));
    }

    /// Puts an item; blocks while the queue is full.
    ///
    /// @param item the item
    /// @throws InterruptedException if the thread is interrupted; the item is not put
    /// @throws QueueShutDownException if the queue is shut down
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public void put(T item) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "put");
        var _ = startPut(item).await();
    }

    /// Puts an item; blocks while the queue is full, for a time.
    ///
    /// @param item the item
    /// @param timeout how long to wait at most
    /// @return false if the time was over first; the item is not put
    /// @throws InterruptedException if the thread is interrupted; the item is not put
    /// @throws QueueShutDownException if the queue is shut down
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public boolean put(T item, Duration timeout) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "put");
        Objects.requireNonNull(timeout, "timeout must not be null");
        return startPut(item).awaitDone(timeout);
    }

    /// Puts an item if there is room; blocks until the loop has answered.
    ///
    /// @param item the item
    /// @return false if the queue is full
    /// @throws InterruptedException if the thread is interrupted; the item is not put
    /// @throws QueueShutDownException if the queue is shut down
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public boolean tryPut(T item) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "tryPut");
        Objects.requireNonNull(item, "item must not be null");
        return Crossing.<Boolean>start(loop, stage -> queue.tryPutFor(stage, item))
                .await();
    }

    /// Puts an item, without blocking the caller.
    ///
    /// @param item the item
    /// @return completed when the item is in the queue; completing or cancelling it earlier gives
    ///     up. What depends on it runs on the loop: use the `Async` forms for whatever may block
    /// @throws IllegalStateException if the loop is closed
    public CompletableFuture<@Nullable Void> putAsync(T item) {
        return startPut(item).stage();
    }

    /// Takes the next item; blocks while there is none.
    ///
    /// @return the item
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws QueueShutDownException if the queue is shut down and empty
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public T get() throws InterruptedException {
        Crossing.ensureElsewhere(loop, "get");
        return Crossing.<T>start(loop, queue::getFor).await();
    }

    /// Takes the next item; blocks while there is none, for a time.
    ///
    /// @param timeout how long to wait at most
    /// @return the item; empty if the time was over first
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws QueueShutDownException if the queue is shut down and empty
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public Optional<T> get(Duration timeout) throws InterruptedException {
        Crossing.ensureElsewhere(loop, "get");
        Objects.requireNonNull(timeout, "timeout must not be null");
        return Crossing.<T>start(loop, queue::getFor).await(timeout);
    }

    /// Takes the next item if there is one; blocks until the loop has answered.
    ///
    /// @return the item, or empty
    /// @throws InterruptedException if the thread is interrupted; no item is taken
    /// @throws QueueShutDownException if the queue is shut down and empty
    /// @throws IllegalStateException in code that the loop runs, or if it is closed
    public Optional<T> tryGet() throws InterruptedException {
        Crossing.ensureElsewhere(loop, "tryGet");
        return Crossing.<Optional<T>>start(loop, queue::tryGetFor).await();
    }

    /// Takes the next item, without blocking the caller.
    ///
    /// @return completed with the item; completing or cancelling it earlier gives up. What depends
    ///     on it runs on the loop: use the `Async` forms for whatever may block
    /// @throws IllegalStateException if the loop is closed
    public CompletableFuture<T> getAsync() {
        return Crossing.<T>start(loop, queue::getFor).stage();
    }

    @Override
    public String toString() {
        return "<ThreadsafeQueue of loop " + loop.name() + ">";
    }
}
