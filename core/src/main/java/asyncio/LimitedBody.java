package asyncio;

import org.jspecify.annotations.Nullable;

/// What a child of a group with a limit runs: it waits for its turn first.
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class LimitedBody<T extends @Nullable Object> implements Body<T> {
    private final Coroutine<T> coroutine;
    private final CapacityLimiter limiter;

    private LimitedBody(Coroutine<T> coroutine, CapacityLimiter limiter) {
        this.coroutine = coroutine;
        this.limiter = limiter;
    }

    static <T extends @Nullable Object> Coroutine<T> of(Coroutine<T> coroutine, CapacityLimiter limiter) {
        coroutine.use();
        return new Coroutine<>(new LimitedBody<>(coroutine, limiter));
    }

    @Override
    public T run() throws Exception {
        Asyncio.await(limiter.acquire());
        try {
            return coroutine.call();
        } finally {
            limiter.release();
        }
    }

    @Override
    public String toString() {
        return coroutine.toString();
    }
}
