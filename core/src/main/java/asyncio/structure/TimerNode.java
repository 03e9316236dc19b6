package asyncio.structure;

/// Something that a [TimerQueue] holds; each node is in one queue at most.
///
/// Threads: loop-confined, like the queue.
public abstract class TimerNode {
    static final int NOT_QUEUED = -1;

    int slot = NOT_QUEUED; // this node's place in its queue's heap; kept by the queue

    /// For subclasses.
    protected TimerNode() {}

    /// Whether the node waits in a queue.
    ///
    /// @return true between add and expiry or removal
    public final boolean isQueued() {
        return slot != NOT_QUEUED;
    }
}
