package asyncio;

import org.jspecify.annotations.Nullable;

/// Keeps a future from being cancelled along with those who await it (row W-5).
///
/// Threads: loop-confined.
final class Shield {
    private Shield() {}

    static <T extends @Nullable Object> Future<T> of(EventLoop loop, Awaitable<T> awaitable) {
        Future<T> inner = loop.ensureFuture(awaitable);
        if (inner.isDone()) {
            return inner;
        }
        Future<T> outer = loop.createFuture(WaitKind.GROUP, "shield of " + inner.describe());
        BareJob relay = new BareJob(() -> relay(inner, outer));
        inner.whenDone(relay);
        outer.whenDone(new BareJob(() -> abandon(inner, relay)));
        return outer;
    }

    /// The inner future has ended: so does the outer one.
    private static <T extends @Nullable Object> void relay(Future<T> inner, Future<T> outer) {
        if (!outer.isDone()) {
            switch (inner.state()) {
                case CANCELLED -> outer.cancel(reasonOf(inner));
                case FAILED -> outer.fail(inner.failure().retrieve());
                default -> outer.complete(Future.State.FINISHED, inner.value());
            }
        }
    }

    /// The outer future was cancelled: the inner one goes on, and its failure is reported, once.
    private static void abandon(Future<?> inner, BareJob relay) {
        if (!inner.isDone()) {
            inner.forget(relay);
            if (!inner.isWatchedBy(OrphanReport.class)) {
                inner.whenDone(new OrphanReport(inner));
            }
        }
    }

    private static CancelReason reasonOf(Future<?> cancelled) {
        CancelReason reason = cancelled.cancelReason();
        return reason != null ? reason : new CancelReason(null, "itself", null);
    }
}
