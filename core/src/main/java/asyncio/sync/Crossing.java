package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// An operation of another thread on its way to a loop and back.
///
/// Threads: made and awaited on the other thread; the operation runs on the loop.
///
/// @param <T> the result
final class Crossing<T extends @Nullable Object> {
    /*
     * The stage is completed once: by the operation, at the moment at which it takes effect, or by the other side, which
     * gives up. Whoever is second changes nothing. So an operation that was interrupted, timed out or cancelled has had
     * no effect, and one that had an effect is never reported otherwise.
     */
    private final CompletableFuture<T> stage = new CompletableFuture<>();

    private Crossing() {}

    /// Starts an operation, which completes the stage that it is given.
    static <T extends @Nullable Object> Crossing<T> start(EventLoop loop, Operation<T> operation) {
        Crossing<T> crossing = new Crossing<>();
        CompletableFuture<T> stage = crossing.stage;
        CompletableFuture<@Nullable Void> task =
                Asyncio.runCoroutineThreadsafe(Asyncio.async(() -> operation.run(stage)), loop);
        var _ = task.whenComplete((nothing, failure) -> {
            if (failure instanceof CancellationException) {
                stage.completeExceptionally(new IllegalStateException("Event loop is closed: " + loop
                        + " was closed, or cancelled the operation, before it was done"));
            } else if (failure != null) {
                stage.completeExceptionally(failure);
            }
        });
        var _ = stage.whenComplete((value, failure) -> {
            if (failure != null) {
                task.cancel(false); // the other side gave up: nobody shall wait in vain
            }
        });
        return crossing;
    }

    /// Fails where the calling code would wait for itself.
    static void ensureElsewhere(EventLoop loop, String operation) {
        if (loop.isCurrent()) {
            throw new IllegalStateException(operation + " would block the thread of " + loop
                    + ", which has to do the work: await the coroutine of the same name instead, without threadSafe()");
        }
    }

    CompletableFuture<T> stage() {
        return stage;
    }

    /// Waits without limit.
    T await() throws InterruptedException {
        try {
            return stage.get();
        } catch (InterruptedException e) {
            giveUp(e);
            return outcome();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /// Waits for a time; empty when that is over.
    Optional<T> await(Duration limit) throws InterruptedException {
        return awaitDone(limit) ? Optional.ofNullable(outcome()) : Optional.empty();
    }

    /// Waits for a time; false when that is over.
    boolean awaitDone(Duration limit) throws InterruptedException {
        try {
            var _ = stage.get(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            if (stage.cancel(false)) {
                return false;
            }
            var _ = outcome(); // too late: it has taken effect, or failed
        } catch (InterruptedException e) {
            giveUp(e);
        } catch (ExecutionException e) {
            throw failure(e);
        }
        return true;
    }

    private void giveUp(InterruptedException interrupt) throws InterruptedException {
        if (stage.cancel(false)) {
            throw interrupt;
        }
        Thread.currentThread().interrupt(); // too late: it has taken effect, or failed
        var _ = outcome();
    }

    private T outcome() {
        try {
            return stage.join();
        } catch (CompletionException e) {
            throw failure(e);
        }
    }

    /// The loop's failure, thrown on this thread: as it is, with this thread's stack below it.
    private static RuntimeException failure(Exception e) {
        Throwable cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }

    /// What is done on the loop.
    ///
    /// @param <T> the result
    @FunctionalInterface
    interface Operation<T extends @Nullable Object> {
        /// Completes the stage when it takes effect, unless that is done already; then nothing.
        void run(CompletableFuture<T> stage);
    }
}
