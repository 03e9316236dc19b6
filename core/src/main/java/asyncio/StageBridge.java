package asyncio;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Carries outcomes between futures of a loop and stages of `java.util.concurrent`, and
/// cancellations back.
///
/// Threads: [#toStage(Future)] and [#toFuture(CompletionStage, EventLoop)] on the loop.
final class StageBridge {
    private StageBridge() {}

    static <T extends @Nullable Object> CompletableFuture<T> toStage(Future<T> future) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        EventLoop loop = future.loop();
        if (!future.isDone()) {
            loop.bridged.add(future); // closing the loop must not leave another thread waiting
        }
        future.whenDone(new StageStep(
                loop,
                () -> {
                    loop.bridged.remove(future);
                    copyToStage(future, stage);
                },
                true));
        cancelWith(stage, future);
        return stage;
    }

    /// Completes a stage as a future ended.
    static <T extends @Nullable Object> void copyToStage(Future<T> future, CompletableFuture<T> stage) {
        switch (future.state()) {
            case CANCELLED -> stage.cancel(false);
            case FAILED -> stage.completeExceptionally(future.failure().retrieve());
            default -> stage.complete(future.value());
        }
    }

    /// Cancels a future, on its loop, when a stage is cancelled by anybody.
    static void cancelWith(CompletableFuture<?> stage, Future<?> future) {
        var _ = stage.whenComplete((value, failure) -> {
            if (stage.isCancelled()) {
                CancelReason reason = new CancelReason(null, "a CompletableFuture", null);
                if (Current.loop() == future.loop()) {
                    future.cancel(reason);
                } else {
                    future.loop().core.submit(new BareJob(() -> future.cancel(reason)));
                }
            }
        });
    }

    static <T extends @Nullable Object> Future<T> toFuture(CompletionStage<T> stage, EventLoop loop) {
        Future<T> future = loop.createFuture();
        future.whenDone(new StageStep(loop, () -> cancelStage(future, stage), false));
        stage.whenComplete((value, failure) -> {
            if (Current.loop() == loop) { // the stage was done already, or is completed by this loop's own code
                copyToFuture(future, value, failure);
            } else {
                loop.core.submit(new BareJob(() -> copyToFuture(future, value, failure)));
            }
        });
        return future;
    }

    private static void cancelStage(Future<?> future, CompletionStage<?> stage) {
        if (future.isCancelled()) {
            try {
                stage.toCompletableFuture().cancel(false);
            } catch (UnsupportedOperationException e) {
                // A stage may refuse to be anything but a stage: then it cannot be cancelled.
            }
        }
    }

    private static <T extends @Nullable Object> void copyToFuture(
            Future<T> future, T value, @Nullable Throwable failure) {
        if (future.isDone()) {
            return; // cancelled meanwhile
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            future.complete(Future.State.FINISHED, value);
        } else if (cause instanceof CancellationException) {
            future.cancel(new CancelReason(cause.getMessage(), "a CompletionStage", null));
        } else {
            future.fail(cause);
        }
    }
}
