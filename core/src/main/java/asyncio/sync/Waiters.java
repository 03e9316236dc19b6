package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.WaitKind;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The line of tasks that wait for one thing, first-in first-out.
///
/// Threads: loop-confined.
final class Waiters {
    /*
     * A waiter is a future in a deque. Waking one completes its future and leaves it in line until its task runs, so
     * that nobody overtakes it; a waiter that is cancelled after it was woken passes the wake-up on.
     */
    private final WaitKind kind;
    private final Object subject;
    private final Deque<Future<@Nullable Void>> line = new ArrayDeque<>();
    private @Nullable EventLoop loop; // of the first wait: waiters of two loops cannot be mixed

    Waiters(WaitKind kind, Object subject) {
        this.kind = kind;
        this.subject = subject;
    }

    boolean isEmpty() {
        return line.isEmpty();
    }

    /// Whether somebody waits who was not cancelled.
    boolean hasLive() {
        return line.stream().anyMatch(waiter -> !waiter.isCancelled());
    }

    int size() {
        return line.size();
    }

    /// Waits until woken.
    ///
    /// @param passOn called if the wait is cancelled: wakes another one if what was waited for is
    ///     there
    void await(Runnable passOn) {
        Future<@Nullable Void> waiter = join();
        try {
            Asyncio.await(waiter);
            line.remove(waiter);
        } catch (Throwable e) { // cancelled; or it could not suspend at all
            line.remove(waiter);
            passOn.run();
            throw e;
        }
    }

    /// Appends a waiter, of the loop that the line belongs to.
    private Future<@Nullable Void> join() {
        EventLoop running = Asyncio.getRunningLoop();
        if (loop == null) {
            loop = running;
        } else if (loop != running) {
            throw new IllegalStateException(
                    subject + " is bound to a different event loop, " + loop.name() + ": make one for each loop");
        }
        Future<@Nullable Void> waiter = running.createFuture(kind, subject);
        line.addLast(waiter);
        return waiter;
    }

    /// Wakes the head of the line, if it was not woken yet.
    void wakeFirst() {
        Future<@Nullable Void> first = line.peekFirst();
        if (first != null && !first.isDone()) {
            first.setResult(null);
        }
    }

    /// Wakes the first who was not woken yet.
    void wakeNext() {
        for (Future<@Nullable Void> waiter : line) {
            if (!waiter.isDone()) {
                waiter.setResult(null);
                return;
            }
        }
    }

    void wakeAll() {
        for (Future<@Nullable Void> waiter : line) {
            if (!waiter.isDone()) {
                waiter.setResult(null);
            }
        }
    }
}
