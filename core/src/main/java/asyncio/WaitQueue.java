package asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The line of tasks that wait for one thing, first-in first-out: what locks, queues and channels
/// are built on, and what yours can be built on.
///
/// A primitive keeps its own state and calls [#park(Runnable)] where a task must wait; whoever
/// changes the state calls [#wakeNext()] as often as there is something to have. A woken task
/// stays in the line until it runs, so that newcomers can see it and stay behind.
///
/// Threads: loop-confined; a line belongs to the loop of its first wait.
public final class WaitQueue {
    /*
     *   pending --wakeNext--> woken --its task runs--> gone
     *           --cancel----> gone
     *
     * Pending waiters are linked, oldest first. Of woken ones only the number is kept: they are futures in the ready
     * queue. Everything takes constant time, also a cancellation from the middle.
     *
     * A task may be cancelled after it was woken, in the same iteration. Then it got nothing, and what it was woken for
     * is still there: park() tells its caller, who wakes another one. No wake-up is lost.
     */
    private final WaitKind kind;
    private final Object subject;
    private @Nullable EventLoop loop; // of the first wait
    private @Nullable Waiter first; // of the pending ones
    private @Nullable Waiter last; // as above
    private int pendingCount; // linked from first to last
    private int wokenCount; // their tasks have not run yet
    private @Nullable Task<?> owner; // has what is waited for, alone

    /// A line of nobody.
    ///
    /// @param kind what kind of thing is waited for
    /// @param subject the thing itself; its `toString` is shown where a task says what it waits for
    public WaitQueue(WaitKind kind, Object subject) {
        this.kind = Objects.requireNonNull(kind, "kind must not be null");
        this.subject = Objects.requireNonNull(subject, "subject must not be null");
    }

    /// Waits in the current task until it is woken. Always suspends.
    ///
    /// Cancellation: the task leaves the line. If it had been woken already, `passOn` is called
    /// first, which should wake another one if what was waited for is still there.
    ///
    /// @param passOn called if the wait was in vain although the task was woken; must not throw
    /// @throws IllegalStateException outside a task, or if the line belongs to another loop
    public void park(Runnable passOn) {
        Waiter waiter = join(true);
        try {
            waiter.await();
        } catch (Throwable e) { // cancelled; or it could not suspend at all
            if (leave(waiter)) {
                passOn.run();
            }
            throw e;
        }
        wokenCount--;
    }

    /// Waits in the current task until it is woken, whatever is cancelled meanwhile: for what must
    /// be had again before a cancellation may go on, such as the lock of a condition.
    ///
    /// Cancellation: does not end the wait, nor cost the place in the line.
    ///
    /// @return the cancellation that arrived meanwhile, for the caller to throw; else null
    /// @throws IllegalStateException outside a task, or if the line belongs to another loop
    public @Nullable CancelledError parkThroughCancel() {
        Waiter waiter = join(false);
        try {
            waiter.await();
        } catch (CancelledError e) {
            wokenCount--;
            return e;
        } catch (Throwable e) { // it could not suspend; or the loop closes
            leave(waiter);
            throw e;
        }
        wokenCount--;
        return null;
    }

    private Waiter join(boolean cancellable) {
        EventLoop running = Task.required().loop();
        if (loop == null) {
            loop = running;
        } else if (loop != running) {
            throw new IllegalStateException(
                    subject + " is bound to a different event loop, " + loop.name() + ": make one for each loop");
        }
        Waiter waiter = new Waiter(running, this, cancellable);
        waiter.previous = last;
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
        pendingCount++;
        return waiter;
    }

    /// Takes a waiter that got nothing out of the line; true if it had been woken.
    private boolean leave(Waiter waiter) {
        switch (waiter.state()) {
            case FINISHED -> {
                wokenCount--;
                return true;
            }
            case PENDING -> unlink(waiter);
            default -> {} // unlinked when it was cancelled
        }
        return false;
    }

    private void unlink(Waiter waiter) {
        Waiter before = waiter.previous;
        Waiter after = waiter.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        waiter.previous = null;
        waiter.next = null;
        pendingCount--;
    }

