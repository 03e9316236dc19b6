package asyncio.benchmarks;

/// Counts how often a lock changes hands: a task that gets it twice in a row counts once, so only
/// real hand-overs are measured, however fair the lock.
///
/// Threads: whoever holds the lock.
final class HandOvers {
    private int count;
    private int holder = -1; // nobody yet

    /// Says who holds the lock now.
    ///
    /// @return whether there are hand-overs left to do
    boolean takenBy(int task) {
        if (task != holder) {
            holder = task;
            count++;
        }
        return count < Batch.HAND_OVERS;
    }
}
