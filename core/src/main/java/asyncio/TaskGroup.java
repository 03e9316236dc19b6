package asyncio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
     */
    private @Nullable Child oldest; // the children that have not ended, linked in the order of creation
    private @Nullable Child newest; // as above
    private int childCount; // linked from oldest to newest
    private final List<Throwable> errors = new ArrayList<>();
    private @Nullable Throwable fatal; // first SystemExit or KeyboardInterrupt
    private @Nullable Task<?> parent; // set on entry
    private @Nullable Future<@Nullable Void> childless; // awaited while exiting
    private @Nullable CancelledError propagating; // what comes out if nothing failed
    private boolean exiting; // the body has ended
    private boolean aborting; // set once, see above
    private boolean parentCancelRequested; // taken back on exit
    private boolean cancelled; // cancel() was called

    private TaskGroup() {}

    /// A group that is entered later, with [#run(GroupBody)].
    ///
    /// @return a new group
    public static TaskGroup create() {
        return new TaskGroup();
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
    private <T extends @Nullable Object> T runInside(GroupBody<T> body) {
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
        String refusal = parent == null
                ? " has not been entered"
                : exiting && childCount == 0 ? " is finished" : aborting ? " is shutting down" : null;
        if (refusal != null || parent == null) {
            coroutine.close();
            throw new IllegalStateException(this + refusal + ": it takes no more tasks");
        }
        Task<T> child = parent.loop().createTask(coroutine, options);
        child.whenDone(link(child));
        if (aborting && !child.isDone()) { // started eagerly, it made the group abort before it was a member
            child.cancel();
        }
        return child;
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
            parent.cancel("task group is shutting down");
        }
    }

    private void abort() {
        aborting = true;
        for (Child child = oldest; child != null; child = child.next) {
            if (!child.task.isDone()) {
                child.task.cancel("task group is shutting down");
            }
        }
    }

    private Child link(Task<?> task) {
        Child child = new Child(task, newest);
        if (newest == null) {
            oldest = child;
        } else {
            newest.next = child;
        }
        newest = child;
        childCount++;
        return child;
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
    }

    /// Runs one iteration after a child has ended.
    private void childDone(Task<?> child) {
        if (childCount == 0 && childless != null && !childless.isDone()) {
            childless.complete(Future.State.FINISHED, null);
        }
        Throwable failure = child.retrieveFailure();
        Task<?> owner = parent;
        if (failure == null || owner == null) {
            return;
        }
        errors.add(failure);
        if (fatal == null && Task.isFatal(failure)) {
            fatal = failure;
        }
        if (owner.isDone()) {
            EventLoop loop = owner.loop();
            loop.core.enqueue(new CallbackStep(
                    loop,
                    child.context(),
                    () -> loop.callExceptionHandler(ExceptionContext.of(
                                    "Task " + child + " has errored out but its parent task " + owner
                                            + " is already completed",
                                    failure)
                            .withFuture(child))));
        } else if (!aborting && !parentCancelRequested) {
            abort();
            requestParentCancel();
        }
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
        if (bodyFailure != null && !wasCancelled) {
            errors.add(bodyFailure);
        }
        if (bodyFailure instanceof GeneratorExit exit && errors.size() == 1) {
            throw exit; // the end of the generator around this group, not a failure (gh-135736)
        }
        if (!errors.isEmpty()) {
            if (owner.cancelling() > 0) { // deliver it again at the next await; the count stays (gh-116720)
                owner.uncancel();
                owner.cancel();
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
            Future<@Nullable Void> empty = loop.createFuture(WaitKind.GROUP, this);
            childless = empty;
            try {
                empty.await();
            } catch (CancelledError e) {
                last = e;
                if (!aborting) {
                    propagating = e;
                    abort();
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

        @Nullable
        Child previous;

        @Nullable
        Child next;

        Child(Task<?> task, @Nullable Child previous) {
            this.task = task;
            this.previous = previous;
        }

        @Override
        Collection<? extends Future<?>> targets() {
            return parent == null || parent.isDone() ? List.of() : List.of(parent);
        }

        @Override
        protected void run() {
            unlink(this);
            childDone(task);
        }
    }
}
