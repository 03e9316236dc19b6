package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;

/// Mutual exclusion between tasks, over their awaits. Code between two awaits needs none.
///
/// First-in first-out: nobody overtakes a task that waits. Not reentrant, and without an owner: any
/// task may release.
///
/// Threads: loop-confined.
public final class Lock {
    private final WaitQueue line = new WaitQueue(WaitKind.LOCK, this);
    private boolean locked; // somebody holds the lock

    /// A lock that is free.
    public Lock() {}

    /// Whether the lock is held.
    ///
    /// @return true if it is; false also in the moment between a release and the next holder's turn
    public boolean isLocked() {
        return locked;
    }

    /// Takes the lock; does not suspend if it is free and nobody waits.
    ///
    /// Cancellation: ends the wait; the lock goes to the next in line.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(() -> {
            if (locked || !line.isEmpty()) {
                line.park(this::wakeIfFree);
            }
            locked = true;
            return true;
        });
    }

    /// Gives the lock up and wakes the first in line.
    ///
    /// @throws IllegalStateException if it is not held
    public void release() {
        if (!locked) {
            throw new IllegalStateException(
                    "Lock is not acquired.: " + this + " must be acquired before it is released");
        }
        locked = false;
        wakeIfFree();
    }

    private void wakeIfFree() {
        if (!locked && line.wokenCount() == 0) {
            line.wakeNext();
        }
    }

    @Override
    public String toString() {
        return "<Lock " + (locked ? "locked" : "unlocked") + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
