package asyncio;

import asyncio.fiber.Fiber;
import asyncio.fiber.FiberExit;
import asyncio.fiber.PinnedException;
import asyncio.loop.Check;
import java.io.PrintStream;
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
    private @Nullable Object walkedBy; // the last cancel() that came along here, to notice a circle
    private boolean suspendedBefore; // for AS305: the first step is over

    @Nullable
    Task<?> previous; // neighbours in the loop's TaskList

    @Nullable
    Task<?> next; // as above

    boolean unlinked; // no longer in the TaskList

    private Task(EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
        super(loop);
        this.coroutine = coroutine;
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

    /// Called by the loop when this task has left its thread.
    void suspendedOn(Future<?> future) {
        waitingFor = future;
        future.whenDone(step);
        if (mustCancel && future.cancel(Objects.requireNonNull(cancelReason))) {
            mustCancel = false;
        }
    }

    private void deliverCancel(@Nullable Future<?> future) {
        if (!mustCancel) {
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
            if (mustCancel) {
                mustCancel = false;
                end(State.CANCELLED, cancelReason);
            } else {
                end(State.FINISHED, value);
            }
        } catch (CancelledError e) {
            end(State.CANCELLED, e);
        } catch (FiberExit e) { // the loop is closed
            end(State.CANCELLED, new CancelReason("the event loop was closed", "the event loop", null));
        } catch (Throwable e) {
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
        if (isDone()) {
            return false;
        }
        Object walk = new Object();
        Task<?> asked = this;
        while (true) {
            asked.cancelRequests++;
            asked.walkedBy = walk;
            Future<?> future = asked.waitingFor;
            if (!(future instanceof Task<?> awaited) || awaited.isDone()) {
                if (future == null || !future.cancel(reason)) {
                    asked.cancelAtNextStep(reason);
                }
                return true;
            }
            if (awaited.walkedBy == walk) { // tasks that await each other: nobody else would wake this one
                awaited.forget(asked.step);
                asked.waitingFor = null;
                asked.cancelAtNextStep(reason);
                loop().core.enqueue(asked.step);
                return true;
            }
            asked = awaited;
        }
    }

    private void cancelAtNextStep(CancelReason reason) {
        mustCancel = true;
        cancelReason = reason;
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

    /// Whether this task has never suspended: its first step has not begun, or is going on.
    boolean isInFirstStep() {
        return !suspendedBefore;
    }

    /// The stack of a task: where it is suspended or running, or where it failed.
    ///
    /// The whole stack down to the coroutine's body, without the frames of this library.
    ///
    /// @return frames, innermost first; empty if the task has not started, returned, or was
    ///     cancelled
    public List<StackTraceElement> stack() {
        if (state() == State.FAILED) {
            return List.of(AwaitTrace.userFrames(failure().exception.getStackTrace()));
        }
        Fiber fiber = step.fiber();
        if (isDone() || fiber == null) {
            Fiber running = loop().core.runningFiber();
            if (isDone() || running == null || running.owner() != step) {
                return List.of();
            }
            fiber = running;
        }
        return List.of(AwaitTrace.userFrames(fiber.thread().getStackTrace()));
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
            end(State.CANCELLED, new CancelReason("the event loop was closed", "the event loop", null));
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
