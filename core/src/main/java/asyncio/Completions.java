package asyncio;

import asyncio.loop.Timer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Hands futures out in the order in which they end (row W-4).
///
/// Threads: loop-confined.
///
/// @param <T> the futures' result
final class Completions<T extends @Nullable Object> implements Dependent {
    /*
     * A future that ends goes to the first task in line, or, if there is none, into `ended`: never are both filled.
     * A step is claimed before it waits, so that several tasks may share the steps, and given back if it is cancelled.
     * What was handed to a task that is cancelled before it runs goes to the next in line, or back to the head.
     * At the deadline the futures that are not done are let go of; a step that then finds nothing fails.
     */
    private final EventLoop loop;
    private final int count; // of the futures, once each
    private final Map<Future<T>, Arrival> pending = new LinkedHashMap<>(); // not ended, as far as it was noticed
    private final Deque<Future<T>> ended = new ArrayDeque<>();
    private final Deque<Waiter<T>> line = new ArrayDeque<>();
    private final Timer timer = new Timer(new BareJob(this::expire)); // armed while futures are pending
    private int unclaimed; // steps that nobody has taken
    private int missed; // how many were not done at the deadline
    private boolean expired;

    /// A task that waits for the next future.
    ///
    /// @param task the task
    /// @param handed gets the future; null if the deadline passed
    /// @param <T> the futures' result
    private record Waiter<T extends @Nullable Object>(Task<?> task, Future<@Nullable Future<T>> handed) {}

    Completions(EventLoop loop, Collection<Future<T>> futures, long timeoutNanos) {
        this.loop = loop;
        futures.forEach(future -> pending.put(future, new Arrival(future)));
        count = pending.size();
        unclaimed = count;
        pending.forEach(Future::whenDone);
        if (count > 0 && timeoutNanos != Long.MAX_VALUE) {
            loop.core.arm(timer, Durations.deadline(loop.core.nanoTime(), timeoutNanos));
        }
    }

    boolean hasUnclaimed() {
        return unclaimed > 0;
    }

    /// Takes one step, which the caller makes with [#take()].
    void claim() {
        loop.checkThread("asCompleted");
        if (unclaimed == 0) {
            throw new NoSuchElementException("all " + count + " futures were handed out: ask hasNext() first");
        }
        unclaimed--;
    }

    /// Makes a step that was claimed: waits for the next future, in the calling task.
    Future<T> take() {
        try {
            return takeNext();
        } catch (TimeoutException e) {
            throw e;
        } catch (Throwable e) { // cancelled; or it could not suspend at all
            unclaimed++;
            throw e;
        }
    }

    private Future<T> takeNext() {
        loop.checkThread("asCompleted");
        Task<?> task = Task.required();
        Future<T> first = ended.pollFirst();
        if (first == null && !expired) {
            first = takeInLine(new Waiter<>(task, loop.createFuture(WaitKind.GROUP, this)));
        }
        if (first == null) {
            throw new TimeoutException(
                    "deadline passed: asCompleted of " + count + " futures, of which " + missed + " were not done",
                    null);
        }
        return first;
    }

    private @Nullable Future<T> takeInLine(Waiter<T> waiter) {
        line.addLast(waiter);
        try {
            return waiter.handed.await();
        } catch (Throwable e) { // cancelled; or it could not suspend at all
            line.remove(waiter);
            Future<T> lost = waiter.handed.state() == Future.State.FINISHED ? waiter.handed.value() : null;
            if (lost != null) {
                handOut(lost, true);
            }
            throw e;
        }
    }

    private void handOut(Future<T> future, boolean again) {
        Waiter<T> waiter = line.pollFirst();
        while (waiter != null && waiter.handed.isDone()) { // cancelled, and has not run yet
            waiter = line.pollFirst();
        }
        if (waiter != null) {
            waiter.handed.complete(Future.State.FINISHED, future);
        } else if (again) {
            ended.addFirst(future);
        } else {
            ended.addLast(future);
        }
    }

    private void arrive(Future<T> future) {
        if (pending.remove(future) != null) {
            handOut(future, false);
            if (pending.isEmpty()) {
                loop.core.disarm(timer);
            }
        }
    }

    private void expire() {
        List.copyOf(pending.keySet()).stream().filter(Future::isDone).forEach(this::arrive); // in this very iteration
        pending.forEach(Future::forget);
        missed = pending.size();
        pending.clear();
        expired = true;
        for (Waiter<T> waiter : line) {
            if (!waiter.handed.isDone()) {
                waiter.handed.complete(Future.State.FINISHED, null);
            }
        }
        line.clear();
    }

    @Override
    public Collection<? extends Future<?>> members() {
        return pending.keySet();
    }

    @Override
    public String toString() {
        return "the next of " + count;
    }

    /// What each future makes ready when it ends.
    private final class Arrival extends Relay {
        private final Future<T> future;

        Arrival(Future<T> future) {
            this.future = future;
        }

        @Override
        Collection<? extends Future<?>> targets() {
            return line.stream().map(Waiter::task).toList();
        }

        @Override
        protected void run() {
            arrive(future);
        }
    }
}
