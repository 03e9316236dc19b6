package asyncio;

import org.jspecify.annotations.Nullable;

/// What a child of a group with a limit runs: it waits for its turn first.
///
/// The group takes the turn back when it has dealt with the child's end: a failure cancels those
/// that wait before one of them could begin.
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class LimitedBody<T extends @Nullable Object> implements Body<T> {
    private final Coroutine<T> coroutine;
    private final CapacityLimiter limiter;
    private boolean begun; // it got its turn

    LimitedBody(Coroutine<T> coroutine, CapacityLimiter limiter) {
        coroutine.use();
        this.coroutine = coroutine;
        this.limiter = limiter;
    }

    @Override
    public T run() throws Exception {
        Asyncio.await(limiter.acquireFor(this));
        begun = true;
        return coroutine.call();
    }

    void giveTurnBack() {
        if (begun) {
            limiter.releaseFor(this);
        }
    }

    @Override
    public String toString() {
        return coroutine.toString();
    }
}
