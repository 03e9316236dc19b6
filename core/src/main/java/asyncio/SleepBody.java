package asyncio;

import asyncio.loop.Timer;
import org.jspecify.annotations.Nullable;

/// What `sleep` does when it is awaited.
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class SleepBody<T extends @Nullable Object> implements Body<T> {
    private final long delayNanos;
    private final T result;

    SleepBody(long delayNanos, T result) {
        this.delayNanos = delayNanos;
        this.result = result;
    }

    @Override
    public T run() {
        if (delayNanos <= 0) {
            Task.yieldTurn();
            return result;
        }
        EventLoop loop = Task.required().loop();
        Future<@Nullable Void> future = loop.createFuture(WaitKind.SLEEP, this);
        Timer timer = new Timer(new BareJob(() -> {
            if (!future.isDone()) {
                future.complete(Future.State.FINISHED, null);
            }
        }));
        if (delayNanos != Long.MAX_VALUE) {
            loop.core.arm(timer, Durations.deadline(loop.core.nanoTime(), delayNanos));
        }
        try {
            future.await();
        } finally {
            loop.core.disarm(timer);
        }
        return result;
    }

    @Override
    public String toString() {
        return "sleep of " + java.time.Duration.ofNanos(delayNanos);
    }
}
