package asyncio;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
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
    private static final CancelReason LEFT = new CancelReason("another line was first", "a choice", null);

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

    /// Waits as [#park(Runnable)], with a request that whoever wakes this task sees in
    /// [#first()] and may fulfil.
    ///
    /// Cancellation: the task leaves the line. If it had been woken already, the request says
    /// whether that counts; if it does, this returns, and the cancellation is delivered at the
    /// task's next suspension.
    ///
    /// @param request what the task wants
    /// @throws IllegalStateException outside a task, or if the line belongs to another loop
    public void parkFor(Request request) {
        EventLoop running = Task.required().loop();
        bindTo(running);
        Waiter waiter = append(new Waiter(running, this, true, request, null));
        try {
            waiter.await();
        } catch (Throwable e) {
            settleCancelled(leave(waiter) ? waiter : null, e);
            return;
        }
        wokenCount--;
    }

    /// Waits in the current task, in several lines at once, until one of them wakes it. In the
    /// same moment it leaves all others, so that only one has woken it.
    ///
    /// Cancellation: as [#parkFor(Request)].
    ///
    /// @param lines the lines
    /// @param requests what the task wants of each, in the same order
    /// @return the index of the line that woke the task
    /// @throws IllegalStateException outside a task, or if a line belongs to another loop
    public static int parkInAny(List<WaitQueue> lines, List<? extends Request> requests) {
        EventLoop running = Task.required().loop();
        lines.forEach(line -> line.bindTo(running));
        Choice choice = new Choice(running, lines.size());
        for (int i = 0; i < choice.waiters.length; i++) {
            WaitQueue line = lines.get(i);
            choice.waiters[i] = line.append(new Waiter(running, line, true, requests.get(i), choice));
        }
        try {
            choice.await();
        } catch (Throwable e) {
            choice.leaveAll();
            Waiter woken = choice.woken;
            if (woken != null) {
                woken.queue.wokenCount--;
            }
            settleCancelled(woken, e);
            return choice.wokenIndex();
        }
        Objects.requireNonNull(choice.woken, "woken").queue.wokenCount--;
        return choice.wokenIndex();
    }

    /// Ends the wait of a task that got an error out of it: throws that error, unless what the task
    /// was woken for counts.
    private static void settleCancelled(@Nullable Waiter woken, Throwable error) {
        boolean counts = woken != null && woken.request != null && woken.request.cancelledAfterWakeUp();
        if (!counts || !(error instanceof CancelledError cancelled) || cancelled.reason() == null) {
            throw Sneaky.rethrow(error);
        }
        Task.required().deliverAgain(cancelled.reason());
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
        bindTo(running);
        return append(new Waiter(running, this, cancellable, null, null));
    }

    private void bindTo(EventLoop running) {
        if (loop == null) {
            loop = running;
        } else if (loop != running) {
            throw new IllegalStateException(
                    subject + " is bound to a different event loop, " + loop.name() + ": make one for each loop");
        }
    }

    private Waiter append(Waiter waiter) {
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
    /// @throws IllegalStateException on a thread that is not the loop's (AS201), if there is one
    public boolean wakeNext() {
        Waiter woken = first;
        if (woken == null) {
            return false;
        }
        wake(woken);
        return true;
    }

    private void wake(Waiter waiter) {
        waiter.loop().checkThread("wakeNext");
        unlink(waiter);
        wokenCount++;
        waiter.complete(Future.State.FINISHED, null);
        if (waiter.choice != null) {
            waiter.choice.wokenBy(waiter);
        }
    }

    /// Wakes everybody who waits now, in order.
    public void wakeAll() {
        while (wakeNext()) {
            // the next one
        }
    }

    /// Wakes those who wait now with a request of some kind, in order.
    ///
    /// @param which whom to wake
    public void wakeAll(Predicate<? super Request> which) {
        Waiter waiter = first;
        while (waiter != null) {
            Waiter after = waiter.next;
            if (waiter.request != null && which.test(waiter.request)) {
                wake(waiter);
            }
            waiter = after;
        }
    }

    /// The request of the task that [#wakeNext()] would wake.
    ///
    /// @return the request; null if nobody waits, or without one
    public @Nullable Request first() {
        return first == null ? null : first.request;
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

    /// What a task in a line wants, for whoever wakes it.
    ///
    /// Threads: loop-confined.
    public interface Request {
        /// Called if the task was cancelled in the moment between its wake-up and its turn. A
        /// request that was fulfilled is either undone here, or it counts. Must not throw.
        ///
        /// @return true if it counts: the wait ends as if there were no cancellation, which is
        ///     delivered at the task's next suspension
        boolean cancelledAfterWakeUp();
    }

    /// One task in several lines: what it is suspended on.
    static final class Choice extends Future<@Nullable Void> {
        private final @Nullable Waiter[] waiters; // one in each line, in order
        private @Nullable Waiter woken;

        private Choice(EventLoop loop, int count) {
            super(loop);
            waiters = new Waiter[count];
        }

        private void wokenBy(Waiter waiter) {
            woken = waiter;
            leaveAll();
            complete(State.FINISHED, null);
        }

        private void leaveAll() {
            for (Waiter waiter : waiters) {
                if (waiter != null && waiter.state() == State.PENDING) {
                    waiter.cancel(LEFT);
                }
            }
        }

        private int wokenIndex() {
            int index = 0;
            while (waiters[index] != woken) {
                index++;
            }
            return index;
        }

        @Override
        boolean cancel(CancelReason reason) {
            if (isDone()) {
                return false;
            }
            leaveAll();
            return super.cancel(reason);
        }

        @Override
        String describe() {
            return "the first of " + waiters.length;
        }

        @Override
        public WaitKind waitKind() {
            return WaitKind.GROUP;
        }

        @Override
        public String toString() {
            return "<Future " + describe() + " " + stateWords() + ">";
        }
    }

    /// One task in a line: what it is suspended on.
    static final class Waiter extends Future<@Nullable Void> {
        private final WaitQueue queue;
        private final boolean cancellable;
        private final @Nullable Request request;
        private final @Nullable Choice choice; // of which this is a part; null: the task waits in this line only

        @Nullable
        private Waiter previous;

        @Nullable
        private Waiter next;

        private Waiter(
                EventLoop loop,
                WaitQueue queue,
                boolean cancellable,
                @Nullable Request request,
                @Nullable Choice choice) {
            super(loop);
            this.queue = queue;
            this.cancellable = cancellable;
            this.request = request;
            this.choice = choice;
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
