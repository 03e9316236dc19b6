package asyncio;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;

/// A number of tokens, each held by a borrower who is known: bounds how much goes on at once.
///
/// First-in first-out: nobody overtakes a task that waits. The total may be changed at any time.
/// Unlike a semaphore, it knows who holds a token: nobody can take two, or return what it does not
/// hold.
///
/// Threads: loop-confined.
public final class CapacityLimiter {
    private final WaitQueue line = new WaitQueue(WaitKind.SEMAPHORE, this);
    private final Set<Object> borrowers = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
    private int total; // tokens; fewer than are borrowed while a decrease takes effect

    /// A limiter.
    ///
    /// @param total how many tokens there are; `Integer.MAX_VALUE`: no limit
    /// @throws IllegalArgumentException if that is negative
    public CapacityLimiter(int total) {
        setTotal(total);
    }

    /// How many tokens there are.
    ///
    /// @return the number
    public int total() {
        return total;
    }

    /// Changes how many tokens there are. More let waiting tasks go on at once; fewer take effect
    /// as tokens are returned.
    ///
    /// @param newTotal zero or more
    /// @throws IllegalArgumentException if that is negative
    public void setTotal(int newTotal) {
        if (newTotal < 0) {
            throw new IllegalArgumentException(
                    "total must be zero or more: got " + newTotal + "; Integer.MAX_VALUE means no limit");
        }
        total = newTotal;
        grant();
    }

    /// How many tokens are free, and not spoken for.
    ///
    /// @return the number, zero if more are borrowed than there are
    public int available() {
        return Math.max(0, total - borrowers.size() - line.wokenCount());
    }

    /// Who holds a token.
    ///
    /// @return a copy, which tells borrowers apart by identity
    public Set<Object> borrowers() {
        Set<Object> copy = Collections.newSetFromMap(new IdentityHashMap<>());
        copy.addAll(borrowers);
        return copy;
    }

    /// How many tasks wait for a token.
    ///
    /// @return the number
    public int waitingCount() {
        return line.size();
    }

    /// Takes a token for the current task; suspends only if none is free.
    ///
    /// Cancellation: ends the wait; a token that had been given goes to the next in line.
    ///
    /// @return a coroutine of true; it throws `IllegalStateException` if the task holds a token of
    ///     this limiter already
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(() -> borrow(Task.required()));
    }

    /// Takes a token for somebody; suspends only if none is free.
    ///
    /// Cancellation: as [#acquire()].
    ///
    /// @param borrower who holds it, by identity
    /// @return a coroutine of true; it throws `IllegalStateException` if the borrower holds a token
    ///     of this limiter, or waits for one
    public Coroutine<Boolean> acquireFor(Object borrower) {
        Objects.requireNonNull(borrower, "borrower must not be null");
        return Asyncio.async(() -> borrow(borrower));
    }

    /// Takes a token for the current task, to be returned at the end of a block:
    /// `try (var held = await(limiter.hold())) { ... }`.
    ///
    /// Cancellation: as [#acquire()].
    ///
    /// @return a coroutine of what returns the token; it throws `IllegalStateException` if the task
    ///     holds a token of this limiter already
    public Coroutine<Held> hold() {
        return Asyncio.async(() -> {
            Task<?> borrower = Task.required();
            borrow(borrower);
            return new Held(this, () -> releaseFor(borrower));
        });
    }

    private boolean borrow(Object borrower) {
        ensureNoBorrower(borrower);
        if (available() == 0 || !line.isEmpty()) {
            waiting.add(borrower);
            try {
                line.park(this::grant);
            } finally {
                waiting.remove(borrower);
            }
        }
        lend(borrower);
        grant(); // to who came while this task was on its way
        return true;
    }

    /// Takes a token for the current task if one is free.
    ///
    /// @return false if none is, or others wait
    /// @throws IllegalStateException outside a task, or if the task holds a token already
    public boolean tryAcquire() {
        return tryAcquireFor(Task.required());
    }

    /// Takes a token for somebody if one is free.
    ///
    /// @param borrower who holds it, by identity
    /// @return false if none is, or others wait
    /// @throws IllegalStateException if the borrower holds a token already, or waits for one
    public boolean tryAcquireFor(Object borrower) {
        ensureNoBorrower(Objects.requireNonNull(borrower, "borrower must not be null"));
        if (available() == 0 || !line.isEmpty()) {
            return false;
        }
        lend(borrower);
        return true;
    }

    private void lend(Object borrower) {
        borrowers.add(borrower);
        if (borrower instanceof Task<?> task) {
            line.noteTaken(task);
        }
    }

    private void ensureNoBorrower(Object borrower) {
        if (borrowers.contains(borrower) || waiting.contains(borrower)) {
            throw new IllegalStateException(borrower + " is already holding one of this limiter's tokens, or waits for"
                    + " one: " + this + "; release it first, or borrow for another object");
        }
    }

    /// Returns the current task's token.
    ///
    /// @throws IllegalStateException outside a task, or if the task holds none
    public void release() {
        releaseFor(Task.required());
    }

    /// Returns a token.
    ///
    /// @param borrower who held it
    /// @throws IllegalStateException if that object holds none
    public void releaseFor(Object borrower) {
        Objects.requireNonNull(borrower, "borrower must not be null");
        if (!borrowers.remove(borrower)) {
            throw new IllegalStateException(borrower + " isn't holding any of this limiter's tokens: " + this
                    + "; only who has acquired one can release it");
        }
        if (borrower instanceof Task<?> task) {
            line.noteReturned(task);
        }
        grant();
    }

    private void grant() {
        while (available() > 0 && line.wakeNext()) {
            // the next one
        }
    }

    @Override
    public String toString() {
        return "<CapacityLimiter borrowed=" + borrowers.size() + " total=" + total
                + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
