package asyncio.sync;

/// A queue whose latest item comes out first: a stack.
///
/// Threads: loop-confined.
///
/// @param <T> the items
public final class LifoQueue<T> extends Queue<T> {
    /// A queue without a limit.
    public LifoQueue() {}

    /// A queue.
    ///
    /// @param limit how many items it holds before a put waits; zero or less: no limit
    public LifoQueue(int limit) {
        super(limit);
    }

    @Override
    T unload() {
        return items.removeLast();
    }

    @Override
    void reload(T item) {
        items.addLast(item);
    }
}
