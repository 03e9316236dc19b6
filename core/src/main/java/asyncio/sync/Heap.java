package asyncio.sync;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Items in order of a comparator, the least first; equal ones first-in first-out.
///
/// Threads: loop-confined.
///
/// @param <T> the items
final class Heap<T> {
    /*
     * A binary heap in a list. An item moves only after all comparisons that its place needs were made: if one of them
     * throws, nothing has changed. (java.util.PriorityQueue compares while it moves, and is left broken.)
     */
    private final Comparator<? super T> comparator;
    private final List<Entry<T>> entries = new ArrayList<>(); // heap order
    private long youngest = -1; // the number of the latest one added: numbers break ties
    private long oldest; // as above, of the latest one returned

    Heap(Comparator<? super T> comparator) {
        this.comparator = comparator;
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }

    /// Puts an item in. Fails if it cannot be compared, and changes nothing then.
    void add(T item) {
        insert(new Entry<>(item, youngest + 1));
        youngest++;
    }

    /// Puts an item back that was the first.
    void addFirst(T item) {
        insert(new Entry<>(item, oldest - 1));
        oldest--;
    }

    private void insert(Entry<T> entry) {
        int hole = entries.size();
        while (hole > 0 && isBefore(entry, entries.get(parent(hole)))) {
            hole = parent(hole);
        }
        int index = entries.size();
        entries.add(entry);
        while (index != hole) {
            entries.set(index, entries.get(parent(index)));
            index = parent(index);
        }
        entries.set(hole, entry);
    }

    /// Takes the least. There must be one.
    T removeFirst() {
        return removeAt(0);
    }

    /// Takes out what was added last. It must be in.
    void removeYoungest() {
        int index = 0;
        while (entries.get(index).number != youngest) {
            index++;
        }
        removeAt(index);
    }

    private T removeAt(int index) {
        T removed = entries.get(index).item;
        int lastIndex = entries.size() - 1;
        Entry<T> moved = entries.get(lastIndex);
        List<Integer> path = index == lastIndex ? List.of() : pathDown(index, moved, lastIndex);
        List<Integer> pathUp = index == lastIndex || !path.isEmpty() ? List.of() : pathUp(index, moved);
        entries.remove(lastIndex);
        int hole = index;
        for (int next : path.isEmpty() ? pathUp : path) {
            entries.set(hole, entries.get(next));
            hole = next;
        }
        if (index != lastIndex) {
            entries.set(hole, moved);
        }
        return removed;
    }

    /// The indexes of those that come before an entry which would stand at an index, on its way
    /// down.
    private List<Integer> pathDown(int index, Entry<T> moved, int size) {
        List<Integer> path = new ArrayList<>();
        int child = 2 * index + 1;
        while (child < size) {
            if (child + 1 < size && isBefore(entries.get(child + 1), entries.get(child))) {
                child++;
            }
            if (!isBefore(entries.get(child), moved)) {
                break;
            }
            path.add(child);
            child = 2 * child + 1;
        }
        return path;
    }

    private List<Integer> pathUp(int index, Entry<T> moved) {
        List<Integer> path = new ArrayList<>();
        int at = index;
        while (at > 0 && isBefore(moved, entries.get(parent(at)))) {
            at = parent(at);
            path.add(at);
        }
        return path;
    }

    private static int parent(int index) {
        return (index - 1) / 2;
    }

    private boolean isBefore(Entry<T> left, Entry<T> right) {
        int order = comparator.compare(left.item, right.item);
        return order < 0 || order == 0 && left.number < right.number;
    }

    /// An item and when it came.
    ///
    /// Threads: immutable.
    ///
    /// @param <T> the item
    private record Entry<T>(T item, long number) {}
}
