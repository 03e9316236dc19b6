package asyncio;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The way from synchronous code into a loop: a thread calls, a coroutine runs on the loop, the thread
/// waits for its result.
///
/// [#start()] runs a loop on a thread of its own, for programs that have none. [#to(EventLoop)] leads
/// from worker threads back into a loop that runs already.
///
/// Interrupts: a thread that is interrupted while it waits cancels what it waits for and waits for the
/// end of that; then it gets a [CancelledError], with its interrupt status set. A second interrupt
/// leaves at once.
///
/// Threads: any thread; what waits must not be called on the loop's own.
public final class BlockingPortal implements AutoCloseable {
    /*
     *   open --close--> closing (calls end, then resources are cancelled) --> closed (the loop's thread has ended)
     *        --the loop ends early--> closing
     *
     * Each call is in `calls` from before the loop hears of it until its task is over, also if its caller has left: this
     * is what close() waits for. A loop that closes completes all of them: those that are queued are abandoned, and the
     * end of a task is told in any case.
     */
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final EventLoop loop;
    private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock(); // guards the fields below it
    private final Condition fewer = lock.newCondition(); // a call is over
    private final List<PortalCall<?>> calls = new ArrayList<>(); // that are not over
    private final List<PortalCall<?>> resources = new ArrayList<>(); // likewise; not in `calls`
    private boolean closed; // takes no more calls
    private boolean closeCalled; // else what ended the loop may still have to be thrown
    private volatile @Nullable Throwable failure; // what ended the loop early; written by its thread
    private volatile @Nullable Throwable delivered; // a fatal failure that a call threw; written by the loop
    private @Nullable Thread thread; // the loop's own; null if the loop is somebody else's
    private @Nullable Future<@Nullable Void> stopped; // ends the loop's main task; loop-confined

    private BlockingPortal(EventLoop loop) {
        this.loop = loop;
    }

    /// Runs a loop with default options on a thread of its own, until [#close()].
    ///
    /// @return a portal into it
    public static BlockingPortal start() {
        return start(RunOptions.defaults());
    }

    /// Runs a loop on a thread of its own, until [#close()].
    ///
    /// The thread is a daemon: a portal that was forgotten does not keep the JVM from ending. Ctrl-C is
    /// left alone, whatever the options say: the program around this has its own idea of it.
    ///
    /// @param options how the loop is made
    /// @return a portal into it
    /// @throws IllegalStateException if the loop cannot run so
    public static BlockingPortal start(RunOptions options) {
        Runner runner = Runner.create(options.handlesInterrupt(false));
        BlockingPortal portal = new BlockingPortal(runner.getLoop());
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("asyncio-portal-" + COUNTER.incrementAndGet())
                .unstarted(() -> portal.serve(runner));
        portal.thread = thread;
        try {
            thread.start();
        } catch (Throwable e) { // no more threads
            portal.loop.close();
            throw e;
        }
        try {
            portal.started.join();
        } catch (CompletionException e) {
            throw Sneaky.rethrow(Objects.requireNonNullElse(e.getCause(), e));
        }
        return portal;
    }

    /// A portal into a loop that runs on another thread, and that belongs to somebody else: for code that
    /// `toThread` runs.
    ///
    /// Closing it waits for its calls, and leaves the loop alone.
    ///
    /// @param loop the loop, which runs or will run
    /// @return a new portal
    public static BlockingPortal to(EventLoop loop) {
        return new BlockingPortal(Objects.requireNonNull(loop, "loop must not be null"));
    }

    /// On the portal's own thread: the whole life of the loop.
    private void serve(Runner runner) {
        try (runner) {
            serveUntilStopped(runner);
        } catch (Throwable e) { // of the shutdown
            endedBy(e);
        } finally {
            Throwable early = failure;
            started.completeExceptionally(early != null ? early : new IllegalStateException("the loop did not begin"));
        }
    }

    private void serveUntilStopped(Runner runner) {
        try {
            runner.run(Asyncio.async(() -> {
                Future<@Nullable Void> end = loop.createFuture(WaitKind.FUTURE, "the end of " + this);
                stopped = end;
                started.complete(null);
                end.await();
            }));
        } catch (Throwable e) { // known before the shutdown cancels the calls: they are told why
            endedBy(e);
        }
    }

