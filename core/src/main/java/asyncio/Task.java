package asyncio;

import asyncio.fiber.Fiber;
import asyncio.fiber.FiberExit;
import asyncio.fiber.PinnedException;
import asyncio.loop.Check;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A coroutine that runs concurrently with others on one loop, and the future of its result.
///
/// The loop keeps every task alive until it is done: none vanishes because nobody holds it.
///
/// Cancellation: [#cancel()] asks once; the task gets one [CancelledError] out of its current or
/// next suspension. It may clean up, with awaits, and rethrow; it is cancelled only if the error
/// leaves its body.
///
/// Threads: loop-confined; [#name()], [#stack()] and [#toString()] may be read on any thread.
///
/// @param <T> the result
public final class Task<T extends @Nullable Object> extends Future<T> {
    /*
     * Cancellation (CPython's algorithm, newest behaviour; rows TASK-2 to TASK-5)
     *
     *   cancel()     done: refused. Else the count goes up; if the task is suspended on a future that accepts a cancel,
     *                that is all: the future's end resumes the task. Otherwise `mustCancel` is set.
     *   suspending   with mustCancel set, the awaited future is cancelled as soon as the task has left its thread
     *   resuming     with mustCancel set, a CancelledError replaces whatever the task was about to get
     *   returning    with mustCancel set, the task ends cancelled
     *   uncancel()   count down; at 0 a mustCancel that was not delivered is taken back
     *
     * Inside of a cancelled CancelScope, whatever the task suspends on is cancelled, too, again and again: see Scope.
     */
    private static final AtomicLong COUNTER = new AtomicLong();

    private final TaskStep step;
    private final long number = COUNTER.incrementAndGet();
    private volatile @Nullable String name; // null: Task-N
    private @Nullable Coroutine<T> coroutine; // null once done
    private @Nullable Future<?> waitingFor; // suspended on it, or resumed by it but not yet running
    private int cancelRequests; // cancel() calls less uncancel() calls
    private boolean mustCancel; // a request that was not delivered yet
    private @Nullable CancelReason cancelReason; // of the request that set mustCancel
    private @Nullable Scope cancelOrigin; // of that request; null: from outside
    private @Nullable Object walkedBy; // the last cancel() that came along here, to notice a circle
    private boolean stranded; // the loop was closed while a blocking call was going on: others have ended this task
    private boolean suspendedBefore; // for AS305: the first step is over

    @Nullable
    Scope scope; // the innermost one that the code is inside of; at first that of its task group

    @Nullable
    Task<?> previous; // neighbours in the loop's TaskList

    @Nullable
    Task<?> next; // as above

    boolean unlinked; // no longer in the TaskList

    private Task(EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
        super(loop);
        this.coroutine = coroutine;
        scope = coroutine.scope;
        name = options.name();
        Context context = options.context();
        step = new TaskStep(loop, context != null ? context : Context.copyOfCurrent(), this);
    }

    /// Makes a task, as the loop does when it has no task factory.
    ///
    /// @param loop the loop
    /// @param coroutine what the task runs; taken even if this fails
    /// @param options name, context and start
    /// @param <T> the result
    /// @return the task, queued; or, if it starts eagerly, run up to its first suspension
    /// @throws IllegalStateException if the coroutine was used already, or the loop is closed
    public static <T extends @Nullable Object> Task<T> create(
            EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
        loop.checkThread("createTask");
        coroutine.use();
        loop.checkOpen();
        Task<T> task = new Task<>(loop, coroutine, options);
        loop.tasks.add(task);
        if (!Boolean.TRUE.equals(options.eagerStart()) || !task.startEagerly()) {
            loop.core.enqueue(task.step);
        }
        return task;
    }

    /// Runs the task inside its creator's step, up to its first suspension; false if that cannot be
    /// done here.
    private boolean startEagerly() {
        Fiber creator = Fiber.current();
        if (creator == null || creator.engine() != loop().core.engine()) {
            return false; // the loop does not run
        }
        try {
            creator.suspend(() -> {
                Fiber fiber = creator.engine().fresh(step);
                fiber.returnTo(creator);
                return fiber;
            });
            return true;
        } catch (PinnedException | VirtualMachineError e) {
            return false; // the creator cannot be set aside here: start in the next iteration
        }
    }

