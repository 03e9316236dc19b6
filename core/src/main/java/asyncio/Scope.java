package asyncio;

import asyncio.fiber.Job;
import asyncio.loop.Check;
import asyncio.loop.Timer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A stretch of a task's code that can be cancelled as one: what [Timeout] and [CancelScope] share.
///
/// Threads: loop-confined. Entered once.
abstract sealed class Scope permits CancelScope, Timeout {
    /*
     * The one mechanism of cancellation
     *
     * A task has a chain of scopes, innermost first: those that it is inside of, then those that its task group is
     * inside of, in the task that runs the group, and so on to the root. Two kinds of request travel along it:
     *
     *   edge    Task.cancel(), a Timeout's deadline, a group that shuts down: delivered once, counted by the task
     *           (cancelling, uncancel). Each has an origin, the scope that it comes from; Task.cancel() comes from
     *           outside of them all. A shield between the origin and the code holds it back until the shield ends.
     *   level   CancelScope.cancel() or its deadline: every suspension inside raises, as often as it takes. Never
     *           counted. A shield in between hides it.
     *
     * Both interrupt a suspended task in the same way: what it waits for is cancelled. On the way out, a scope that was
     * cancelled swallows the CancelledError only if nobody else asked: no enclosing scope is cancelled, and the task
     * counts no more edge requests than when the scope was entered.
     */
    private final boolean relative;
    private long whenNanos; // before entry and relative: a delay; else a time of the loop. Long.MAX_VALUE: never
    private @Nullable Task<?> task; // whose code is inside; set on entry
    private @Nullable Scope parent; // the next one of the chain; set on entry
    private @Nullable Set<Task<?>> children; // of task groups that were entered directly inside; made when needed
    private int cancellingAtEntry; // edge requests that were there before
    private @Nullable Alarm alarm; // armed; null if there is no deadline
    private boolean left; // the code has ended

    Scope(boolean relative, long whenNanos) {
        this.relative = relative;
        this.whenNanos = whenNanos;
    }

    /// The deadline has passed while the code runs. Called by the loop; must not run user code.
    abstract void expired();

    /// The current task is about to be inside.
    void entering(Task<?> current) {}

    final @Nullable Scope parent() {
        return parent;
    }

    final @Nullable Task<?> task() {
        return task;
    }

    /// Whether the code is going on.
    final boolean isActive() {
        return task != null && !left;
    }

    /// Whether the code has ended.
    final boolean hasEnded() {
        return left;
    }

    /// Becomes the innermost scope of the current task.
    final Task<?> enter() {
        if (task != null) {
            throw new IllegalStateException(
                    kind() + " has already been entered: " + this + "; make a new one for each use");
        }
        Task<?> current = Current.task();
        if (current == null) {
            throw new IllegalStateException(kind() + " should be used inside a task: create one, or use run(...)");
        }
        entering(current);
        task = current;
        parent = current.scope;
        current.scope = this;
        cancellingAtEntry = current.cancelling();
        EventLoop loop = current.loop();
        arm(loop, relative ? Durations.deadline(loop.core.nanoTime(), whenNanos) : whenNanos);
        return current;
    }

    /// Stops to be the innermost scope of its task.
    final void leave(Task<?> owner) {
        disarm();
        left = true;
        owner.scope = parent;
    }

    /// Whether nobody but this scope asked for the cancellation that comes out of it: to be called
    /// after [#leave(Task)].
    final boolean isOnlyCause(Task<?> owner) {
        return isOnlyRequest(owner) && owner.scopeReason() == null;
    }

    /// Whether no edge request came since the scope was entered.
    final boolean isOnlyRequest(Task<?> owner) {
        return owner.cancelling() <= cancellingAtEntry;
    }

    /// Makes a task of a group that was entered directly inside this scope part of it.
    final void adopt(Task<?> child) {
        if (children == null) {
            children = new LinkedHashSet<>();
        }
        children.add(child);
    }

    final void release(Task<?> child) {
        if (children != null) {
            children.remove(child);
        }
    }

    final Set<Task<?>> children() {
        return children == null ? Set.of() : children;
    }

    // Deadlines

