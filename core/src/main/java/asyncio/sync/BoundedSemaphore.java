package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.Held;

/// A semaphore that never has more permits than it began with: a release too many is an error.
///
/// First-in first-out, as [Semaphore]; in debug mode a task that ends with a permit is reported
/// (AS112).
///
/// Threads: loop-confined.
public final class BoundedSemaphore {
    private final Permits permits;

    /// A semaphore of one permit.
    public BoundedSemaphore() {
        this(1);
    }

    /// A semaphore.
    ///
    /// @param permits how many permits there are, zero or more
    /// @throws IllegalArgumentException if that is negative
    public BoundedSemaphore(int permits) {
        this.permits = new Permits(this, permits, permits);
    }

    /// Whether an acquire would wait.
    ///
    /// @return true if no permit is free, or somebody waits
    public boolean isLocked() {
        return permits.isLocked();
    }

    /// How many tasks wait for a permit.
    ///
    /// @return the number; it includes those that get one in their next turn
    public int waitingCount() {
        return permits.waitingCount();
    }

    /// Takes a permit; does not suspend if one is free and nobody waits.
    ///
    /// Cancellation: ends the wait; a permit that had been given goes to the next in line.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(permits::take);
    }

    /// Takes a permit, to be returned at the end of a block:
    /// `try (var held = await(semaphore.hold())) { ... }`.
    ///
    /// Cancellation: as for [#acquire()].
    ///
    /// @return a coroutine of what returns the permit
    public Coroutine<Held> hold() {
        return Asyncio.async(permits::hold);
    }

    /// Returns a permit. Any task may, also one that has taken none.
    ///
    /// @throws IllegalArgumentException if no permit is taken
    public void release() {
        permits.release();
    }

    @Override
    public String toString() {
        return permits.describe("BoundedSemaphore");
    }
}
