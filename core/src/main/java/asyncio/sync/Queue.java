package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A first-in first-out queue between tasks, with back-pressure.
///
/// No item is lost to a cancellation: an item that a cancelled getter was about to get stays in the
/// queue.
///
/// Threads: loop-confined.
///
/// @param <T> the items
public final class Queue<T> {
    private final int limit; // 0: none
    private final Deque<T> items = new ArrayDeque<>();
    private final WaitQueue getters = new WaitQueue(WaitKind.QUEUE, this);
    private final WaitQueue putters = new WaitQueue(WaitKind.QUEUE, this);
    private final Event finished = new Event();
    private int unfinished; // items put for which taskDone() was not called

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
        finished.set();
    }

    /// How many items wait.
    ///
    /// @return the number
    public int size() {
        return items.size();
    }

    /// Whether no item waits.
    ///
    /// @return true if none does
    public boolean isEmpty() {
        return items.isEmpty();
    }

    /// Whether a put would wait.
    ///
    /// @return true if the limit is reached
    public boolean isFull() {
        return limit > 0 && items.size() >= limit;
    }

    /// Puts an item; suspends only while the queue is full.
    ///
    /// Cancellation: ends the wait; the item is not put.
    ///
    /// @param item the item
    /// @return a coroutine
    public Coroutine<@Nullable Void> put(T item) {
        Objects.requireNonNull(item, "item must not be null");
        return Asyncio.async(() -> {
            while (isFull()) {
                putters.park(this::wakePutter);
            }
            add(item);
        });
    }

    /// Puts an item if there is room.
    ///
    /// @param item the item
    /// @return false if the queue is full
    public boolean tryPut(T item) {
        Objects.requireNonNull(item, "item must not be null");
        if (isFull()) {
            return false;
        }
        add(item);
        return true;
    }

    private void add(T item) {
        items.addLast(item);
        unfinished++;
        finished.clear();
        getters.wakeNext();
    }

    /// Takes the oldest item; suspends only while there is none.
    ///
    /// Cancellation: ends the wait; no item is lost.
    ///
    /// @return a coroutine of the item
    public Coroutine<T> get() {
        return Asyncio.async(() -> {
            while (items.isEmpty()) {
                getters.park(this::wakeGetter);
            }
            return take();
        });
    }

    /// Takes the oldest item if there is one.
    ///
    /// @return the item, or empty
    public Optional<T> tryGet() {
        return items.isEmpty() ? Optional.empty() : Optional.of(take());
    }

    private T take() {
        T item = items.removeFirst();
        putters.wakeNext();
        return item;
    }

    private void wakePutter() {
        if (!isFull()) {
            putters.wakeNext();
        }
    }

    private void wakeGetter() {
        if (!items.isEmpty()) {
            getters.wakeNext();
        }
    }

    /// Says that an item which was taken has been dealt with; [#join()] counts them.
    ///
    /// @throws IllegalArgumentException if that was said for every item already
    public void taskDone() {
        if (unfinished == 0) {
            throw new IllegalArgumentException("taskDone() called too many times: once for each item is enough");
        }
        if (--unfinished == 0) {
            finished.set();
        }
    }

    /// Waits until every item that was put has been dealt with.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> join() {
        return finished.awaitSet();
    }

    @Override
    public String toString() {
        return "<Queue limit=" + limit + " size=" + items.size() + (unfinished > 0 ? " tasks=" + unfinished : "") + ">";
    }
}
