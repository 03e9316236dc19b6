package asyncio;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
     */
    private final List<? extends Future<?>> results; // one for each argument, duplicates included
    private final Set<Future<?>> children;
    private final boolean asOutcomes;
    private int unfinished;
    private boolean passingCancelOn; // inside cancel()
    private @Nullable CancelReason cancelRequested;

    private GatherFuture(EventLoop loop, List<? extends Future<?>> results, boolean asOutcomes) {
        super(loop);
        this.results = results;
        this.asOutcomes = asOutcomes;
        children = new LinkedHashSet<>(results);
        unfinished = children.size();
    }

    static <R> GatherFuture<R> of(EventLoop loop, List<? extends Future<?>> results, boolean asOutcomes) {
        GatherFuture<R> gather = new GatherFuture<>(loop, results, asOutcomes);
        List<Future<?>> done = new ArrayList<>();
        for (Future<?> child : gather.children) {
            if (child.isDone()) {
                done.add(child); // no trip through the ready queue: all-done arguments give a done future
            } else {
                child.whenDone(new BareJob(() -> gather.childDone(child)));
            }
        }
        done.forEach(gather::childDone);
        if (gather.children.isEmpty()) {
            gather.finish();
        }
        return gather;
    }

    private void childDone(Future<?> child) {
        unfinished--;
        if (isDone()) {
            child.retrieveFailure(); // counts as seen: this future has failed before
            return;
        }
        if (!asOutcomes) {
            Throwable failure = child.isCancelled() ? child.cancelledError() : child.retrieveFailure();
            if (failure != null) {
                fail(failure);
                return;
            }
        }
        if (unfinished == 0) {
            if (cancelRequested != null) {
                fail(new CancelledError(cancelRequested));
            } else {
                finish();
            }
        }
    }

    @SuppressWarnings("unchecked") // R is a list of the children's results, or of their outcomes
    private void finish() {
        List<@Nullable Object> list = new ArrayList<>(results.size());
        for (Future<?> child : results) {
            list.add(asOutcomes ? Outcome.of(child) : child.value());
        }
        complete(State.FINISHED, list);
    }

    Set<Future<?>> children() {
        return children;
    }

    @Override
    boolean cancel(CancelReason reason) {
        if (isDone() || passingCancelOn) { // gathers that await each other
            return false;
        }
        passingCancelOn = true;
        boolean accepted = false;
        for (Future<?> child : children) {
            accepted |= child.cancel(reason);
        }
        passingCancelOn = false;
        if (accepted) {
            cancelRequested = reason; // with outcomes, the children's cancellations would otherwise look like results
        }
        return accepted;
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
}
