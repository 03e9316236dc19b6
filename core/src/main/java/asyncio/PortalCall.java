package asyncio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A coroutine that a thread runs on a loop through a [BlockingPortal].
///
/// Unlike [ThreadsafeCall], it is over only when its task is: whoever cancels it can wait for that.
///
/// Threads: [#cancel(CancelReason)] and [#result] on any; the rest by the loop.
///
/// @param <T> the result
final class PortalCall<T extends @Nullable Object> extends Step {
    final CompletableFuture<T> result = new CompletableFuture<>();
    private final BlockingPortal portal;
    private final Coroutine<T> coroutine;
    private @Nullable Task<T> task; // once begun
    private @Nullable CancelReason request; // the last one; if it comes first, the task never begins

    PortalCall(BlockingPortal portal, Body<T> body) {
        super(portal.loop(), Context.copyOfCurrent());
        this.portal = portal;
        coroutine = new Coroutine<>(body);
        coroutine.handOver();
    }

    /// On a fiber, because a task factory may be the user's.
    @Override
    protected void run() {
        CancelReason early = request;
        if (early != null) {
            coroutine.close();
            end(() -> result.completeExceptionally(new CancelledError(early)));
            return;
        }
        try {
            Task<T> begun = loop.createTask(coroutine);
            task = begun;
            begun.whenDone(new StageStep(loop, () -> ended(begun), true));
        } catch (Throwable e) {
            end(() -> result.completeExceptionally(e));
        }
    }

    /// The loop closes, and the call has not begun.
    @Override
    protected void abandon() {
        coroutine.close();
        end(() -> result.completeExceptionally(portal.explain(new CancelledError(CancelReason.LOOP_CLOSED))));
    }

    private void ended(Task<T> ended) {
        switch (ended.state()) {
            case FINISHED -> end(() -> result.complete(ended.value()));
            case FAILED -> {
                Throwable failure = ended.failure().retrieve();
                portal.delivers(failure);
                end(() -> result.completeExceptionally(failure));
            }
            default -> {
                Throwable cancelled = portal.explain(ended.cancelledError());
                end(() -> result.completeExceptionally(cancelled));
            }
        }
    }

    /// Tells the portal even if what users have chained to the result throws.
    private void end(Runnable completion) {
        try {
            completion.run();
        } finally {
            portal.over(this);
        }
    }

    /// Asks the task to stop, from any thread.
    void cancel(CancelReason reason) {
        loop.core.submit(new BareJob(() -> cancelHere(reason)));
    }

    /// The same, unless it was asked before: a second request would disturb its clean-up.
    void cancelOnce(CancelReason reason) {
        loop.core.submit(new BareJob(() -> {
            if (request == null) {
                cancelHere(reason);
            }
        }));
    }

    private void cancelHere(CancelReason reason) {
        request = reason;
        Task<T> begun = task;
        if (begun != null) {
            begun.cancel(reason);
        }
    }

    @Override
    public String toString() {
        return "<PortalCall " + coroutine + ">";
    }
}