    /// The task that runs the calling code.
    ///
    /// @return the task
    /// @throws IllegalStateException if there is none
    static Task<?> required() {
        Task<?> task = Current.task();
        if (task == null) {
            throw noTask();
        }
        return task;
    }

    static IllegalStateException noTask() {
        if (Fiber.isCurrentAway()) {
            return new IllegalStateException("await inside blocking: leave the blocking body first; its thread is away"
                    + " from the loop, which other threads reach by callSoonThreadsafe(...) or"
                    + " runCoroutineThreadsafe(...)");
        }
        return new IllegalStateException(
                Current.step() != null
                        ? "await must be called in a task: this is a callback, which cannot suspend; create a task in it"
                        : "await must be called in a task: no event loop runs this thread; use run(...), or"
                                + " runCoroutineThreadsafe(...) to reach a loop of another thread");
    }

    /// Suspends the current task until a future is done; the caller reads the outcome from the
    /// future.
    static void suspendCurrentOn(Future<?> future) {
        Task<?> task = required();
        if (future.loop() != task.loop()) {
            throw new IllegalStateException(
                    Check.AS202 + ": " + task + " of loop " + task.loop().name() + " got " + future
                            + " attached to a different loop, " + future.loop().name()
                            + "; create it on the loop that awaits it, or use runCoroutineThreadsafe");
        }
        if (future == task) {
            throw new IllegalStateException("Task cannot await on itself: " + task);
        }
        if (task.loop().isDebug()) {
            AwaitCycle.check(task, future);
        }
        task.suspend(future);
        task.deliverCancel(future);
    }

    /// Gives the other tasks a turn.
    static void yieldTurn() {
        Task<?> task = required();
        task.suspend(null);
        task.deliverCancel(null);
    }

    private void suspend(@Nullable Future<?> future) {
        Fiber fiber = Objects.requireNonNull(Fiber.current(), "fiber");
        step.awaited = future;
        step.continueOn(fiber);
        suspendedBefore = true;
        fiber.suspend(step);
        waitingFor = null;
    }

    /// Takes the current task's thread off the loop, until [#comeBack(BlockingCall)]; meanwhile the
    /// task waits for the call.
    void depart(Fiber fiber, BlockingCall<?> call) {
        step.awaited = call;
        step.continueOn(fiber);
        suspendedBefore = true;
        try {
            fiber.depart(step, call);
        } catch (Throwable e) { // still on the loop
            waitingFor = null;
            throw e;
        }
    }

    /// Waits until the loop has resumed the current task after [#depart(Fiber, BlockingCall)].
    void comeBack(Fiber fiber, BlockingCall<?> call) {
        try {
            fiber.comeBack();
        } finally {
            stranded = fiber.isStranded();
            if (!stranded) {
                waitingFor = null;
            }
        }
        deliverCancel(call);
    }

    /// Called by the loop when this task has left its thread.
    void suspendedOn(Future<?> future) {
        waitingFor = future;
        future.whenDone(step);
        if (mustCancel) {
            if (future.cancel(Objects.requireNonNull(cancelReason))) {
                mustCancel = false;
            }
        } else {
            interruptByScope();
        }
    }

    /// Why every suspension raises: the reason of a cancelled scope around the code that no shield
    /// hides; null if there is none.
    @Nullable
    CancelReason scopeReason() {
        if (loop().cancelledScopes == 0) {
            return null;
        }
        for (Scope around = scope; around != null; around = around.parent()) {
            if (around instanceof CancelScope cancelScope) {
                CancelReason reason = cancelScope.cancelReason();
                if (reason != null) {
                    return reason;
                }
                if (cancelScope.isShielded()) {
                    return null;
                }
            }
        }
        return null;
    }

    /// Cancels what this task is suspended on, if a scope around it is cancelled.
    void interruptByScope() {
        Future<?> future = waitingFor;
        if (future != null) {
            CancelReason reason = scopeReason();
            if (reason != null) {
                future.cancel(reason);
            }
        }
    }

    private void deliverCancel(@Nullable Future<?> future) {
        if (!mustCancel) {
            CancelReason reason = future == null ? scopeReason() : null;
            if (reason != null) {
                throw new CancelledError(reason);
            }
            return;
        }
        if (future != null) {
            Throwable failure = future.retrieveFailure();
            if (isFatal(failure)) { // reaches the task as it is; the request stays (gh-108549)
                return;
            }
        }
        mustCancel = false;
        if (future == null || !future.isCancelled()) {
            throw new CancelledError(cancelReason);
        }
    }

