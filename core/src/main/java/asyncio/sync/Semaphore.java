package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;

/// A number of permits. First-in first-out: a released permit goes to who has waited longest.
///
/// Threads: loop-confined.
public final class Semaphore {
    private final WaitQueue line = new WaitQueue(WaitKind.SEMAPHORE, this); // the woken ones have a permit each
    private int permits; // not taken; as many as there are woken tasks are spoken for

    /// A semaphore.
    ///
    /// @param permits how many permits there are, zero or more
    /// @throws IllegalArgumentException if that is negative
    public Semaphore(int permits) {
        if (permits < 0) {
            throw new IllegalArgumentException("permits must be zero or more: got " + permits);
        }
        this.permits = permits;
    }

    /// Whether an acquire would wait.
    ///
    /// @return true if no permit is free, or somebody waits
    public boolean isLocked() {
        return permits == 0 || !line.isEmpty();
    }

    /// Takes a permit; does not suspend if one is free and nobody waits.
    ///
    /// Cancellation: ends the wait; a permit that had been given goes to the next in line.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(() -> {
            if (isLocked()) {
                line.park(this::grant);
                permits--;
                grant(); // to who came while this task was on its way
            } else {
                permits--;
            }
            return true;
        });
    }

    /// Returns a permit.
    public void release() {
        permits++;
        grant();
    }

    /// Gives free permits to those who have waited longest.
    private void grant() {
        while (permits > line.wokenCount() && line.wakeNext()) {
            // the next one
        }
    }

    @Override
    public String toString() {
        return "<Semaphore " + (isLocked() ? "locked" : "unlocked, value:" + permits)
                + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
