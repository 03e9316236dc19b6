package asyncio;

import asyncio.fiber.Fiber;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A blocking body for whose length a task's own thread is away from the loop, and the future that
/// the task waits for meanwhile.
///
/// Threads: the task's own thread, on the loop and away from it; [#cancel(CancelReason)] and the
/// admission on the loop, [#getAsBoolean()] on any thread.
///
/// @param <T> the result of the body
final class BlockingCall<T extends @Nullable Object> extends Future<@Nullable Void>
        implements BooleanSupplier, WorkerCall {
    /*
     *   PENDING --the thread has left--> AWAY --the body ends--> OVER
     *      |                               |  cancel: interrupts
     *      +------cancel, then: the body does not begin---> OVER
     *
     * The future becomes done when the loop admits the thread; that is what makes the task ready. It is never cancelled:
     * a thread cannot be left behind. Who asked is remembered instead, and the error raised when the thread is back,
     * by the task if it has taken note of the request, else here.
     */
    private final Body<T> body;
    private final Fiber fiber;
    private final Thread thread = Thread.currentThread();
    private @Nullable CancelReason asked; // by the first cancel; guarded by this
    private boolean running; // the body is going on: interrupts are for it; guarded by this
    private boolean interrupted; // by cancel; guarded by this

    private BlockingCall(EventLoop loop, Fiber fiber, Body<T> body) {
        super(loop);
        this.fiber = fiber;
        this.body = body;
    }

    /// Runs the body away from the loop, in the current task, when the limiter lets it; null is the
    /// loop's.
    static <T extends @Nullable Object> T run(Body<T> body, @Nullable CapacityLimiter limiter) {
        Task<?> task = Task.required();
        Fiber fiber = Objects.requireNonNull(Fiber.current(), "fiber");
        BlockingCall<T> call = new BlockingCall<>(task.loop(), fiber, body);
        CapacityLimiter bound = limiter != null ? limiter : task.loop().blockingLimiter();
        if (!bound.tryAcquireFor(call)) {
            Asyncio.await(bound.acquireFor(call));
        }
        try {
            return call.run(task);
        } finally {
            if (!fiber.isStranded()) { // else the loop is closed, and this is not its thread
                bound.releaseFor(call);
            }
        }
    }

    @SuppressWarnings("NullAway") // without a failure, the value is the T that the body returned
    private T run(Task<?> task) {
        Context context = task.step().context;
        T value = null;
        Throwable failure = null;
        task.depart(fiber, this);
        try {
            if (begin()) {
                value = ScopedValue.where(WorkerCall.CURRENT, this).call(() -> context.runOutside(body));
            }
        } catch (Throwable e) {
            failure = e;
        }
        end();
        try {
            task.comeBack(fiber, this);
            CancelReason request = cancelRequest();
            if (request != null) {
                throw new CancelledError(request);
            }
        } catch (CancelledError e) {
            if (Task.isFatal(failure)) {
                throw Sneaky.rethrow(failure);
            }
            if (failure != null) {
                e.addSuppressed(failure);
            }
            throw e;
        }
        if (failure != null) {
            throw Sneaky.rethrow(failure);
        }
        return value;
    }

    private synchronized boolean begin() {
        running = asked == null;
        return running;
    }

    /// From here on nobody interrupts for our sake; an interrupt that came for it is taken back.
    private synchronized void end() {
        running = false;
        if (interrupted) {
            Thread.interrupted();
        }
    }

    @Override
    public synchronized @Nullable CancelReason cancelRequest() {
        return asked;
    }

    /// Interrupts the body. The call is not over before the body is, so this never succeeds.
    @Override
    boolean cancel(CancelReason reason) {
        if (isDone()) {
            return false;
        }
        synchronized (this) {
            if (asked == null) {
                asked = reason;
            }
            if (running) {
                interrupted = true;
                thread.interrupt();
            }
        }
        return false;
    }

    /// Tells the loop that the thread waits to be admitted; false if the loop is closed.
    @Override
    public boolean getAsBoolean() {
        return loop().core.submit(new BareJob(this::admit));
    }

    private void admit() {
        if (!isDone() && fiber.admit()) { // done: announced twice, and the thread may be away for another call by now
            complete(State.FINISHED, null);
        }
    }

    @Override
    String describe() {
        return "a blocking call of " + Names.of(body);
    }

    @Override
    public WaitKind waitKind() {
        return WaitKind.BLOCKING;
    }

    @Override
    public String toString() {
        return "<Future " + describe() + " " + stateWords() + ">";
    }
}