    /// The body of the first step: runs the whole coroutine, however often it suspends.
    void runBody() {
        Coroutine<T> body = Objects.requireNonNull(coroutine);
        try {
            if (mustCancel) { // before the first step: the coroutine never runs
                mustCancel = false;
                end(State.CANCELLED, cancelReason);
                return;
            }
            T value = body.call();
            if (stranded) {
                return;
            }
            if (mustCancel) {
                mustCancel = false;
                end(State.CANCELLED, cancelReason);
            } else {
                end(State.FINISHED, value);
            }
        } catch (CancelledError e) {
            if (!stranded) {
                end(State.CANCELLED, e);
            }
        } catch (FiberExit e) { // the loop is closed
            if (!stranded) {
                end(State.CANCELLED, CancelReason.LOOP_CLOSED);
            }
        } catch (Throwable e) {
            if (stranded) {
                return;
            }
            leaveLoop();
            fail(e);
            if (isFatal(e)) {
                loop().core.abort(e);
            }
        }
    }

    private void end(State state, @Nullable Object outcome) {
        leaveLoop();
        complete(state, outcome);
    }

    private void leaveLoop() {
        coroutine = null;
        step.awaited = null;
        step.forgetFiber();
        loop().tasks.remove(this);
        Holdings holdings = loop().holdings;
        if (holdings != null) {
            holdings.ended(this);
        }
    }

    /// Whether a throwable leaves the loop at once, as KeyboardInterrupt and SystemExit do.
    static boolean isFatal(@Nullable Throwable e) {
        return e instanceof SystemExit || e instanceof KeyboardInterrupt;
    }

    /// Asks this task and, along the chain of tasks that await tasks, each of them; the last one's
    /// future is cancelled. A loop, not a recursion: chains may be long.
    @Override
    boolean cancel(CancelReason reason) {
        return cancel(reason, null);
    }

    /// As above, for a request that comes from a scope: the shields outside of it do not hold it
    /// back.
    ///
    /// @param origin the scope, which this task is inside of; null: the request comes from outside
    boolean cancel(CancelReason reason, @Nullable Scope origin) {
        if (isDone()) {
            return false;
        }
        Object walk = new Object();
        Task<?> asked = this;
        while (true) {
            CancelScope shield = asked.shieldInside(asked == this ? origin : null);
            if (shield != null) {
                shield.hold(reason, asked == this ? origin : null);
                return true;
            }
            asked.cancelRequests++;
            asked.walkedBy = walk;
            Future<?> future = asked.waitingFor;
            if (!(future instanceof Task<?> awaited) || awaited.isDone()) {
                if (future == null || !future.cancel(reason)) {
                    asked.cancelAtNextStep(reason, asked == this ? origin : null);
                }
                return true;
            }
            if (awaited.walkedBy == walk) { // tasks that await each other: nobody else would wake this one
                awaited.forget(asked.step);
                asked.waitingFor = null;
                asked.cancelAtNextStep(reason, asked == this ? origin : null);
                loop().core.enqueue(asked.step);
                return true;
            }
            asked = awaited;
        }
    }

    /// The innermost shield between the code and where a request comes from: one of this task's own
    /// scopes, inside of `origin`; null if there is none.
    private @Nullable CancelScope shieldInside(@Nullable Scope origin) {
        for (Scope own = scope; own != null && own != origin && own.task() == this; own = own.parent()) {
            if (own instanceof CancelScope cancelScope && cancelScope.isShielded()) {
                return cancelScope;
            }
        }
        return null;
    }

    private void cancelAtNextStep(CancelReason reason, @Nullable Scope origin) {
        mustCancel = true;
        cancelReason = reason;
        cancelOrigin = origin;
    }

    /// Hands a request that was not delivered yet to a shield, which keeps it back.
    void holdPending(CancelScope shield) {
        if (mustCancel && cancelRequests > 0) {
            mustCancel = false;
            cancelRequests--; // counted again when it is delivered
            shield.hold(Objects.requireNonNull(cancelReason), cancelOrigin);
        }
    }

    /// Puts a request back that was delivered, but not passed on: it arrives at the next suspension.
    void deliverAgain(CancelReason reason) {
        cancelAtNextStep(reason, null);
    }