    private void endedBy(Throwable early) {
        if (failure == null) {
            failure = early;
        }
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /// The loop behind this portal.
    ///
    /// @return the loop
    public EventLoop loop() {
        return loop;
    }

    /// Runs a coroutine's code on the loop, in a copy of the caller's context, and waits for its end.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return its result
    /// @throws CancelledError if the code was cancelled, or the calling thread interrupted; if it is when
    ///     this is called, nothing runs
    /// @throws IllegalStateException if the portal is closed, its loop has ended, or on the thread of its
    ///     loop, where this would wait for itself
    /// @throws RuntimeException or whatever else the code fails with, as it is, also if it is checked
    public <T extends @Nullable Object> T call(Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        ensureElsewhere("call");
        if (Thread.currentThread().isInterrupted()) {
            throw new CancelledError(interruption());
        }
        PortalCall<T> call = new PortalCall<>(this, body);
        send(call, calls);
        return await(call, call.result);
    }

    /// Runs a coroutine's code without a result on the loop, as [#call(Body)].
    ///
    /// @param body the code
    public void call(VoidBody body) {
        call(Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// Starts a coroutine's code on the loop, in a copy of the caller's context, and waits for nothing.
    ///
    /// Cancelling what is returned cancels the task, without waiting for it; [#close()] does wait.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return its result, for any thread
    /// @throws IllegalStateException if the portal is closed, or its loop has ended
    public <T extends @Nullable Object> CompletableFuture<T> startTask(Body<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        PortalCall<T> call = new PortalCall<>(this, body);
        CompletableFuture<T> view = new CompletableFuture<>();
        var _ = call.result.whenComplete((value, thrown) -> {
            if (thrown == null) {
                view.complete(value);
            } else if (thrown instanceof CancelledError) {
                view.cancel(false);
            } else if (!view.completeExceptionally(thrown)) { // cancelled before: nobody else would hear of it
                loop.callExceptionHandler(
                        ExceptionContext.of("a task of a portal failed after it was cancelled", thrown));
            }
        });
        var _ = view.whenComplete((value, thrown) -> {
            if (view.isCancelled()) {
                call.cancel(new CancelReason(null, "a CompletableFuture", null));
            }
        });
        send(call, calls);
        return view;
    }

    /// Starts a coroutine's code without a result, as [#startTask(Body)].
    ///
    /// @param body the code
    /// @return its end, for any thread
    public CompletableFuture<@Nullable Void> startTask(VoidBody body) {
        return startTask(Objects.requireNonNull(body, "body must not be null").returningNull());
    }

    /// Acquires something by coroutines, for synchronous code: for try-with-resources.
    ///
    /// The code acquires, emits the resource once, and releases what it has behind that. It runs in one
    /// task, which waits inside `emit` until [PortalResource#close()]; if the task is cancelled there,
    /// `emit` throws [CancelledError], so release in `finally`.
    ///
    /// @param body the code
    /// @param <T> what it emits
    /// @return the resource, which is there
    /// @throws IllegalStateException if the code ends without emitting, or as [#call(Body)]
    /// @throws CancelledError as [#call(Body)]
    /// @throws RuntimeException or whatever else the code fails with, as it is
    public <T> PortalResource<T> open(GeneratorBody<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        ensureElsewhere("open");
        if (Thread.currentThread().isInterrupted()) {
            throw new CancelledError(interruption());
        }
        PortalResource<T> resource = new PortalResource<>(this, body);
        send(resource.call(), resources);
        resource.awaitOpen();
        if (Thread.currentThread().isInterrupted()) { // perhaps cancelled as it emitted
            resource.close();
            throw new CancelledError(interruption());
        }
        return resource;
    }

    private void send(PortalCall<?> call, List<PortalCall<?>> kind) {
        lock.lock();
        try {
            if (closed) {
                throw gone();
            }
            kind.add(call);
        } finally {
            lock.unlock();
        }
        if (!loop.core.submit(call)) {
            over(call);
            throw gone();
        }
    }

    private IllegalStateException gone() {
        Throwable early = failure;
        return new IllegalStateException(
                early != null
                        ? "the portal's loop has ended: " + early + "; start another portal"
                        : loop.isClosed()
                                ? "Event loop is closed: " + loop + "; start another portal"
                                : "the portal takes no more calls: " + this + "; start another portal",
                early);
    }

    /// Waits for a call, or for what it emits; an interrupt cancels the call.
    <T extends @Nullable Object> T await(PortalCall<?> call, CompletableFuture<T> awaited) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return awaited.get();
                } catch (InterruptedException e) {
                    boolean again = interrupted;
                    interrupted = true;
                    giveUp(call, again);
                }
            }
        } catch (ExecutionException e) {
            throw Sneaky.rethrow(Objects.requireNonNullElse(e.getCause(), e));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void giveUp(PortalCall<?> call, boolean atOnce) {
        CancelReason reason = interruption();
        if (atOnce) {
            throw new CancelledError(reason);
        }
        call.cancel(reason);
    }

    private static CancelReason interruption() {
        String name = Thread.currentThread().getName();
        return new CancelReason("the calling thread was interrupted", "thread " + name, null);
    }

    void ensureElsewhere(String operation) {
        if (Current.loop() == loop) {
            throw new IllegalStateException(operation + " must not be called on the loop's own thread: " + loop
                    + " would wait for itself; await the coroutine instead");
        }
    }

    /// By the loop: a call is over.
    void over(PortalCall<?> call) {
        lock.lock();
        try {
            if (!calls.remove(call)) {
                resources.remove(call);
            }
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// By the loop: a call throws this.
    void delivers(Throwable thrown) {
        if (Task.isFatal(thrown)) {
            delivered = thrown;
        }
    }

    /// Why a call was cancelled, if nobody asked for it: the loop has ended.
    Throwable explain(CancelledError cancelled) {
        Throwable early = failure;
        return early == null || early instanceof CancelledError ? cancelled : gone();
    }

    /// Cancels all calls, tasks and resources of this portal, and waits for none of them.
    public void cancelAll() {
        List<PortalCall<?>> all;
        lock.lock();
        try {
            all = new ArrayList<>(calls);
            all.addAll(resources);
        } finally {
            lock.unlock();
        }
        all.forEach(call -> call.cancel(CancelReason.here("the portal cancels its calls", loop.isDebug())));
    }

    /// Takes no more calls, waits for those that run, cancels the resources that are open and waits for
    /// them; then ends the loop and its thread, if they are this portal's own. Does nothing the second
    /// time.
    ///
    /// To be quicker, call [#cancelAll()] before, or interrupt the thread that waits here, which does the
    /// same. A second interrupt leaves at once; the loop then ends on its own.
    ///
    /// @throws IllegalStateException on the thread of the portal's loop, where this would wait for itself
    /// @throws SystemExit if a task ended the loop with it, and no call threw it
    /// @throws KeyboardInterrupt as above
    @Override
    public void close() {
        ensureElsewhere("close");
        boolean first = stopTaking();
        boolean interrupted = false;
        boolean over = false;
        try {
            while (!over) {
                try {
                    awaitEnd();
                    over = true;
                } catch (InterruptedException e) {
                    over = interrupted;
                    interrupted = true;
                    hurry(over);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Throwable early = failure;
        if (first && Task.isFatal(early) && early != delivered) {
            throw Sneaky.rethrow(Objects.requireNonNull(early));
        }
    }

    private void hurry(boolean leave) {
        if (leave) {
            endLoop();
        } else {
            cancelAll();
        }
    }

    /// False if close() was called before.
    private boolean stopTaking() {
        lock.lock();
        try {
            boolean first = !closeCalled;
            closeCalled = true;
            closed = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!calls.isEmpty()) {
                fewer.await();
            }
            for (PortalCall<?> open : resources) {
                open.cancelOnce(CancelReason.here("the portal is closed", loop.isDebug()));
            }
            while (!resources.isEmpty()) {
                fewer.await();
            }
        } finally {
            lock.unlock();
        }
        endLoop();
        Thread own = thread;
        if (own != null) {
            own.join();
        }
    }

    private void endLoop() {
        if (thread != null) {
            loop.core.submit(new BareJob(() -> {
                Future<@Nullable Void> end = stopped;
                if (end != null && !end.isDone()) {
                    end.setResult(null);
                }
            }));
        }
    }

    @Override
    public String toString() {
        lock.lock();
        try {
            return "<BlockingPortal " + (closed ? "closed" : "open") + " loop=" + loop.name() + " calls=" + calls.size()
                    + " resources=" + resources.size() + ">";
        } finally {
            lock.unlock();
        }
    }
}
