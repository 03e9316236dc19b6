package asyncio.structure;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A queue of deadlines that hands back what is due.
///
/// Time is never read here: callers pass the current time, so a test needs no clock. Order: by
/// deadline, equal deadlines first-in first-out. Never early: a timer is due when its deadline is
/// at or before the time passed in.
///
/// Threads: loop-confined. Units: nanoseconds on the caller's clock. Errors: none but running out
/// of memory.
public final class TimerQueue {
    /*
     * Implementation overview
     *
     * A 4-ary heap (D. B. Johnson, 1975) in three parallel arrays: deadlines, sequence numbers and nodes. Deadlines
     * are in an array of their own, so that a comparison touches no node. Each node knows its slot, hence a cancelled
     * timer is removed at once: most timeouts are cancelled, and lazy deletion would keep dead objects alive and make
     * the loop wake for them. A timer that is later than its parent, the usual case, is added and removed without any
     * move, whatever the number outstanding.
     *
     * Invariant: nodes[n.slot] == n for every queued n; n.slot == NOT_QUEUED otherwise.
     * Bounds: add and remove O(log4 n) time, 20 bytes a timer beside the node.
     */
    private static final int ARITY_SHIFT = 2;
    private static final int MIN_CAPACITY = 64;

    private long[] deadlinesNanos = new long[MIN_CAPACITY]; // heap order
    private long[] sequences = new long[MIN_CAPACITY]; // order of arrival; parallel to the deadlines
    private @Nullable TimerNode[] nodes = new @Nullable TimerNode[MIN_CAPACITY]; // parallel to the deadlines
    private int count; // timers queued
    private long nextSequence; // of the next timer added

    /// An empty queue.
    public TimerQueue() {}

    /// How many timers wait.
    ///
    /// @return the number of timers
    public int size() {
        return count;
    }

    /// The earliest deadline.
    ///
    /// @return the deadline in nanoseconds, or `Long.MAX_VALUE` if nothing is queued
    public long nextDeadlineNanos() {
        return count == 0 ? Long.MAX_VALUE : deadlinesNanos[0];
    }

    /// Adds a timer.
    ///
    /// @param node the timer, not queued anywhere
    /// @param deadlineNanos when it is due
    /// @throws IllegalStateException if the node is queued already
    public void add(TimerNode node, long deadlineNanos) {
        if (node.isQueued()) {
            throw new IllegalStateException("timer must not be queued twice: " + node);
        }
        if (count == nodes.length) {
            resize(count * 2);
        }
        siftUp(count++, node, deadlineNanos, nextSequence++);
    }

    /// Removes a timer at once.
    ///
    /// @param node the timer
    /// @return false if it was not queued (any more)
    public boolean remove(TimerNode node) {
        int slot = node.slot;
        if (slot == TimerNode.NOT_QUEUED) {
            return false;
        }
        node.slot = TimerNode.NOT_QUEUED;
        int last = --count;
        TimerNode moved = nodes[last];
        nodes[last] = null;
        if (slot != last && moved != null) {
            long deadline = deadlinesNanos[last];
            long sequence = sequences[last];
            if (slot > 0 && before(deadline, sequence, parent(slot))) {
                siftUp(slot, moved, deadline, sequence);
            } else {
                siftDown(slot, moved, deadline, sequence);
            }
        }
        if (nodes.length > MIN_CAPACITY && count < nodes.length / 8) {
            resize(nodes.length / 2);
        }
        return true;
    }

    /// Takes out every timer that is due, in order.
    ///
    /// @param nowNanos the current time
    /// @param due gets each one
    public void expire(long nowNanos, Consumer<? super TimerNode> due) {
        while (count > 0 && deadlinesNanos[0] <= nowNanos) {
            TimerNode node = nodes[0];
            if (node != null) {
                remove(node);
                due.accept(node);
            }
        }
    }

    /// Removes every timer without handing it on.
    public void clear() {
        for (int i = 0; i < count; i++) {
            TimerNode node = nodes[i];
            if (node != null) {
                node.slot = TimerNode.NOT_QUEUED;
            }
        }
        count = 0;
        deadlinesNanos = new long[MIN_CAPACITY];
        sequences = new long[MIN_CAPACITY];
        nodes = new @Nullable TimerNode[MIN_CAPACITY];
    }

    private void siftUp(int start, TimerNode node, long deadline, long sequence) {
        int slot = start;
        while (slot > 0) {
            int parent = parent(slot);
            if (!before(deadline, sequence, parent)) {
                break;
            }
            move(parent, slot);
            slot = parent;
        }
        place(slot, node, deadline, sequence);
    }

    private void siftDown(int start, TimerNode node, long deadline, long sequence) {
        int slot = start;
        while (true) {
            int child = (slot << ARITY_SHIFT) + 1;
            if (child >= count) {
                break;
            }
            int least = child;
            int end = Math.min(child + (1 << ARITY_SHIFT), count);
            for (int sibling = child + 1; sibling < end; sibling++) {
                if (before(deadlinesNanos[sibling], sequences[sibling], least)) {
                    least = sibling;
                }
            }
            if (before(deadline, sequence, least)) {
                break;
            }
            move(least, slot);
            slot = least;
        }
        place(slot, node, deadline, sequence);
    }

    private static int parent(int slot) {
        return (slot - 1) >> ARITY_SHIFT;
    }

    private boolean before(long deadline, long sequence, int otherSlot) {
        long other = deadlinesNanos[otherSlot];
        return deadline < other || deadline == other && sequence < sequences[otherSlot];
    }

    private void move(int from, int to) {
        TimerNode node = nodes[from];
        if (node != null) {
            place(to, node, deadlinesNanos[from], sequences[from]);
        }
    }

    private void place(int slot, TimerNode node, long deadline, long sequence) {
        deadlinesNanos[slot] = deadline;
        sequences[slot] = sequence;
        nodes[slot] = node;
        node.slot = slot;
    }

    private void resize(int capacity) {
        deadlinesNanos = Arrays.copyOf(deadlinesNanos, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        nodes = Arrays.copyOf(nodes, capacity);
    }
}
