package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A queue between tasks, with back-pressure: first-in first-out. [PriorityQueue] and [LifoQueue]
/// have another order.
///
/// No item is lost to a cancellation: an item that a cancelled getter was about to get stays in the
/// queue, and one that a cancelled put still holds never gets in.
///
/// A `for` loop takes items until the queue is shut down and empty:
///
/// ```java
/// for (Order order : orders) { // waits for the next one; in a task
///     ...
/// }
/// ```
///
/// With several producers, of which the last one ends the queue, use a [Channel].
///
/// Threads: loop-confined; [#threadSafe()] gives a view for other threads.
///
/// @param <T> the items
public sealed class Queue<T> implements Iterable<T> permits PriorityQueue, LifoQueue {
    /*
     * asyncio's algorithm (rows ): a put and a take wake one who waits, if anybody does, and hand nothing
     * over. Who was woken looks again, and waits again if somebody was faster. A direct hand-over would save
     * suspensions, but then getters and putters would not take turns as they do in asyncio; channels do that.
     */
    private final int limit; // 0: none
    final ArrayDeque<T> items = new ArrayDeque<>(); // of the orders that keep no items of their own
    final WaitQueue getters = new WaitQueue(WaitKind.QUEUE, this);
    final WaitQueue putters = new WaitQueue(WaitKind.QUEUE, this);
    private final WaitQueue joiners = new WaitQueue(WaitKind.QUEUE, this);
    private final Body<T> get = this::waitAndTake;
    private final Runnable wakeGetter = this::wakeGetter;
    private final Runnable wakePutter = this::wakePutter;
    private int unfinished; // items put for which taskDone() was not called
    private boolean shutDown; // for ever

    /// A queue without a limit. Prefer one with a limit wherever producers may be faster than
    /// consumers.
    public Queue() {
        this(0);
    }

    /// A queue.
    ///
    /// @param limit how many items it holds before a put waits; zero or less: no limit
    public Queue(int limit) {
        this.limit = Math.max(0, limit);
    }

    // What an order decides

    /// Checks an item before it is put.
    void check(T item) {
        Objects.requireNonNull(item, "item must not be null");
    }

    void store(T item) {
        items.addLast(item);
    }

    /// Undoes the latest [#store(Object)].
    void unstore() {
        items.removeLast();
    }

    T unload() {
        return items.removeFirst();
    }

    /// Undoes the latest [#unload()], of this item.
    void reload(T item) {
        items.addFirst(item);
    }

    void removeAll() {
        items.clear();
    }

    // The same for all orders

    /// How many items wait.
    ///
    /// @return the number
    public int size() {
        return items.size();
    }

    /// Whether no item waits.
    ///
    /// @return true if none does
    public final boolean isEmpty() {
        return size() == 0;
    }

    /// Whether a put would wait.
    ///
    /// @return true if the limit is reached
    public final boolean isFull() {
        return limit > 0 && size() >= limit;
    }

    /// How many items the queue holds before a put waits.
    ///
    /// @return the limit; 0: none
    public final int limit() {
        return limit;
    }

    /// Puts an item; suspends only while the queue is full.
    ///
    /// Cancellation: ends the wait; the item is not put.
    ///
    /// @param item the item
    /// @return a coroutine; it throws [QueueShutDownException] if the queue is shut down, before or
    ///     while it waits
    public final Coroutine<@Nullable Void> put(T item) {
        check(item);
        return Asyncio.async(new Put<>(this, item));
    }

    /// Puts an item if there is room.
    ///
    /// @param item the item
    /// @return false if the queue is full
    /// @throws QueueShutDownException if the queue is shut down
    public final boolean tryPut(T item) {
        check(item);
        ensureOpen();
        if (isFull()) {
            return false;
        }
        add(item);
        return true;
    }

    private void waitAndAdd(T item) {
        awaitRoom();
        try {
            add(item);
        } catch (RuntimeException | Error e) { // it cannot be compared: the room is somebody else's
            wakePutter();
            throw e;
        }
    }

    private void awaitRoom() {
        ensureOpen();
        while (isFull()) {
            putters.park(wakePutter);
            ensureOpen();
        }
    }

    private void add(T item) {
        store(item);
        added();
    }

    private void added() {
        unfinished++;
        getters.wakeNext();
    }

    private void ensureOpen() {
        if (shutDown) {
            throw new QueueShutDownException("cannot put: " + this + " was shut down");
        }
    }

    /// Takes the next item; suspends only while there is none.
    ///
    /// Cancellation: ends the wait; no item is lost.
    ///
    /// @return a coroutine of the item; it throws [QueueShutDownException] if the queue is shut
    ///     down and empty, before or while it waits
    public final Coroutine<T> get() {
        return Asyncio.async(get);
    }

    /// Takes the next item if there is one.
    ///
    /// @return the item, or empty
    /// @throws QueueShutDownException if the queue is shut down and empty
    public final Optional<T> tryGet() {
        if (isEmpty()) {
            ensureMayFill();
            return Optional.empty();
        }
        return Optional.of(take());
    }

    private T waitAndTake() {
        awaitItem();
        return take();
    }

    private void awaitItem() {
        while (isEmpty()) {
            ensureMayFill();
            getters.park(wakeGetter);
        }
    }

    private void ensureMayFill() {
        if (shutDown) {
            throw new QueueShutDownException("cannot get: " + this + " was shut down, and is empty");
        }
    }

    private T take() {
        T item = unload();
        putters.wakeNext();
        return item;
    }

    final void wakePutter() {
        if (!isFull()) {
            putters.wakeNext();
        }
    }