    /// Wakes the task that has waited longest and was not woken yet.
    ///
    /// @return false if there is none
    public boolean wakeNext() {
        Waiter woken = first;
        if (woken == null) {
            return false;
        }
        unlink(woken);
        wokenCount++;
        woken.complete(Future.State.FINISHED, null);
        return true;
    }

    /// Wakes everybody who waits now, in order.
    public void wakeAll() {
        while (wakeNext()) {
            // the next one
        }
    }

    /// Whether nobody is in the line, neither waiting nor woken.
    ///
    /// @return true if so
    public boolean isEmpty() {
        return pendingCount + wokenCount == 0;
    }

    /// How many tasks are in the line.
    ///
    /// @return those that wait and those that were woken and have not run yet
    public int size() {
        return pendingCount + wokenCount;
    }

    /// How many tasks were woken and have not run yet: each of them is about to take something, so
    /// this is also how much is spoken for.
    ///
    /// @return the number
    public int wokenCount() {
        return wokenCount;
    }

    /// The task that alone has what this line is for.
    ///
    /// @return that task, as [#own()] was told; null if there is none
    public @Nullable Task<?> owner() {
        return owner;
    }

    /// Makes the current task the owner of what this line is for: who waits here waits for that
    /// task. For what one task has at a time, such as a lock.
    ///
    /// In debug mode, a cycle of tasks that wait for each other is noticed through it (AS109), and
    /// so is a task that ends as the owner (AS112).
    ///
    /// @throws IllegalStateException outside a task
    public void own() {
        Task<?> task = Task.required();
        owner = task;
        noteTaken(task);
    }

    /// Says that nobody owns what this line is for any more; wakes nobody. In debug mode it is
    /// reported if the current task is not the owner (AS112).
    public void disown() {
        Task<?> former = owner;
        owner = null;
        if (former != null) {
            Holdings holdings = former.loop().holdings;
            if (holdings != null) {
                holdings.disowned(former, Current.task(), subject);
            }
        }
    }

    /// Says that the current task has taken one of what this line is for and is to return it: a
    /// permit, a token. In debug mode a task that ends without doing so is reported (AS112).
    ///
    /// @throws IllegalStateException outside a task
    public void noteTaken() {
        noteTaken(Task.required());
    }

    void noteTaken(Task<?> task) {
        Holdings holdings = task.loop().holdings;
        if (holdings != null) {
            holdings.took(task, subject);
        }
    }

    /// Says that one of what this line is for was returned: by the current task if that had taken
    /// one, else by whoever, for a task that had.
    public void noteReturned() {
        EventLoop running = Current.loop();
        Holdings holdings = running == null ? null : running.holdings;
        if (holdings != null) {
            holdings.returned(Current.task(), subject);
        }
    }

    void noteReturned(Task<?> task) {
        Holdings holdings = task.loop().holdings;
        if (holdings != null) {
            holdings.returned(task, subject);
        }
    }

    @Override
    public String toString() {
        return "<WaitQueue for " + Names.describe(subject) + " waiting=" + pendingCount + " woken=" + wokenCount + ">";
    }

    /// One task in a line: what it is suspended on.
    static final class Waiter extends Future<@Nullable Void> {
        private final WaitQueue queue;
        private final boolean cancellable;

        @Nullable
        private Waiter previous;

        @Nullable
        private Waiter next;

        private Waiter(EventLoop loop, WaitQueue queue, boolean cancellable) {
            super(loop);
            this.queue = queue;
            this.cancellable = cancellable;
        }

        WaitQueue queue() {
            return queue;
        }

        Object subject() {
            return queue.subject;
        }

        boolean isCancellable() {
            return cancellable;
        }

        @Override
        boolean cancel(CancelReason reason) {
            if (!cancellable || isDone()) {
                return false; // the task keeps the request, and gets it when it is woken
            }
            queue.unlink(this);
            return super.cancel(reason);
        }

        @Override
        String describe() {
            return Names.describe(queue.subject);
        }

        @Override
        public WaitKind waitKind() {
            return queue.kind;
        }

        @Override
        public String toString() {
            return "<Future " + describe() + " " + stateWords() + ">";
        }
    }
}
