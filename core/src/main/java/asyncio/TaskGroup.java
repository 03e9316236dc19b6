package asyncio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Owns tasks: none outlives it, and the failure of one cancels the others.
///
/// Made and entered by [Asyncio#taskGroup(GroupBody)]; its body, and every child, may add children.
/// The group ends when the body and all children have ended. It then returns the body's result, or
/// throws an [ExceptionGroup] of whatever failed. A child that ends cancelled is no failure.
///
/// Cancellation: cancelling the task that is inside the group cancels the children; the group waits
/// for them, and throws the [CancelledError] on, unless something failed: then the group of
/// failures comes out, and the cancellation arrives at the next await.
///
/// Threads: loop-confined.
public final class TaskGroup {
    /*
     * CPython's asyncio.TaskGroup, newest behaviour (rows TG-1 to TG-7).
     *
     *   new --run--> entered --body ends--> exiting --children ended--> finished
     *
     * `aborting` is set once, by the first failure, cancellation or cancel(): the children that are not done are
     * cancelled, and create is refused. If a child caused it, the parent task is cancelled too, to get the body out of
     * its await, and that request is taken back at the end.
     *
     * Beyond asyncio: a join policy may set `aborting` when enough children have ended, once the body has; daemons are
     * cancelled when nobody else is left; a limit makes children wait for a token before their code begins; a child
     * that start() waits for answers to start(), not to the group, until it says that it has started.
     */
    private @Nullable Child oldest; // the children that have not ended, linked in the order of creation
    private @Nullable Child newest; // as above
    private int childCount; // linked from oldest to newest
    private int daemonCount; // of these, daemons
    private final List<Throwable> errors = new ArrayList<>();
    private @Nullable Throwable fatal; // first SystemExit or KeyboardInterrupt
    private final JoinPolicy joinPolicy;
    private final @Nullable CapacityLimiter limiter; // null: no limit
    private @Nullable Task<?> parent; // set on entry
    private @Nullable Scope scope; // what the group is inside of, and the children with it; set on entry
    private @Nullable Task<?> decider; // the child by which the join policy was met
    private @Nullable Future<@Nullable Void> childless; // awaited while exiting
    private @Nullable CancelledError propagating; // what comes out if nothing failed
    private boolean exiting; // the body has ended
    private boolean aborting; // set once, see above
    private boolean parentCancelRequested; // taken back on exit
    private boolean cancelled; // cancel() was called

    private boolean daemonsCancelled; // nobody else was left

    private TaskGroup(GroupOptions options) {
        joinPolicy = options.joinPolicy();
        limiter = options.limit() == GroupOptions.NO_LIMIT ? null : new CapacityLimiter(options.limit());
    }

    /// A group that is entered later, with [#run(GroupBody)].
    ///
    /// @return a new group
    public static TaskGroup create() {
        return create(GroupOptions.DEFAULT);
    }

    /// A group with a limit or a join policy, that is entered later.
    ///
    /// @param options limit and join policy
    /// @return a new group
    public static TaskGroup create(GroupOptions options) {
        return new TaskGroup(options);
    }