    /// Moves the deadline.
    ///
    /// @param when a time of [EventLoop#time()]; one that has passed interrupts the code at its
    ///     next suspension
    /// @throws IllegalStateException if the code has not begun, has ended, or was interrupted
    ///     already
    public final void reschedule(Duration when) {
        reschedule(Durations.nanos(when, "when"));
    }

    /// Gives the code so much time from now on, unless it was interrupted already: for what may go on as
    /// long as something happens.
    ///
    /// @param delay the time; nothing or less interrupts the code at its next suspension
    /// @return false if the code was interrupted already; then nothing has changed
    /// @throws IllegalStateException if the code has not begun, or has ended
    public final boolean extend(Duration delay) {
        long nanos = Durations.nanos(delay, "delay");
        Task<?> owner = task;
        if (owner != null && !left && isInterrupted()) {
            return false;
        }
        reschedule(owner == null ? nanos : Durations.deadline(owner.loop().core.nanoTime(), nanos));
        return true;
    }

    /// Removes the deadline.
    ///
    /// @throws IllegalStateException if the code has not begun, has ended, or was interrupted
    ///     already
    public final void unschedule() {
        reschedule(Long.MAX_VALUE);
    }

    private void reschedule(long newWhenNanos) {
        Task<?> owner = task;
        if (owner == null) {
            throw new IllegalStateException(kind() + " has not been entered: it can be moved inside its body only");
        }
        if (left || isInterrupted()) {
            throw new IllegalStateException(
                    "Cannot change state of " + stateWord() + " " + kind() + ": make a new one");
        }
        owner.loop().checkThread("reschedule");
        arm(owner.loop(), newWhenNanos);
    }

    private void arm(EventLoop loop, long deadlineNanos) {
        whenNanos = deadlineNanos;
        disarm();
        if (deadlineNanos != Long.MAX_VALUE) {
            alarm = new Alarm(this, loop);
            if (deadlineNanos <= loop.core.nanoTime()) {
                loop.core.enqueue(alarm); // at once: after what is ready already
            } else {
                loop.core.arm(alarm.timer, deadlineNanos);
            }
        }
    }

    private void disarm() {
        Alarm armed = alarm;
        if (armed != null) {
            alarm = null;
            armed.disarm();
        }
    }

    /// When the code is interrupted.
    ///
    /// @return a time of [EventLoop#time()], or empty if there is no deadline; before entry, of a
    ///     delay, empty
    public final Optional<Duration> when() {
        boolean unknown = whenNanos == Long.MAX_VALUE || relative && task == null;
        return unknown ? Optional.empty() : Optional.of(Duration.ofNanos(whenNanos));
    }

    /// The earliest deadline around a task's code, up to a shield; now, if a scope around it is
    /// cancelled.
    static Optional<Duration> currentDeadline(Task<?> task) {
        long earliestNanos = Long.MAX_VALUE;
        for (Scope around = task.scope; around != null; around = around.parent) {
            earliestNanos = Math.min(earliestNanos, around.whenNanos);
            if (around instanceof CancelScope scope && scope.isShielded()) {
                break;
            }
        }
        if (task.scopeReason() != null) {
            earliestNanos = Math.min(earliestNanos, task.loop().core.nanoTime());
        }
        return earliestNanos == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(earliestNanos));
    }

    /// Whether the code was told to end by this scope.
    abstract boolean isInterrupted();

    /// The class's name as messages have it.
    abstract String kind();

    abstract String stateWord();

    static IllegalStateException emitInside(Scope scope) {
        return new IllegalStateException(
                Check.AS105 + ": emit must not be called inside a scope of the generator's own: " + scope
                        + " would go on in its consumer's code; emit outside of it");
    }

    @Override
    public String toString() {
        return "<" + kind() + " " + stateWord()
                + when().map(when -> " when=" + when).orElse("") + ">";
    }

    /// A deadline in the loop's queues.
    private static final class Alarm extends Job {
        final Timer timer = new Timer(this);
        private final Scope scope;
        private final EventLoop loop;
        private boolean off;

        Alarm(Scope scope, EventLoop loop) {
            this.scope = scope;
            this.loop = loop;
        }

        void disarm() {
            off = true;
            loop.core.disarm(timer);
        }

        @Override
        protected boolean isBare() {
            return true;
        }

        @Override
        protected void run() {
            if (!off) {
                scope.alarm = null;
                scope.expired();
            }
        }
    }
}
