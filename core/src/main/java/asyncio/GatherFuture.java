package asyncio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The future of several futures' results.
///
/// Threads: loop-confined.
///
/// @param <R> a list of results or of outcomes
final class GatherFuture<R> extends Future<R> {
    /*
     * CPython's gather (row W-1). The first child that fails, or ends cancelled, fails this at once; the others go on,
     * and their failures count as retrieved. Cancelling this cancels the children; it ends when, with outcomes asked
     * for, the last of them has ended, else when the first has.
     *
     * With ALL_OR_NONE, which CPython does not have, the first failure cancels the other children, and this ends when
     * the last of them has. What they fail with is suppressed in it. A cancellation of this goes before a failure.
     */
    enum Mode {
        RESULTS,
        OUTCOMES,
        ALL_OR_NONE
    }

    private final List<? extends Future<?>> results; // one for each argument, duplicates included
    private final Map<Future<?>, Child> children = new LinkedHashMap<>();
    private final Mode mode;
    private int unfinished;
    private boolean passingCancelOn; // inside cancelChildren
    private @Nullable CancelReason cancelRequested;
    private @Nullable Throwable firstFailure; // ALL_OR_NONE: waits for the children that it cancelled

    private GatherFuture(EventLoop loop, List<? extends Future<?>> results, Mode mode) {
        super(loop);
        this.results = results;
        this.mode = mode;
        results.forEach(child -> children.put(child, new Child(this, child)));
        unfinished = children.size();
    }

    static <R> GatherFuture<R> of(EventLoop loop, Collection<? extends Awaitable<?>> awaitables, Mode mode) {
        GatherFuture<R> gather = new GatherFuture<>(loop, futures(loop, awaitables), mode);
        List<Child> done = new ArrayList<>();
        gather.children.forEach((future, child) -> {
            if (future.isDone()) {
                done.add(child); // no trip through the ready queue: all-done arguments give a done future
            } else {
                future.whenDone(child);
            }
        });
        done.forEach(Child::run);
        if (gather.children.isEmpty()) {
            gather.finish();
        }
        return gather;
    }

    /// The future of each awaitable; the same one for a coroutine that is there twice.
    static List<Future<?>> futures(EventLoop loop, Collection<? extends Awaitable<?>> awaitables) {
        for (Awaitable<?> awaitable : awaitables) {
            if (!(awaitable instanceof Coroutine)) {
                loop.ensureFuture(awaitable); // refused before any coroutine has become a task
            }
        }
        List<Future<?>> futures = new ArrayList<>(awaitables.size());
        IdentityHashMap<Awaitable<?>, Future<?>> seen = new IdentityHashMap<>();
        for (Awaitable<?> awaitable : awaitables) {
            Future<?> known = seen.get(awaitable);
            Future<?> future = known != null ? known : loop.ensureFuture(awaitable);
            seen.put(awaitable, future);
            futures.add(future);
        }
        return futures;
    }

    private void childDone(Future<?> child) {
        unfinished--;
        if (isDone()) {
            child.retrieveFailure(); // counts as seen: this future has failed before
            return;
        }
        if (mode != Mode.OUTCOMES) {
            Throwable failure = child.isCancelled() ? child.cancelledError() : child.retrieveFailure();
            if (failure != null) {
                childFailed(failure);
            }
        }
        if (unfinished == 0 && !isDone()) {
            end();
        }
    }

    private void childFailed(Throwable failure) {
        Throwable first = firstFailure;
        if (mode == Mode.RESULTS) {
            fail(failure);
        } else if (first == null) {
            firstFailure = failure;
            if (cancelRequested == null) { // else they know
                cancelChildren(new CancelReason("another one failed", describe(), null));
            }
        } else if (!(failure instanceof CancelledError)) {
            if (first instanceof CancelledError) {
                firstFailure = failure; // a child was cancelled, and another one failed when it cleaned up
            } else if (failure != first) {
                first.addSuppressed(failure);
            }
        }
    }

    private void end() {
        Throwable failure = firstFailure;
        if (cancelRequested != null) {
            CancelledError cancelled = new CancelledError(cancelRequested);
            if (failure != null && !(failure instanceof CancelledError)) {
                cancelled.addSuppressed(failure);
            }
            fail(cancelled);
        } else if (failure != null) {
            fail(failure);
        } else {
            finish();
        }
    }

    @SuppressWarnings("unchecked") // R is a list of the children's results, or of their outcomes
    private void finish() {
        List<@Nullable Object> list = new ArrayList<>(results.size());
        for (Future<?> child : results) {
            list.add(mode == Mode.OUTCOMES ? Outcome.of(child) : child.value());
        }
        complete(State.FINISHED, list);
    }

    Set<Future<?>> children() {
        return children.keySet();
    }

    @Override
    boolean cancel(CancelReason reason) {
        if (isDone() || passingCancelOn) { // gathers that await each other
            return false;
        }
        boolean accepted = cancelChildren(reason);
        if (accepted) {
            cancelRequested = reason; // with outcomes, the children's cancellations would otherwise look like results
        }
        return accepted;
    }

    private boolean cancelChildren(CancelReason reason) {
        passingCancelOn = true;
        boolean accepted = false;
        for (Future<?> child : children.keySet()) {
            accepted |= child.cancel(reason);
        }
        passingCancelOn = false;
        return accepted;
    }

    @Override
    Collection<? extends Future<?>> awaits() {
        return children.keySet();
    }

    @Override
    String describe() {
        return "gather of " + results.size();
    }

    @Override
    public WaitKind waitKind() {
        return WaitKind.GROUP;
    }

    @Override
    public String toString() {
        return "<GatherFuture of " + results.size() + " " + stateWords() + ">";
    }

    /// What each child makes ready when it ends.
    private static final class Child extends Relay {
        private final GatherFuture<?> gather;
        private final Future<?> future;

        Child(GatherFuture<?> gather, Future<?> future) {
            this.gather = gather;
            this.future = future;
        }

        @Override
        Collection<? extends Future<?>> targets() {
            return gather.isDone() ? List.of() : List.of(gather);
        }

        @Override
        protected void run() {
            gather.childDone(future);
        }
    }
}