    /// How many cancellations were asked for and not taken back.
    ///
    /// @return the number of [#cancel()] calls less that of [#uncancel()] calls
    public int cancelling() {
        return cancelRequests;
    }

    /// Takes one request for cancellation back; what was delivered stays delivered.
    ///
    /// For code that caught a [CancelledError] and goes on. At 0, a request that was not delivered
    /// yet is dropped.
    ///
    /// @return how many requests are left
    public int uncancel() {
        loop().checkThread("uncancel");
        if (cancelRequests > 0 && --cancelRequests == 0) {
            mustCancel = false;
        }
        return cancelRequests;
    }

    /// Not for tasks: the coroutine sets the result.
    ///
    /// @param value ignored
    /// @throws IllegalStateException always
    @Override
    public void setResult(T value) {
        throw new IllegalStateException("Task does not support setResult: its coroutine returns the result");
    }

    /// Not for tasks: the coroutine sets the exception.
    ///
    /// @param exception ignored
    /// @throws IllegalStateException always
    @Override
    public void setException(Throwable exception) {
        throw new IllegalStateException("Task does not support setException: its coroutine throws the exception");
    }

    TaskStep step() {
        return step;
    }

    /// The name.
    ///
    /// @return what was set, or `Task-N`
    public String name() {
        String given = name;
        return given != null ? given : "Task-" + number;
    }

    /// Renames the task.
    ///
    /// @param newName the name
    public void setName(String newName) {
        name = Objects.requireNonNull(newName, "name must not be null");
    }

    /// The coroutine that this task runs.
    ///
    /// @return the coroutine, or null once the task is done
    public @Nullable Coroutine<T> coroutine() {
        return coroutine;
    }

    /// The context that this task runs in.
    ///
    /// @return the context itself
    public Context context() {
        return step.context;
    }

    /// What this task is suspended on.
    ///
    /// @return the future, or null if the task is not suspended on one
    public @Nullable Future<?> waitingFor() {
        return waitingFor;
    }

    @Override
    Collection<? extends Future<?>> awaits() {
        Future<?> future = waitingFor;
        return future == null ? List.of() : List.of(future);
    }

    /// Whether this task has never suspended: its first step has not begun, or is going on.
    boolean isInFirstStep() {
        return !suspendedBefore;
    }

    /// The stack of a task: where it is suspended or running, or where it failed.
    ///
    /// The whole stack down to the coroutine's body, without the frames of this library. If the task
    /// waits for a generator, the generator's frames come first.
    ///
    /// @return frames, innermost first; empty if the task has not started, returned, or was
    ///     cancelled
    public List<StackTraceElement> stack() {
        if (state() == State.FAILED) {
            return List.of(AwaitTrace.userFrames(failure().exception.getStackTrace()));
        }
        Fiber running = loop().core.runningFiber(); // may be that of a generator, which the step does not know of yet
        Fiber fiber = running != null && running.owner() == step ? running : step.fiber();
        if (isDone() || fiber == null) {
            return List.of();
        }
        return AwaitTrace.userFramesOf(fiber);
    }

    /// Prints [#stack()].
    ///
    /// @param out where to
    public void printStack(PrintStream out) {
        out.println("Stack for " + this + " (innermost frame first):");
        stack().forEach(frame -> out.println("    at " + frame));
        if (state() == State.FAILED) {
            out.println(failure().exception);
        }
    }

    /// Unwinds a task that is still suspended while its loop closes.
    void endSuspended() {
        Fiber ended = null;
        Fiber fiber = step.fiber();
        while (fiber != null && fiber != ended && !isDone()) {
            fiber.end(); // a generator's fiber hands the end over to its consumer's, which may suspend in turn
            ended = fiber;
            fiber = step.fiber();
        }
        if (!isDone()) { // never started, or refuses to end
            end(State.CANCELLED, CancelReason.LOOP_CLOSED);
        }
    }

    @Override
    String describe() {
        return "task " + name();
    }

    @Override
    public WaitKind waitKind() {
        return WaitKind.TASK;
    }

    @Override
    public String toString() {
        Future<?> future = waitingFor;
        Coroutine<T> body = coroutine;
        return "<Task " + stateWords()
                + (cancelRequests > 0 && !isDone() ? " cancelling" : "")
                + " name=" + name()
                + (body == null ? "" : " coro=" + body)
                + (future == null ? "" : " wait_for=<" + future.describe() + ">") + ">";
    }
}
