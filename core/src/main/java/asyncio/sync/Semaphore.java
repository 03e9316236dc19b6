package asyncio.sync;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.WaitKind;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// A number of permits. First-in first-out: a released permit goes to who has waited longest.
///
/// Threads: loop-confined.
public final class Semaphore {
    private final Deque<Future<@Nullable Void>> line = new ArrayDeque<>(); // a done one has been given a permit
    private @Nullable EventLoop loop; // of the first wait: waiters of two loops cannot be mixed
    private int permits; // free, and given to nobody in line

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
        return permits == 0 || line.stream().anyMatch(waiter -> !waiter.isCancelled());
    }

    /// Takes a permit; does not suspend if one is free and nobody waits.
    ///
    /// Cancellation: ends the wait; a permit that had been given goes to the next in line.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> acquire() {
        return Asyncio.async(() -> {
            if (!isLocked()) {
                permits--;
                return true;
            }
            EventLoop running = Asyncio.getRunningLoop();
            if (loop == null) {
                loop = running;
            } else if (loop != running) {
                throw new IllegalStateException(
                        this + " is bound to a different event loop, " + loop.name() + ": make one for each loop");
            }
            Future<@Nullable Void> waiter = running.createFuture(WaitKind.SEMAPHORE, this);
            line.addLast(waiter);
            try {
                Asyncio.await(waiter);
            } catch (CancelledError e) {
                if (waiter.isDone() && !waiter.isCancelled()) {
                    permits++; // it was given before the cancellation came
                }
                throw e;
            } finally {
                line.remove(waiter);
                grant();
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
        for (Future<@Nullable Void> waiter : line) {
            if (permits == 0) {
                return;
            }
            if (!waiter.isDone()) {
                permits--;
                waiter.setResult(null);
            }
        }
    }

    @Override
    public String toString() {
        return "<Semaphore " + (isLocked() ? "locked" : "unlocked, value:" + permits)
                + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
