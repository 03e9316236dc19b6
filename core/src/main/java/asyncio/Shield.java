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
        inner.whenDone(new BareJob(() -> innerDone(loop, inner, outer)));
        return outer;
    }

    private static <T extends @Nullable Object> void innerDone(EventLoop loop, Future<T> inner, Future<T> outer) {
        if (outer.isCancelled()) {
            Throwable failure = inner.retrieveFailure();
            if (failure != null) { // nobody is left to see it
                Context context = inner instanceof Task<?> task ? task.context() : new Context();
                loop.core.enqueue(new CallbackStep(
                        loop,
                        context,
                        () -> loop.callExceptionHandler(ExceptionContext.of(
                                        failure.getClass().getSimpleName() + " exception in shielded future", failure)
                                .withFuture(inner))));
            }
        } else if (!outer.isDone()) {
            switch (inner.state()) {
                case CANCELLED -> outer.cancel(reasonOf(inner));
                case FAILED -> outer.fail(inner.failure().retrieve());
                default -> outer.complete(Future.State.FINISHED, inner.value());
            }
        }
    }

    private static CancelReason reasonOf(Future<?> cancelled) {
        CancelReason reason = cancelled.cancelReason();
        return reason != null ? reason : new CancelReason(null, "itself", null);
    }
}
