package asyncio;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps a future from being cancelled along with those who await it (row W-5).
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class Shield<T extends @Nullable Object> extends Relay implements Dependent {
    private final Future<T> inner;
    private final Future<T> outer;
    private final @Nullable TaskGroup owner; // the inner one is its child: it deals with the failure

    private Shield(EventLoop loop, Future<T> inner, @Nullable TaskGroup owner) {
        this.inner = inner;
        this.owner = owner;
        outer = loop.createFuture(WaitKind.GROUP, this);
    }

    static <T extends @Nullable Object> Future<T> of(EventLoop loop, Awaitable<T> awaitable) {
        return of(loop, loop.ensureFuture(awaitable), null);
    }

    static <T extends @Nullable Object> Future<T> of(Coroutine<T> coroutine, TaskGroup owner) {
        Task<T> inner = owner.createTask(coroutine);
        return of(inner.loop(), inner, owner);
    }

    private static <T extends @Nullable Object> Future<T> of(
            EventLoop loop, Future<T> inner, @Nullable TaskGroup owner) {
        if (inner.isDone()) {
            return inner;
        }
        Shield<T> shield = new Shield<>(loop, inner, owner);
        inner.whenDone(shield);
        shield.outer.whenDone(new BareJob(shield::outerDone));
        return shield.outer;
    }

    /// The inner future has ended: so does the outer one.
    @Override
    protected void run() {
        if (outer.isDone()) {
            return;
        }
        switch (inner.state()) {
            case CANCELLED -> outer.cancel(CancelReason.orItself(inner.cancelReason()));
            case FAILED -> outer.fail(inner.failure().retrieve());
            default -> outer.complete(Future.State.FINISHED, inner.value());
        }
        if (owner != null) {
            outer.retrieveFailure(); // nobody need look at it here: the group throws it
        }
    }

    /// If the outer future was cancelled, the inner one goes on, and its failure is reported, once.
    private void outerDone() {
        if (!inner.isDone()) {
            inner.forget(this);
            if (owner == null && !inner.isWatchedBy(OrphanReport.class)) {
                inner.whenDone(new OrphanReport(inner));
            }
        }
    }

    @Override
    Collection<? extends Future<?>> targets() {
        return outer.isDone() ? List.of() : List.of(outer);
    }

    @Override
    public Collection<? extends Future<?>> members() {
        return List.of(inner);
    }

    @Override
    public String toString() {
        return "shield of " + inner.describe();
    }
}
