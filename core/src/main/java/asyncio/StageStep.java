package asyncio;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Completes a stage as a future ended: on a fiber, because whoever depends on the stage may run
/// inside; and even if the loop closes first, because another thread may wait for it.
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class StageStep<T extends @Nullable Object> extends Step {
    private final Future<T> future;
    private final CompletableFuture<T> stage;

    StageStep(Future<T> future, CompletableFuture<T> stage) {
        super(future.loop(), Context.copyOfCurrent());
        this.future = future;
        this.stage = stage;
    }

    @Override
    protected void run() {
        StageBridge.copyToStage(future, stage);
    }

    @Override
    protected void abandon() {
        StageBridge.copyToStage(future, stage);
    }
}
