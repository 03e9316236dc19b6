package asyncio;

import asyncio.fiber.Job;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A result that is not there yet; tasks await it, callbacks are told when it is.
///
/// Made by [EventLoop#createFuture()]. Whoever completes it calls [#setResult(Object)] or
/// [#setException(Throwable)], once. Completion never runs anything at once: those who wait become
/// ready for the next iteration.
///
/// Cancellation: a task that is cancelled while it awaits a future cancels the future.
///
/// Threads: loop-confined; completing or cancelling it on another thread is an error that names both
/// (AS201). Reading it there is not checked, and may see an old state: [#toCompletableFuture()] gives a
/// view for other threads.
///
/// @param <T> the result
public sealed class Future<T extends @Nullable Object> implements Awaitable<T>
        permits Task, LabelledFuture, GatherFuture, WaitQueue.Waiter, WaitQueue.Choice, BlockingCall, ExecutorCall {
    /*
     *   PENDING --setResult--> FINISHED
     *           --setException--> FAILED
     *           --cancel--> CANCELLED
     */
    enum State {
        PENDING,
        FINISHED,
        FAILED,
        CANCELLED
    }

    private final EventLoop loop;
    private final @Nullable Site site; // debug mode only
    private State state = State.PENDING; // changes once, on the loop
    private @Nullable Object outcome; // FINISHED: the value; FAILED: Failure; CANCELLED: CancelledError or CancelReason
    private @Nullable Object waiting; // null, a Job, or a List<Job>: made ready at completion, in this order

    Future(EventLoop loop) {
        this.loop = loop;
        site = loop.isDebug() ? Site.here() : null;
    }

    /// The loop that this future belongs to.
    ///
    /// @return the loop
    public final EventLoop loop() {
        return loop;
    }

    /// Whether there is an outcome: a result, an exception or a cancellation.
    ///
    /// @return true if there is
    public final boolean isDone() {
        return state != State.PENDING;
    }

    /// Whether this was cancelled.
    ///
    /// @return true if it was
    public final boolean isCancelled() {
        return state == State.CANCELLED;
    }

    /// The result. Never waits.
    ///
    /// @return the result
    /// @throws InvalidStateException if there is no outcome yet
    /// @throws CancelledError if this was cancelled
    /// @throws RuntimeException or whatever else this failed with, as it is
    public final T result() {
        if (state == State.FINISHED) {
            return value();
        }
        throw Sneaky.rethrow(
                switch (state) {
                    case FAILED -> failure().retrieve();
                    case CANCELLED -> cancelledError();
                    default -> new InvalidStateException("result is not set: " + this + " is not done; await it");
                });
    }

    /// The exception. Never waits.
    ///
    /// @return the exception, or null if there is a result
    /// @throws InvalidStateException if there is no outcome yet
    /// @throws CancelledError if this was cancelled
    public final @Nullable Throwable exception() {
        return switch (state) {
            case FINISHED -> null;
            case FAILED -> failure().retrieve();
            case CANCELLED -> throw cancelledError();
            case PENDING -> throw new InvalidStateException("exception is not set: " + this + " is not done; await it");
        };
    }

    /// Sets the result.
    ///
    /// @param value the result
    /// @throws InvalidStateException if there is an outcome already
    /// @throws IllegalStateException on a thread that is not the loop's, or for a task
    public void setResult(T value) {
        ensurePending("setResult");
        complete(State.FINISHED, value);
    }

    /// Sets the exception.
    ///
    /// @param exception what those who await this get, as it is
    /// @throws InvalidStateException if there is an outcome already
    /// @throws IllegalStateException on a thread that is not the loop's, or for a task
    public void setException(Throwable exception) {
        Objects.requireNonNull(exception, "exception must not be null: use setResult(null) for no result");
        ensurePending("setException");
        fail(exception);
    }

    /// Cancels: those who await this get a [CancelledError]. A failure that is there already counts
    /// as seen: whoever cancels does not care for it.
    ///
    /// @return false if there is an outcome already
    public final boolean cancel() {
        return cancel((String) null);
    }

    /// Cancels, with words that reach those who await this.
    ///
    /// @param message the words, or null
    /// @return false if there is an outcome already
    public final boolean cancel(@Nullable String message) {
        loop.checkThread("cancel");
        if (isDone()) {
            retrieveFailure();
            return false;
        }
        return cancel(CancelReason.here(message, loop.isDebug()));
    }

    boolean cancel(CancelReason reason) {
        if (isDone()) {
            return false;
        }
        complete(State.CANCELLED, reason);
        return true;
    }

    private void ensurePending(String operation) {
        loop.checkThread(operation);
        if (isDone()) {
            throw new InvalidStateException(
                    operation + " must be called once: " + this + " is done already; check isDone() first");
        }
    }

    final void fail(Throwable exception) {
        complete(State.FAILED, new Failure(this, exception, loop.failures));
    }

    final void complete(State newState, @Nullable Object newOutcome) {
        state = newState;
        outcome = newOutcome;
        Object told = waiting;
        if (told != null) {
            waiting = null;
            if (told instanceof Job job) {
                loop.core.enqueue(job);
            } else {
                jobs(told).forEach(loop.core::enqueue);
            }
        }
    }

    /// What [#result()] does, without a hint of its own: the loop's code asks only where the state
    /// is known.
    final State state() {
        return state;
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // FINISHED: a T was set, null only if T has it
    final T value() {
        return (T) outcome;
    }

    final Failure failure() {
        return (Failure) Objects.requireNonNull(outcome, "outcome");
    }

    /// The exception of a failed future, for code of the library that deals with it; null if it did
    /// not fail.
    final @Nullable Throwable retrieveFailure() {
        return state == State.FAILED ? failure().retrieve() : null;
    }

    /// The stored error the first time, so that its stack stays; new ones later.
    final CancelledError cancelledError() {
        if (outcome instanceof CancelledError first) {
            outcome = first.reason();
            return first;
        }
        return new CancelledError((CancelReason) outcome);
    }

    final @Nullable CancelReason cancelReason() {
        return outcome instanceof CancelledError error ? error.reason() : (CancelReason) outcome;
    }

    /// Waits in the calling task.
    final T await() {
        if (state == State.PENDING) {
            Task.suspendCurrentOn(this);
        }
        if (state == State.FINISHED) {
            return value();
        }
        if (state == State.FAILED) {
            AwaitTrace.extend(failure(), this);
        }
        return result();
    }

    /// Makes a job ready when this is done; at once, that is in the next iteration, if it is done
    /// already.
    final void whenDone(Job job) {
        if (isDone()) {
            loop.core.enqueue(job);
        } else if (waiting == null) {
            waiting = job;
        } else if (waiting instanceof Job first) {
            List<Job> both = new ArrayList<>();
            both.add(first);
            both.add(job);
            waiting = both;
        } else {
            jobs(waiting).add(job);
        }
    }

    /// Takes a job back that [#whenDone(Job)] was given.
    @SuppressWarnings("ReferenceEquality") // this very registration
    final void forget(Job job) {
        if (waiting == job) {
            waiting = null;
        } else if (waiting instanceof List) {
            jobs(waiting).remove(job);
        }
    }

    /// Whether a job of some kind waits for this.
    final boolean isWatchedBy(Class<? extends Job> kind) {
        if (waiting instanceof List) {
            return jobs(waiting).stream().anyMatch(kind::isInstance);
        }
        return kind.isInstance(waiting);
    }

    /// The jobs that become ready when this is done.
    final List<Job> waiters() {
        Object told = waiting;
        return told == null ? List.of() : told instanceof Job job ? List.of(job) : List.copyOf(jobs(told));
    }

    /// What this waits for itself; among them may be some that are done.
    Collection<? extends Future<?>> awaits() {
        return List.of();
    }

    @SuppressWarnings("unchecked") // `waiting` is a Job or a List<Job>
    private static List<Job> jobs(Object waiting) {
        return (List<Job>) waiting;
    }

    /// Calls a function when this is done: on the loop, in a later iteration, never from within
    /// this call.
    ///
    /// Callbacks run in the order of registration, in a copy of the context in which they were
    /// registered. One that fails goes to the loop's exception handler and stops nobody.
    ///
    /// @param callback given this future, which is done then
    public final void addDoneCallback(Consumer<? super Future<T>> callback) {
        addDoneCallback(callback, Context.copyOfCurrent());
    }

    /// Calls a function when this is done, in a given context.
    ///
    /// @param callback given this future, which is done then
    /// @param context the context to run in, not copied
    public final void addDoneCallback(Consumer<? super Future<T>> callback, Context context) {
        Objects.requireNonNull(callback, "callback must not be null");
        loop.checkThread("addDoneCallback");
        whenDone(new DoneCallback<>(this, callback, context));
    }

    /// Removes every registration of a callback.
    ///
    /// @param callback equal to what was registered
    /// @return how many registrations were removed
    public final int removeDoneCallback(Consumer<? super Future<T>> callback) {
        loop.checkThread("removeDoneCallback");
        if (waiting instanceof DoneCallback<?> single && single.calls(callback)) {
            waiting = null;
            return 1;
        }
        if (!(waiting instanceof List)) {
            return 0;
        }
        List<Job> jobs = jobs(waiting);
        int before = jobs.size();
        jobs.removeIf(job -> job instanceof DoneCallback<?> done && done.calls(callback));
        return before - jobs.size();
    }

    /// A view for other threads and libraries: completed when this is done; cancelling it cancels
    /// this.
    ///
    /// A cancellation of this arrives there as a cancellation, a failure as it is. May be called on
    /// the loop's thread only; what it returns may be used anywhere.
    ///
    /// @return a new stage
    public final CompletableFuture<T> toCompletableFuture() {
        loop.checkThread("toCompletableFuture");
        return StageBridge.toStage(this);
    }

    /// A future for a stage of another library: cancelling it cancels the stage.
    ///
    /// @param stage the stage, completed by any thread
    /// @param <T> its result
    /// @return a new future of the running loop
    /// @throws IllegalStateException if no loop runs here
    public static <T extends @Nullable Object> Future<T> of(CompletionStage<T> stage) {
        return StageBridge.toFuture(stage, EventLoop.running());
    }

    final @Nullable Site site() {
        return site;
    }

    /// A few words for what somebody waits for who waits for this.
    String describe() {
        return "future";
    }

    /// What kind of thing somebody waits for who waits for this.
    ///
    /// @return the kind
    public WaitKind waitKind() {
        return WaitKind.FUTURE;
    }

    /// The state, in a word, and the outcome.
    final String stateWords() {
        return switch (state) {
                    case PENDING -> "pending";
                    case FINISHED -> "finished result=" + Names.describe(outcome);
                    case FAILED -> "finished exception=" + Names.describe(failure().exception);
                    case CANCELLED -> "cancelled";
                }
                + (site == null ? "" : " created at " + Site.locate(site));
    }

    @Override
    public String toString() {
        return "<Future " + stateWords() + ">";
    }
}