    final void wakeGetter() {
        if (!isEmpty()) {
            getters.wakeNext();
        }
    }

    /// Ends the queue: nothing can be put any more, and once it is empty, nothing be had. Whoever
    /// waits to put gets a [QueueShutDownException] at once, whoever waits to get as soon as it is
    /// empty. Cannot be undone; calling it again does no harm.
    public final void shutdown() {
        shutdown(false);
    }

    /// Ends the queue, and drops what is in it if that is to be at once.
    ///
    /// Each dropped item counts as dealt with. What was taken before still has to be, so [#join()]
    /// waits for that.
    ///
    /// @param immediate whether the items are dropped
    public final void shutdown(boolean immediate) {
        shutDown = true;
        if (immediate) {
            boolean waited = unfinished > 0;
            unfinished = Math.max(0, unfinished - size());
            removeAll();
            if (waited && unfinished == 0) {
                joiners.wakeAll();
            }
        }
        getters.wakeAll();
        putters.wakeAll();
    }

    /// Whether [#shutdown()] was called.
    ///
    /// @return true if it was
    public final boolean isShutDown() {
        return shutDown;
    }

    /// Says that an item which was taken has been dealt with; [#join()] counts them.
    ///
    /// @throws IllegalArgumentException if that was said for every item already
    public final void taskDone() {
        if (unfinished == 0) {
            throw new IllegalArgumentException("taskDone() called too many times: once for each item is enough");
        }
        if (--unfinished == 0) {
            joiners.wakeAll();
        }
    }

    /// Waits until every item that was put has been dealt with; does not suspend if that is so.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine
    public final Coroutine<@Nullable Void> join() {
        return Asyncio.async(() -> {
            if (unfinished > 0) {
                joiners.park(() -> {});
            }
        });
    }

    /// Takes items one by one, for a `for` loop in a task: `hasNext()` suspends while there is
    /// none, and is false once the queue is shut down and empty.
    ///
    /// A cancellation is thrown out of `hasNext()`; no item is lost. `hasNext()` takes the item
    /// that `next()` returns: who calls it by hand and stops in between has it.
    ///
    /// @return a new iterator; `remove` is not supported
    @Override
    public final Iterator<T> iterator() {
        return new Taking<>(this);
    }

    /// A view for other threads. To be called in a task or callback of the loop whose tasks use
    /// the queue.
    ///
    /// @return a view, for any thread
    /// @throws IllegalStateException if no loop runs the calling code
    public final ThreadsafeQueue<T> threadSafe() {
        return new ThreadsafeQueue<>(this, Asyncio.getRunningLoop());
    }

    // For the view; the stage is the other side's, which may have given up: then nothing happens here

    /// Puts an item once there is room, unless the stage is completed first; completes it.
    final void putFor(CompletableFuture<@Nullable Void> stage, T item) {
        check(item);
        awaitRoom();
        boolean taken = false;
        try {
            if (!stage.isDone()) {
                store(item);
                taken = stage.complete(null);
                if (!taken) {
                    unstore();
                }
            }
        } finally {
            if (taken) {
                added();
            } else {
                wakePutter();
            }
        }
    }

    /// Takes an item once there is one, unless the stage is completed first; completes it with
    /// that.
    final void getFor(CompletableFuture<T> stage) {
        awaitItem();
        if (!stage.isDone()) {
            T item = unload();
            if (stage.complete(item)) {
                putters.wakeNext();
                return;
            }
            reload(item);
        }
        wakeGetter();
    }

    /// Puts an item if there is room, unless the stage is completed first; completes it.
    final void tryPutFor(CompletableFuture<Boolean> stage, T item) {
        check(item);
        ensureOpen();
        if (isFull()) {
            stage.complete(false);
        } else if (!stage.isDone()) {
            store(item);
            if (stage.complete(true)) {
                added();
            } else {
                unstore();
            }
        }
    }

    /// Takes an item if there is one, unless the stage is completed first; completes it.
    final void tryGetFor(CompletableFuture<Optional<T>> stage) {
        if (isEmpty()) {
            ensureMayFill();
            stage.complete(Optional.empty());
        } else if (!stage.isDone()) {
            T item = unload();
            if (stage.complete(Optional.of(item))) {
                putters.wakeNext();
            } else {
                reload(item);
            }
        }
    }

    @Override
    public final String toString() {
        return "<" + getClass().getSimpleName() + " limit=" + limit + " size=" + size()
                + (unfinished > 0 ? " tasks=" + unfinished : "") + (shutDown ? " shutdown" : "") + ">";
    }

    /// What a put does; not a lambda, so that it is cheap.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the item
    private record Put<T>(Queue<T> queue, T item) implements Body<@Nullable Void> {
        @Override
        public @Nullable Void run() {
            queue.waitAndAdd(item);
            return null;
        }
    }

    /// Takes items for a `for` loop.
    ///
    /// Threads: loop-confined.
    ///
    /// @param <T> the items
    private static final class Taking<T> implements Iterator<T> {
        private final Queue<T> queue;
        private @Nullable T taken; // by hasNext(), for next()

        Taking(Queue<T> queue) {
            this.queue = queue;
        }

        @Override
        public boolean hasNext() {
            if (taken == null && !(queue.shutDown && queue.isEmpty())) {
                while (queue.isEmpty()) {
                    queue.getters.park(queue.wakeGetter);
                    if (queue.shutDown && queue.isEmpty()) {
                        return false;
                    }
                }
                taken = queue.take();
            }
            return taken != null;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException(queue + " was shut down, and is empty");
            }
            T item = Objects.requireNonNull(taken, "taken");
            taken = null;
            return item;
        }
    }
}
