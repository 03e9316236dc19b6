package asyncio;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A coroutine on its way to a loop of another thread (row W-7).
///
/// Threads: [#start(Coroutine, EventLoop)] on any thread, [#run()] and [#abandon()] by the loop.
///
/// @param <T> the result
final class ThreadsafeCall<T extends @Nullable Object> extends Step {
    private final Coroutine<T> coroutine;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private ThreadsafeCall(Coroutine<T> coroutine, EventLoop loop) {
        super(loop, Context.copyOfCurrent());
        this.coroutine = coroutine;
    }

    static <T extends @Nullable Object> CompletableFuture<T> start(Coroutine<T> coroutine, EventLoop loop) {
        Objects.requireNonNull(coroutine, "coroutine must not be null");
        coroutine.handOver();
        ThreadsafeCall<T> call = new ThreadsafeCall<>(coroutine, loop);
        if (!loop.core.submit(call)) {
            coroutine.close();
            loop.checkOpen();
        }
        return call.result;
    }

    /// On a fiber, because a task factory may be the user's.
    @Override
    protected void run() {
        if (result.isDone()) { // cancelled before it began
            coroutine.close();
            return;
        }
        try {
            Task<T> task = loop.createTask(coroutine);
            task.whenDone(new StageStep(loop, () -> StageBridge.copyToStage(task, result), true));
            StageBridge.cancelWith(result, task);
        } catch (Throwable e) {
            result.completeExceptionally(e);
            loop.callExceptionHandler(ExceptionContext.of("a coroutine from another thread could not be started", e));
        }
    }

    @Override
    protected void abandon() {
        coroutine.close();
        result.cancel(false);
    }
}
