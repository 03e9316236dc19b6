package asyncio;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A piece of work on an executor, and the future that gets its outcome.
///
/// Threads: [#start(Executor)] on the loop, [#run()] on the executor's thread.
///
/// @param <T> the result
final class ExecutorCall<T extends @Nullable Object> implements Runnable {
    private static final Object CANCELLED = new Object();

    private final Body<T> body;
    private final boolean interruptible;
    private final Future<T> future;
    /// null: queued; a thread: runs there; CANCELLED: the future was cancelled first; this: ended.
    private final AtomicReference<@Nullable Object> runner = new AtomicReference<>();

    private ExecutorCall(EventLoop loop, Body<T> body, boolean interruptible) {
        this.body = body;
        this.interruptible = interruptible;
        future = loop.createFuture(WaitKind.EXECUTOR, "a thread running " + Names.of(body));
    }

    static <T extends @Nullable Object> Future<T> start(
            EventLoop loop, Executor executor, Body<T> body, boolean interruptible) {
        ExecutorCall<T> call = new ExecutorCall<>(loop, body, interruptible);
        call.future.whenDone(new BareJob(call::futureDone));
        try {
            executor.execute(call);
        } catch (RejectedExecutionException e) {
            call.future.cancel(); // nobody will complete it
            throw e;
        }
        return call.future;
    }

    /// On the loop: the future has an outcome; if it was cancelled, the work need not begin.
    private void futureDone() {
        if (future.isCancelled() && !runner.compareAndSet(null, CANCELLED) && interruptible) {
            synchronized (this) { // else the interrupt might hit what the thread does next
                if (runner.get() instanceof Thread thread) {
                    thread.interrupt();
                }
            }
        }
    }

    @Override
    @SuppressWarnings("NullAway") // without a failure, the value is the T that the body returned
    public void run() {
        if (!runner.compareAndSet(null, Thread.currentThread())) {
            return;
        }
        T value = null;
        Throwable failure = null;
        try {
            value = body.run();
        } catch (Throwable e) {
            failure = e;
        }
        synchronized (this) {
            runner.set(this); // from here on nobody interrupts
        }
        T result = value;
        Throwable thrown = failure;
        future.loop().core.submit(new BareJob(() -> complete(result, thrown)));
    }

    private void complete(T value, @Nullable Throwable failure) {
        if (value instanceof Coroutine<?> coroutine) {
            future.loop().coroutines.created(coroutine); // reported if nobody awaits it: it has not run (DBG-4)
        }
        if (!future.isDone()) {
            if (failure != null) {
                future.fail(failure);
            } else {
                future.complete(Future.State.FINISHED, value);
            }
        }
    }
}
