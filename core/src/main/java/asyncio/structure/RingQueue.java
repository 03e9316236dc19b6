package asyncio.structure;

import org.jspecify.annotations.Nullable;

/// A first-in first-out queue in a growing ring: the loop's ready queue.
///
/// `java.util.ArrayDeque` does the same; this one adds [#bringToFront(int)], which a seeded
/// schedule needs, and shrinks again after a burst, so that one busy moment does not hold its
/// memory for ever.
///
/// Threads: loop-confined. Errors: none but running out of memory.
///
/// @param <T> what is queued
public final class RingQueue<T> {
    private static final int MIN_CAPACITY = 64;

    private @Nullable Object[] ring = new @Nullable Object[MIN_CAPACITY]; // length is a power of two
    private int head; // index of the oldest element
    private int count; // elements queued

    /// An empty queue.
    public RingQueue() {}

    /// How many elements wait.
    ///
    /// @return the number of elements
    public int size() {
        return count;
    }

    /// Whether nothing waits.
    ///
    /// @return true if the queue is empty
    public boolean isEmpty() {
        return count == 0;
    }

    /// Appends an element.
    ///
    /// @param element the element
    public void add(T element) {
        if (count == ring.length) {
            resize(ring.length * 2);
        }
        ring[(head + count++) & (ring.length - 1)] = element;
    }

    /// The oldest element, which stays in the queue.
    ///
    /// @return the element, or null if the queue is empty
    @SuppressWarnings("unchecked") // only T goes in
    public @Nullable T peek() {
        return count == 0 ? null : (T) ring[head];
    }

    /// Takes the oldest element out.
    ///
    /// @return the element, or null if the queue is empty
    @SuppressWarnings("unchecked") // only T goes in
    public @Nullable T poll() {
        if (count == 0) {
            return null;
        }
        int index = head;
        T element = (T) ring[index];
        ring[index] = null;
        head = (index + 1) & (ring.length - 1);
        if (--count == 0 && ring.length > MIN_CAPACITY * 16) {
            ring = new @Nullable Object[MIN_CAPACITY];
            head = 0;
        }
        return element;
    }

    /// Brings the element at a position to the front; the one that was in front takes its place.
    ///
    /// @param index position counted from the oldest element, 0 to `size() - 1`
    public void bringToFront(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("position must be 0 to " + (count - 1) + ": got " + index);
        }
        int slot = (head + index) & (ring.length - 1);
        Object chosen = ring[slot];
        ring[slot] = ring[head];
        ring[head] = chosen;
    }

    private void resize(int capacity) {
        @Nullable Object[] larger = new @Nullable Object[capacity];
        int tail = ring.length - head;
        System.arraycopy(ring, head, larger, 0, tail);
        System.arraycopy(ring, 0, larger, tail, head);
        ring = larger;
        head = 0;
    }
}
