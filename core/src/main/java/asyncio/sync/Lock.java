package asyncio.sync;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Held;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import org.jspecify.annotations.Nullable;

/// Mutual exclusion between tasks, over their awaits. Code between two awaits needs none.
///
/// ```java
/// try (var held = await(lock.hold())) {
///     // alone, over each await
/// }
/// ```
///
/// First-in first-out: nobody overtakes a task that waits. Not reentrant, and any task may release.
/// In debug mode the task that acquired the lock counts as its owner: a release by another one is
/// reported, and so is a task that ends with the lock (AS112); an acquire that could never end
/// throws a [asyncio.DeadlockException] (AS109).
///
/// Threads: loop-confined.
public final class Lock {
    private final WaitQueue line = new WaitQueue(WaitKind.LOCK, this); // its owner: who holds the lock

    /// A lock that is free.
    public Lock() {}

    /// Whether the lock is held.
    ///
    /// @return true if it is; false also in the moment between a release and the next holder's turn
    public boolean isLocked() {
        return line.owner() != null;
    }

    /// How many tasks wait for the lock.
    ///
    /// @return the number; it includes one that gets the lock in its next turn
    public int waitingCount() {
        return line.size();
    }

    /// Takes the lock; does not suspend if it is free and nobody waits.
    ///
    /// Cancellation: ends the wait; the lock goes to the next in line.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(() -> {
            take();
            return true;
        });
    }

    /// Takes the lock, to be released at the end of a block; otherwise as [#acquire()].
    ///
    /// Cancellation: as for [#acquire()].
    ///
    /// @return a coroutine of what releases the lock
    public Coroutine<Held> hold() {
        return Asyncio.async(() -> {
            take();
            return new Held(this, this::release);
        });
    }

    private void take() {
        if (mustWait()) {
            line.park(this::wakeIfFree);
        }
        line.own();
    }

    private boolean mustWait() {
        return isLocked() || !line.isEmpty();
    }

    /// Takes the lock in the current task, whatever is cancelled meanwhile.
    ///
    /// @return the latest cancellation that arrived meanwhile, to be thrown; else null
    @Nullable
    CancelledError takeThroughCancel() {
        CancelledError cancelled = mustWait() ? line.parkThroughCancel() : null;
        line.own();
        return cancelled;
    }

    /// Gives the lock up and wakes the first in line.
    ///
    /// @throws IllegalStateException if it is not held
    public void release() {
        if (!isLocked()) {
            throw new IllegalStateException(
                    "Lock is not acquired.: " + this + " must be acquired before it is released");
        }
        line.disown();
        wakeIfFree();
    }

    private void wakeIfFree() {
        if (!isLocked() && line.wokenCount() == 0) {
            line.wakeNext();
        }
    }

    @Override
    public String toString() {
        return "<Lock " + (isLocked() ? "locked" : "unlocked") + (line.isEmpty() ? "" : " waiters=" + line.size())
                + ">";
    }
}