    /// Runs a body inside this group; once.
    ///
    /// Cancellation: see the class.
    ///
    /// @param body gets this group
    /// @param <T> its result
    /// @return a coroutine of the body's result, when all children have ended; it throws
    ///     [ExceptionGroup] if the body or children failed, and `IllegalStateException` if the
    ///     group was entered before
    public <T extends @Nullable Object> Coroutine<T> run(GroupBody<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> runInside(body));
    }

    @SuppressWarnings("NullAway") // null where cancel() ended the group, as it says
    <T extends @Nullable Object> T runInside(GroupBody<T> body) {
        enter();
        T result;
        try {
            result = body.run(this);
        } catch (Throwable e) {
            exit(e);
            return null; // cancel() ended the group: that is no failure
        }
        exit(null);
        return result;
    }

    /// Runs a body without a result inside this group; once.
    ///
    /// Cancellation: see the class.
    ///
    /// @param body gets this group
    /// @return a coroutine, as that of [#run(GroupBody)]
    @SuppressWarnings("overloads") // a block lambda is told apart by whether it returns a value
    public Coroutine<@Nullable Void> run(VoidGroupBody body) {
        Objects.requireNonNull(body, "body must not be null");
        return this.<@Nullable Void>run((GroupBody<@Nullable Void>) group -> {
            body.run(group);
            return null;
        });
    }

    private void enter() {
        if (parent != null) {
            throw new IllegalStateException(this + " has already been entered: make a new group for each use");
        }
        Task<?> task = Current.task();
        if (task == null) {
            throw new IllegalStateException(this + " cannot determine the parent task: enter it inside a task");
        }
        parent = task;
        scope = task.scope;
        if (cancelled) {
            requestParentCancel();
        }
    }

    /// Adds a child.
    ///
    /// @param coroutine what it runs; it cannot be used again, even if this fails
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return createTask(coroutine, TaskOptions.DEFAULT);
    }

    /// Adds a child.
    ///
    /// @param body what it runs
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public <T extends @Nullable Object> Task<T> createTask(Body<T> body) {
        return createTask(Asyncio.async(body));
    }

    /// Adds a child without a result.
    ///
    /// @param body what it runs
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public Task<@Nullable Void> createTask(VoidBody body) {
        return createTask(Asyncio.async(body));
    }

    /// Adds a child.
    ///
    /// @param coroutine what it runs; it cannot be used again, even if this fails
    /// @param options name, context and start
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine, TaskOptions options) {
        return add(coroutine, options, false, null);
    }

    /// Adds a child that serves the others: it is cancelled when the body and all other children
    /// have ended. Its failure is the group's, as that of any child.
    ///
    /// @param coroutine what it runs; it cannot be used again, even if this fails
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public <T extends @Nullable Object> Task<T> createDaemon(Coroutine<T> coroutine) {
        return add(coroutine, TaskOptions.DEFAULT, true, null);
    }

    /// Adds a child that serves the others, as [#createDaemon(Coroutine)].
    ///
    /// @param body what it runs
    /// @return its task
    /// @throws IllegalStateException if the group was not entered, is finished, or is shutting down
    public Task<@Nullable Void> createDaemon(VoidBody body) {
        return createDaemon(Asyncio.async(body));
    }

    /// Adds a child and waits until it says that it is ready, by [TaskStatus#started(Object)].
    ///
    /// Until then, the child answers to the caller: if it fails, its failure is thrown here, and the
    /// group goes on. Afterwards, it is a child like any other.
    ///
    /// Cancellation: cancels the child, waits for its end, and is thrown on.
    ///
    /// @param body what it runs; gets the means to say that it is ready
    /// @param <T> what it says then, for instance the port that it listens on
    /// @return a coroutine of that value; it throws what the child fails with, and
    ///     `IllegalStateException` if the child ends without saying that it is ready, or if the group
    ///     was not entered, is finished, or is shutting down
    public <T extends @Nullable Object> Coroutine<T> start(StartBody<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> {
            TaskStatus<T> status = new TaskStatus<>(Task.required().loop());
            Coroutine<@Nullable Void> starting = new Coroutine<>(() -> {
                body.run(status);
                return null;
            });
            return status.await(this.<@Nullable Void>add(starting, TaskOptions.DEFAULT, false, status));
        });
    }

    private <T extends @Nullable Object> Task<T> add(
            Coroutine<T> coroutine, TaskOptions options, boolean daemon, @Nullable TaskStatus<?> status) {
        String refusal = parent == null
                ? " has not been entered"
                : exiting && childCount == 0 ? " is finished" : aborting ? " is shutting down" : null;
        if (refusal != null || parent == null) {
            coroutine.close();
            throw new IllegalStateException(this + refusal + ": it takes no more tasks");
        }
        LimitedBody<T> limited = limiter == null || daemon ? null : new LimitedBody<>(coroutine, limiter);
        Coroutine<T> admitted = limited == null ? coroutine : new Coroutine<>(limited);
        admitted.scope = scope;
        Task<T> task = parent.loop().createTask(admitted, options);
        if (task.scope == null) { // a task factory that wrapped the coroutine
            task.scope = scope;
        }
        Child child = new Child(task, newest, daemon, status, limited);
        link(child);
        task.whenDone(child);
        if (aborting && !task.isDone()) { // started eagerly, it made the group abort before it was a member
            task.cancel();
        }
        return task;
    }

    /// The child by which the join policy was met.
    ///
    /// @return the task; empty if the policy is [JoinPolicy#ALL], or was not met
    public Optional<Task<?>> decider() {
        return Optional.ofNullable(decider);
    }

    /// Cancels the whole group, without an error: the children are cancelled, the body is
    /// interrupted at its next await, and the group ends normally, with a null result. Before
    /// entry: as soon as it is entered. Afterwards: does nothing.
    public void cancel() {
        if (parent != null) {
            parent.loop().checkThread("TaskGroup.cancel");
        }
        cancelled = true;
        if (parent == null) {
            aborting = true;
        } else if (!(exiting && childCount == 0)) {
            if (!aborting) {
                abort();
            }
            requestParentCancel();
        }
    }

    private void requestParentCancel() {
        if (parent != null && !parentCancelRequested) {
            parentCancelRequested = true;
            parent.loop().checkThread("TaskGroup.cancel");
            parent.cancel(
                    CancelReason.here(
                            "task group is shutting down", parent.loop().isDebug()),
                    scope);
        }
    }

    private void abort() {
        aborting = true;
        cancelChildren();
    }

    private void cancelChildren() {
        for (Child child = oldest; child != null; child = child.next) {
            if (!child.task.isDone()) {
                child.task.cancel("task group is shutting down");
            }
        }
    }

    private void link(Child child) {
        if (newest == null) {
            oldest = child;
        } else {
            newest.next = child;
        }
        newest = child;
        childCount++;
        daemonCount += child.daemon ? 1 : 0;
        if (scope != null) {
            scope.adopt(child.task);
        }
    }

    /// The children that have not ended, oldest first.
    List<Task<?>> children() {
        List<Task<?>> children = new ArrayList<>();
        for (Child child = oldest; child != null; child = child.next) {
            children.add(child.task);
        }
        return children;
    }

    private void unlink(Child child) {
        Child before = child.previous;
        Child after = child.next;
        if (before == null) {
            oldest = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.previous = before;
        }
        childCount--;
        daemonCount -= child.daemon ? 1 : 0;
        if (scope != null) {
            scope.release(child.task);
        }
    }

    /// Runs one iteration after a child has ended.
    private void childDone(Child ended) {
        Task<?> child = ended.task;
        boolean started = ended.status == null || !ended.status.childEnded(child);
        if (started && !ended.daemon && decider == null && joinPolicy.isMetBy(child)) {
            decider = child;
        }
        if (childless != null && !childless.isDone() && (isAlone() || decider == child)) {
            childless.complete(Future.State.FINISHED, null);
        }
        if (!started) {
            return; // its failure is that of start()
        }
        Throwable failure = child.retrieveFailure();
        Task<?> owner = parent;
        if (failure == null || owner == null) {
            return;
        }
        if (fatal == null && Task.isFatal(failure)) {
            fatal = failure;
        }
        if (owner.isDone()) {
            report(
                    owner.loop(),
                    child,
                    failure,
                    "Task " + child + " has errored out but its parent task " + owner + " is already completed");
        } else if (joinPolicy == JoinPolicy.FIRST_SUCCESS && decider != null && !Task.isFatal(failure)) {
            if (aborting) {
                report(owner.loop(), child, failure, "Task " + child + " failed after another one had succeeded");
            }
        } else {
            errors.add(failure);
            if (!aborting && !parentCancelRequested && !(isTolerant() && !Task.isFatal(failure))) {
                abort();
                requestParentCancel();
            }
        }
    }

    /// Whether there is nobody to wait for, for the moment.
    private boolean isAlone() {
        return childCount == 0 || childCount == daemonCount && !daemonsCancelled;
    }

    /// Whether a failure does not end the group, because another child may still succeed.
    private boolean isTolerant() {
        return joinPolicy == JoinPolicy.FIRST_SUCCESS;
    }

    private static void report(EventLoop loop, Task<?> child, Throwable failure, String message) {
        loop.core.enqueue(new CallbackStep(
                loop,
                child.context(),
                () -> loop.callExceptionHandler(
                        ExceptionContext.of(message, failure).withFuture(child))));
    }

    /// Waits for the children, then decides what comes out (TG-5).
    private void exit(@Nullable Throwable bodyFailure) {
        Task<?> owner = Task.required();
        exiting = true;
        if (fatal == null && Task.isFatal(bodyFailure)) {
            fatal = bodyFailure;
        }
        boolean wasCancelled = bodyFailure instanceof CancelledError;
        propagating = wasCancelled ? (CancelledError) bodyFailure : null;
        if (bodyFailure != null && !aborting) {
            abort();
        }
        CancelledError absorbed = awaitChildren(owner.loop());
        Throwable fatalFailure = fatal;
        if (fatalFailure != null) {
            reportOthers(owner.loop(), fatalFailure);
            throw Sneaky.rethrow(fatalFailure);
        }
        if (parentCancelRequested) {
            if (owner.uncancel() == 0) {
                propagating = null; // it was our own
            } else if (propagating == null) {
                propagating = absorbed; // somebody else's came along with ours (gh-155433)
            }
        }
        if (isTolerant() && decider != null) {
            errors.clear(); // one has succeeded
        }
        if (bodyFailure != null && !wasCancelled) {
            errors.add(bodyFailure);
        }
        if (bodyFailure instanceof GeneratorExit exit && errors.size() == 1) {
            throw exit; // the end of the generator around this group, not a failure (gh-135736)
        }
        if (!errors.isEmpty()) {
            if (owner.cancelling() > 0) { // deliver it again at the next await; the count stays (gh-116720)
                owner.deliverAgain(CancelReason.here(null, owner.loop().isDebug()));
            }
            throw new ExceptionGroup("unhandled errors in a TaskGroup", errors);
        }
        CancelledError cancellation = propagating;
        if (cancellation != null) {
            propagating = null;
            throw cancellation;
        }
    }

    /// Waits until there are no children, whatever happens; returns the last cancellation that
    /// arrived meanwhile.
    private @Nullable CancelledError awaitChildren(EventLoop loop) {
        CancelledError last = null;
        while (childCount > 0) {
            if (decider != null && !aborting) {
                abort();
            }
            if (childCount == daemonCount && !daemonsCancelled) {
                daemonsCancelled = true;
                cancelChildren();
            }
            // Once all are cancelled, nothing is left to do but wait: also where every suspension is cancelled again
            Future<@Nullable Void> empty = new LabelledFuture<>(loop, WaitKind.GROUP, this, !aborting);
            childless = empty;
            try {
                empty.await();
            } catch (CancelledError e) {
                last = e;
                if (!aborting) {
                    propagating = e;
                    abort();
                } else if (!parentCancelRequested) {
                    propagating = e; // the group was ended by its join policy
                }
            }
            childless = null;
        }
        return last;
    }

    private void reportOthers(EventLoop loop, Throwable propagated) {
        for (Throwable error : errors) {
            if (error != propagated && !Task.isFatal(error)) {
                loop.callExceptionHandler(ExceptionContext.of(
                        "TaskGroup task exception was not propagated because of " + propagated, error));
            }
        }
    }

    @Override
    public String toString() {
        return "<TaskGroup"
                + (childCount == 0 ? "" : " tasks=" + childCount)
                + (errors.isEmpty() ? "" : " errors=" + errors.size())
                + (aborting ? " cancelling" : parent != null ? " entered" : "") + ">";
    }

    /// A child that has not ended: a link of the list, and the job that its end makes ready.
    private final class Child extends Relay {
        final Task<?> task;
        final boolean daemon;
        final @Nullable TaskStatus<?> status; // null unless start() waits, or waited, for it
        private final @Nullable LimitedBody<?> limited; // null without a limit

        @Nullable
        Child previous;

        @Nullable
        Child next;

        Child(
                Task<?> task,
                @Nullable Child previous,
                boolean daemon,
                @Nullable TaskStatus<?> status,
                @Nullable LimitedBody<?> limited) {
            this.task = task;
            this.previous = previous;
            this.daemon = daemon;
            this.status = status;
            this.limited = limited;
        }

        @Override
        Collection<? extends Future<?>> targets() {
            return parent == null || parent.isDone() ? List.of() : List.of(parent);
        }

        @Override
        protected void run() {
            unlink(this);
            childDone(this);
            if (limited != null) {
                limited.giveTurnBack();
            }
        }
    }
}
