package asyncio.sync;

import java.util.Comparator;
import java.util.Objects;

/// A queue whose least item comes out first; of equal ones, the oldest.
///
/// An item that cannot be compared fails where it is put, and the queue stays as it was.
///
/// Threads: loop-confined.
///
/// @param <T> the items
public final class PriorityQueue<T> extends Queue<T> {
    private final Heap<T> heap;
    private final Comparator<? super T> comparator;

    /// A queue without a limit, of items that are `Comparable`.
    public PriorityQueue() {
        this(0);
    }

    /// A queue of items that are `Comparable`; one that is not fails with `ClassCastException`.
    ///
    /// @param limit how many items it holds before a put waits; zero or less: no limit
    public PriorityQueue(int limit) {
        this(limit, PriorityQueue::compareNaturally);
    }

    /// A queue of items that a comparator orders.
    ///
    /// @param limit how many items it holds before a put waits; zero or less: no limit
    /// @param comparator says which of two items comes first
    public PriorityQueue(int limit, Comparator<? super T> comparator) {
        super(limit);
        this.comparator = Objects.requireNonNull(comparator, "comparator must not be null");
        heap = new Heap<>(comparator);
    }

    @SuppressWarnings("unchecked") // the cast to Comparable fails in words of its own; the rest is the item's matter
    private static <T> int compareNaturally(T left, T right) {
        return ((Comparable<? super T>) left).compareTo(right);
    }

    @Override
    @SuppressWarnings({"SelfComparison", "ReturnValueIgnored"}) // asks whether it can be compared at all
    void check(T item) {
        super.check(item);
        var _ = comparator.compare(item, item);
    }

    @Override
    void store(T item) {
        heap.add(item);
    }

    @Override
    void unstore() {
        heap.removeYoungest();
    }

    @Override
    T unload() {
        return heap.removeFirst();
    }

    @Override
    void reload(T item) {
        heap.addFirst(item);
    }

    @Override
    void removeAll() {
        heap.clear();
    }

    /// How many items wait.
    ///
    /// @return the number
    @Override
    public int size() {
        return heap.size();
    }
}
