package asyncio;

import org.jspecify.annotations.Nullable;

/// By this a child tells who started it that it is ready: see [TaskGroup#start(StartBody)].
///
/// Threads: loop-confined.
///
/// @param <T> what it says
public final class TaskStatus<T extends @Nullable Object> {
    /*
     *   WAITING --started--> STARTED
     *           --child ends--> ENDED (start() throws)
     *           --start() is cancelled--> ABANDONED: the child's failure is its group's
     */
    private enum State {
        WAITING,
        STARTED,
        ENDED,
        ABANDONED
    }

    private final Future<T> ready;
    private State state = State.WAITING; // see the transitions above
    private @Nullable Future<@Nullable Void> end; // awaited while ABANDONED
    private boolean gone; // the child has ended

    TaskStatus(EventLoop loop) {
        ready = loop.createFuture(WaitKind.TASK, "a child that starts");
    }

    /// Says that the child is ready. Who started it goes on; does nothing if that task has been
    /// cancelled meanwhile.
    ///
    /// @param value what it gets
    /// @throws IllegalStateException if this was said before
    public void started(T value) {
        ready.loop().checkThread("started");
        if (state == State.STARTED) {
            throw new IllegalStateException("started() called twice on the same task status: say it once");
        }
        if (state == State.WAITING && !ready.isDone()) {
            state = State.STARTED;
            ready.complete(Future.State.FINISHED, value);
        }
    }

    /// In the task that starts the child: waits until it is ready.
    T await(Task<?> child) {
        try {
            return ready.await();
        } catch (CancelledError e) {
            if (state == State.STARTED) { // the value is there: the cancellation comes at the next suspension
                Task.required().deliverAgain(CancelReason.orItself(e.reason()));
                return ready.value();
            }
            if (state == State.WAITING) {
                state = State.ABANDONED;
                awaitEnd(child, CancelReason.orItself(e.reason()));
            }
            throw e;
        }
    }

    private void awaitEnd(Task<?> child, CancelReason reason) {
        if (!gone) {
            Future<@Nullable Void> ended = new LabelledFuture<>(ready.loop(), WaitKind.TASK, child, false);
            end = ended;
            child.cancel(reason);
            ended.await();
        }
    }

    /// The child has ended; true if its failure is that of start().
    boolean childEnded(Task<?> child) {
        gone = true;
        if (state == State.ABANDONED) {
            if (end != null) {
                end.complete(Future.State.FINISHED, null);
            }
            return false;
        }
        if (state != State.WAITING || ready.isDone()) { // done: start() is cancelled, and has not run yet
            return false;
        }
        state = State.ENDED;
        Throwable failure = child.retrieveFailure();
        if (failure != null) {
            ready.fail(failure);
        } else if (child.isCancelled()) {
            ready.complete(Future.State.CANCELLED, child.cancelledError());
        } else {
            ready.fail(new IllegalStateException("child exited without calling started(): " + child
                    + "; call status.started(...) when it is ready"));
        }
        return true;
    }
}
