package asyncio;

import java.io.NotSerializableException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A piece of work on an executor of this JVM, and the future of its outcome.
///
/// Threads: loop-confined; [#run()] on the executor's thread, [#cancelRequest()] on any.
///
/// @param <T> the result
final class ExecutorCall<T extends @Nullable Object> extends Future<T> implements Runnable, WorkerCall {
    /*
     *   queued --run--> running on a thread --body ends--> ended
     *          --cancel--> never begins
     *
     * `runner` holds this state; the future's own is apart from it: whoever is cancelled may leave while the body still
     * runs. The limiter's token is given back at the end of this one, by the loop.
     */
    private static final Object CANCELLED = new Object();

    private final Body<T> body;
    private final @Nullable Context context; // in which the body runs; null: the thread's own
    private final ThreadOptions options;
    /// null: queued; a thread: runs there; CANCELLED: the call was cancelled first; this: ended.
    private final AtomicReference<@Nullable Object> runner = new AtomicReference<>();

    private volatile @Nullable CancelReason request; // the first one; written by the loop, read by the thread
    private boolean holdsToken; // loop-confined

    private ExecutorCall(EventLoop loop, Body<T> body, @Nullable Context context, ThreadOptions options) {
        super(loop);
        this.body = body;
        this.context = context;
        this.options = options;
    }

    /// Gives work to an executor.
    static <T extends @Nullable Object> Future<T> submit(EventLoop loop, Executor executor, Body<T> body) {
        ExecutorCall<T> call = new ExecutorCall<>(loop, body, null, ThreadOptions.DEFAULT);
        call.giveTo(executor);
        return call;
    }

    /// In a task: runs work on the default executor, in a copy of the task's context, and waits for it.
    static <T extends @Nullable Object> T await(EventLoop loop, Body<T> body, ThreadOptions options) {
        ExecutorCall<T> call = new ExecutorCall<>(loop, body, Context.copyOfCurrent(), options);
        CapacityLimiter limiter = options.limiter();
        if (limiter != null) {
            Asyncio.await(limiter.acquireFor(call));
            call.holdsToken = true;
        }
        try {
            call.giveTo(loop.defaultExecutor());
        } catch (Throwable e) {
            call.returnToken();
            throw e;
        }
        try {
            return call.await();
        } catch (CancelledError e) {
            Throwable failure = call.retrieveFailure(); // of work that was waited for nevertheless
            if (failure != null && failure != e) {
                e.addSuppressed(failure);
            }
            throw e;
        }
    }

    private void giveTo(Executor executor) {
        try {
            executor.execute(this);
        } catch (Throwable e) {
            super.cancel(
                    new CancelReason("the executor refused the work", "the executor", null)); // nobody completes it
            throw isNotSerializable(e)
                    ? new IllegalArgumentException(
                            "body must be Serializable for "
                                    + executor.getClass().getName()
                                    + ", which sends work away: got "
                                    + Names.of(body) + "; write (Body<T> & Serializable) () -> ..., or a class",
                            e)
                    : Sneaky.rethrow(e);
        }
    }

    private static boolean isNotSerializable(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotSerializableException) {
                return true;
            }
        }
        return false;
    }

    /// The work has not begun: it never will. It is running: it learns of it, and its caller leaves,
    /// unless it was to wait.
    @Override
    boolean cancel(CancelReason reason) {
        if (isDone()) {
            return false;
        }
        boolean first = request == null;
        if (first) {
            request = reason;
        }
        if (runner.compareAndSet(null, CANCELLED)) {
            returnToken();
            return super.cancel(reason);
        }
        if (first && options.interruptible()) {
            interrupt();
        }
        return !options.awaited() && super.cancel(reason);
    }

    private void interrupt() {
        synchronized (runner) { // else the interrupt might hit what the thread does next
            if (runner.get() instanceof Thread thread) {
                thread.interrupt();
            }
        }
    }

    @Override
    public @Nullable CancelReason cancelRequest() {
        return request;
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
            Body<T> work = context == null ? body : () -> context.run(body);
            value = ScopedValue.where(CURRENT, this).<T, Exception>call(work::run);
        } catch (Throwable e) {
            failure = e;
        }
        synchronized (runner) {
            runner.set(this); // from here on nobody interrupts
        }
        T result = value;
        Throwable thrown = failure;
        loop().core.submit(new BareJob(() -> ended(result, thrown)));
    }

    private void ended(T value, @Nullable Throwable failure) {
        returnToken();
        if (value instanceof Coroutine<?> coroutine) {
            loop().coroutines.created(coroutine); // reported if nobody awaits it: it has not run (DBG-4)
        }
        if (!isDone()) {
            if (failure == null) {
                complete(State.FINISHED, value);
            } else if (failure instanceof CancelledError) { // of checkCancelled(), or of a call into a loop
                complete(State.CANCELLED, failure);
            } else {
                fail(failure);
            }
        }
    }

    private void returnToken() {
        CapacityLimiter limiter = options.limiter();
        if (holdsToken && limiter != null) {
            holdsToken = false;
            limiter.releaseFor(this);
        }
    }

    @Override
    String describe() {
        return "a thread running " + Names.of(body);
    }

    @Override
    public WaitKind waitKind() {
        return WaitKind.EXECUTOR;
    }

    @Override
    public String toString() {
        return "<Future " + describe() + " " + stateWords() + ">";
    }
}
