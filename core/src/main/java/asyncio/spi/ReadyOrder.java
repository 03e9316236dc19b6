package asyncio.spi;

/// Chooses which of the jobs that are ready runs next.
///
/// Production keeps first-in first-out; a test may draw, to show that nothing relies on the order
/// of jobs that became ready together.
///
/// Threads: loop-confined.
@FunctionalInterface
public interface ReadyOrder {
    /// Chooses a position.
    ///
    /// @param count how many jobs of this iteration are left, at least 1
    /// @return a position from 0 (the oldest) to `count - 1`
    int choose(int count);

    /// First-in first-out: the order of every loop that is not told otherwise.
    ///
    /// @return the order
    static ReadyOrder fifo() {
        return FifoOrder.INSTANCE;
    }

    /// A repeatable random order.
    ///
    /// @param seed equal seeds give equal choices
    /// @return a new order, for one loop
    static ReadyOrder seeded(long seed) {
        return new SeededOrder(seed);
    }
}
