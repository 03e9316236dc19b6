package asyncio.sync;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Held;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Waiting for something to become true that a lock guards.
///
/// ```java
/// try (var held = await(condition.hold())) {
///     await(condition.awaitUntil(() -> !items.isEmpty()));
///     take(items);
/// }
/// ```
///
/// A waiting task does not hold the lock; before the wait ends it holds it again, however it ends.
/// Several conditions may share one lock. A task may be woken although nothing became true: wait
/// with [#awaitUntil(BooleanSupplier)], or in a loop.
///
/// Threads: loop-confined.
public final class Condition {
    /*
     * A wait is two lines one after the other: that of the condition, which a cancellation ends, and that of the lock,
     * which nothing ends. A cancellation that comes during the second is kept and thrown once the lock is held.
     *
     * A signal is for one task. If that task was woken and its wait fails all the same, the signal goes to the next in
     * line; a task that was cancelled before it was woken had no signal, and passes none on.
     */
    private final Lock lock;
    private final WaitQueue line = new WaitQueue(WaitKind.CONDITION, this);

    /// A condition with a lock of its own.
    public Condition() {
        this(new Lock());
    }

    /// A condition.
    ///
    /// @param lock what guards it; may be that of other conditions, too
    public Condition(Lock lock) {
        this.lock = Objects.requireNonNull(lock, "lock must not be null: Condition() makes one");
    }

    /// The lock of this condition.
    ///
    /// @return what was given, or its own
    public Lock lock() {
        return lock;
    }

    /// Whether the lock is held.
    ///
    /// @return true if it is
    public boolean isLocked() {
        return lock.isLocked();
    }

    /// How many tasks wait for a signal.
    ///
    /// @return the number; it includes those that go on in their next turn, but not those that were
    ///     woken and wait for the lock
    public int waitingCount() {
        return line.size();
    }

    /// Takes the lock.
    ///
    /// Cancellation: as for [Lock#acquire()].
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return lock.acquire();
    }

    /// Takes the lock, to be released at the end of a block.
    ///
    /// Cancellation: as for [Lock#acquire()].
    ///
    /// @return a coroutine of what releases the lock
    public Coroutine<Held> hold() {
        return lock.hold();
    }

    /// Gives the lock up.
    ///
    /// @throws IllegalStateException if it is not held
    public void release() {
        lock.release();
    }

    /// Releases the lock, waits for a signal, and takes the lock again. Always suspends.
    ///
    /// Cancellation: ends the wait for the signal, not that for the lock: the lock is held again
    /// when the latest [CancelledError] comes out. A signal that was for this task goes to the next
    /// one.
    ///
    /// @return a coroutine of true; it throws `IllegalStateException` if the lock is not held
    public Coroutine<Boolean> awaitSignal() {
        return Asyncio.async(() -> {
            ensureLocked("wait");
            park();
            return true;
        });
    }

    /// Waits until something is true, looking at once and after each signal.
    ///
    /// Cancellation: as for [#awaitSignal()].
    ///
    /// @param predicate what is to be true; called with the lock held
    /// @return a coroutine of true; it throws `IllegalStateException` if it has to wait and the
    ///     lock is not held, and whatever the predicate throws
    public Coroutine<Boolean> awaitUntil(BooleanSupplier predicate) {
        Objects.requireNonNull(predicate, "predicate must not be null");
        return Asyncio.async(() -> {
            boolean isTrue = predicate.getAsBoolean();
            while (!isTrue) {
                ensureLocked("wait");
                park();
                isTrue = askAgain(predicate);
            }
            return true;
        });
    }

    /// Asks after a signal, which is not lost if there is no answer.
    private boolean askAgain(BooleanSupplier predicate) {
        try {
            return predicate.getAsBoolean();
        } catch (Throwable e) {
            line.wakeNext();
            throw e;
        }
    }

    private void park() {
        lock.release();
        try {
            line.park(line::wakeNext);
        } catch (Throwable e) {
            CancelledError latest = retake(e);
            if (latest != null) {
                throw latest;
            }
            throw e;
        }
        CancelledError cancelled = lock.takeThroughCancel();
        if (cancelled != null) {
            line.wakeNext();
            throw cancelled;
        }
    }

    /// Takes the lock again after the wait has failed.
    private @Nullable CancelledError retake(Throwable failure) {
        try {
            return lock.takeThroughCancel();
        } catch (Throwable e) { // the loop closes, or nothing can suspend here
            e.addSuppressed(failure);
            throw e;
        }
    }

    /// Wakes the task that has waited longest, if any.
    ///
    /// @throws IllegalStateException if the lock is not held
    public void signal() {
        signal(1);
    }

    /// Wakes those who have waited longest.
    ///
    /// @param count how many at most, zero or more
    /// @throws IllegalStateException if the lock is not held
    /// @throws IllegalArgumentException if the count is negative
    public void signal(int count) {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "count must be zero or more: got " + count + "; signalAll() wakes everybody");
        }
        ensureLocked("notify");
        for (int woken = 0; woken < count && line.wakeNext(); woken++) {
            // the next one
        }
    }

    /// Wakes everybody who waits.
    ///
    /// @throws IllegalStateException if the lock is not held
    public void signalAll() {
        ensureLocked("notify");
        line.wakeAll();
    }

    private void ensureLocked(String operation) {
        if (!lock.isLocked()) {
            throw new IllegalStateException("cannot " + operation + " on un-acquired lock: " + this
                    + "; acquire it before, as in try (var held = await(condition.hold()))");
        }
    }

    @Override
    public String toString() {
        return "<Condition " + (lock.isLocked() ? "locked" : "unlocked")
                + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
