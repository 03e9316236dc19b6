package asyncio;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// A piece of work on an executor that may send it to another JVM.
///
/// Threads: [#start] on the loop, [#run()] on a thread of its own.
///
/// @param <T> the result
final class RemoteCall<T extends @Nullable Object> implements Runnable {
    /*
     * Such executors may block in submit() (while they serialize, or to slow down who submits too fast), in get() and in
     * cancel() (which is a message, too). So a virtual thread does all three, and the loop waits for none of them.
     *
     * cancel and run each write their own field, then read the other's: one of them sees both.
     */
    private final ExecutorService service;
    private final Callable<T> work;
    private final Future<T> future;
    private volatile boolean cancelled; // by the loop
    private volatile java.util.concurrent.@Nullable Future<T> sent; // by the thread

    private RemoteCall(EventLoop loop, ExecutorService service, Body<T> body) {
        this.service = service;
        work = SentBody.of(body);
        future = loop.createFuture(WaitKind.EXECUTOR, "an executor running " + Names.of(body));
    }

    /// Whether the work is to be sent: the code can be, and the executor is not one of the JDK's, which
    /// all run it here.
    static boolean suits(Executor executor, Body<?> body) {
        return body instanceof Serializable
                && executor instanceof ExecutorService
                && executor.getClass().getModule() != Object.class.getModule();
    }

    static <T extends @Nullable Object> Future<T> start(EventLoop loop, ExecutorService service, Body<T> body) {
        if (service.isShutdown()) {
            throw new RejectedExecutionException(
                    service + " takes no more work: it was shut down; give the work to another executor");
        }
        RemoteCall<T> call = new RemoteCall<>(loop, service, body);
        call.future.whenDone(new BareJob(call::futureDone));
        DefaultExecutor.startWaiter(call);
        return call.future;
    }

    /// On the loop: the future has an outcome; if it was cancelled, the work is not wanted any more.
    private void futureDone() {
        if (future.isCancelled()) {
            cancelled = true;
            java.util.concurrent.Future<T> away = sent;
            if (away != null && !away.isDone()) {
                DefaultExecutor.startWaiter(() -> away.cancel(true));
            }
        }
    }

    @Override
    public void run() {
        if (cancelled) {
            return;
        }
        try {
            java.util.concurrent.Future<T> away = service.submit(work);
            sent = away;
            if (cancelled) {
                away.cancel(true);
            } else if (away instanceof CompletionStage<?>) {
                @SuppressWarnings("unchecked") // one object, so one result
                CompletionStage<T> stage = (CompletionStage<T>) away;
                var _ = stage.whenComplete(this::deliver);
            } else {
                deliver(away.get(), null);
            }
        } catch (InterruptedException e) { // by the executor's own code: the loop does not interrupt this thread
            fail(e);
        } catch (Throwable e) {
            fail(e);
        }
    }

    @SuppressWarnings("NullAway") // a failure has no value
    private void fail(Throwable failure) {
        deliver(null, failure);
    }

    /// On any thread.
    private void deliver(T value, @Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause != null && isWrapper(cause) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        Throwable thrown = cause;
        future.loop().core.submit(new BareJob(() -> complete(value, thrown)));
    }

    /// Exactly these: a subclass is somebody's failure, such as that of a member that has left.
    private static boolean isWrapper(Throwable failure) {
        return failure.getClass() == ExecutionException.class || failure.getClass() == CompletionException.class;
    }

    private void complete(T value, @Nullable Throwable failure) {
        if (future.isDone()) {
            return; // cancelled meanwhile
        }
        if (failure == null) {
            future.complete(Future.State.FINISHED, value);
        } else if (failure instanceof CancellationException) {
            future.cancel(new CancelReason(failure.getMessage(), "the executor", null));
        } else {
            future.fail(failure);
        }
    }
}
