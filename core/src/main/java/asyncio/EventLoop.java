package asyncio;

import asyncio.fiber.EngineKind;
import asyncio.fiber.FiberEngine;
import asyncio.loop.Check;
import asyncio.loop.Diagnostics;
import asyncio.loop.LoopCore;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The scheduler: runs callbacks, timers and tasks, one at a time, on one thread.
///
/// Most programs use [Asyncio#run(Coroutine)], which makes a loop, runs one coroutine and closes
/// the loop. Inside, [Asyncio#getRunningLoop()] gives it.
///
/// Order: what is scheduled runs first-in first-out, each once; a step that is going on is never
/// interrupted by another.
///
/// Threads: loop-confined, but for [#callSoonThreadsafe(Runnable)], [#isRunning()], [#isClosed()],
/// [#time()] and what says so. Use on any other thread while the loop runs is an error that names
/// both threads (AS201). A loop that does not run may be used by the one thread that owns it.
///
/// Cancellation: no method here suspends, except that of the coroutines that some of them return.
public final class EventLoop implements AutoCloseable {
    private static final int BLOCKING_CALLS = 40; // at a time, unless the limiter is changed
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final AtomicBoolean ADVISED = new AtomicBoolean(); // the missing flag is logged once

    private static final Set<EventLoop> OPEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    final LoopCore core;
    final Diagnostics diagnostics;
    final TaskList tasks = new TaskList();
    final CoroutineTracker coroutines = new CoroutineTracker(this);
    final FailureTracker failures = new FailureTracker(this);
    final GeneratorRegistry generators = new GeneratorRegistry(this);
    int cancelledScopes; // entered and cancelled: none means that no suspension need look

    @Nullable
    Holdings holdings; // debug mode only

    final Set<Future<?>> bridged = new HashSet<>(); // pending, with a view for other threads
    private final String name;
    private final DefaultExecutor executor;
    private final DebugMode debugMode;
    final OpenChannels channels = new OpenChannels();
    final Map<LoopLocal<?>, Object> locals = new HashMap<>(); // keys have no equals of their own
    private final ChannelWatches watches = new ChannelWatches(this);
    private final SignalHandlers signalHandlers = new SignalHandlers(this);
    private @Nullable CapacityLimiter blockingLimiter; // made at first use
    private @Nullable TaskFactory taskFactory; // null: Task.create
    private @Nullable ExceptionHandler exceptionHandler; // null: defaultExceptionHandler

    private EventLoop(LoopOptions options) {
        String given = options.name();
        name = given != null ? given : "Loop-" + COUNTER.incrementAndGet();
        diagnostics = new Diagnostics(options::logger, name);
        core = new LoopCore(
                options.engineKind(),
                options.clock(),
                options.newPoller(),
                options.newReadyOrder(),
                options.stepClock(),
                this::sweep);
        executor = new DefaultExecutor(this, options.workerThreads());
        debugMode = new DebugMode(this);
        debugMode.set(options.isDebug());
        OPEN.add(this);
    }

    /// The loops of this JVM that were not closed. May be called on any thread.
    ///
    /// @return the loops, in no order
    public static List<EventLoop> openLoops() {
        synchronized (OPEN) {
            return List.copyOf(OPEN);
        }
    }

    /// Makes a loop, which does not run yet. Whoever makes it closes it.
    ///
    /// @param options what it is made of
    /// @return a new loop
    public static EventLoop create(LoopOptions options) {
        return new EventLoop(options);
    }

    /// Makes a loop with the default options.
    ///
    /// @return a new loop
    public static EventLoop create() {
        return create(LoopOptions.defaults());
    }

    /// The loop that runs the calling code.
    ///
    /// @return the loop
    /// @throws IllegalStateException if none does
    static EventLoop running() {
        EventLoop loop = Current.loop();
        if (loop == null) {
            throw new IllegalStateException("no running event loop: " + Thread.currentThread()
                    + " runs no loop's code; call this inside a coroutine or callback, or start one with run(...)");
        }
        return loop;
    }

    private void sweep() {
        coroutines.sweep();
        failures.sweep();
        generators.sweep();
    }

    /// The loop's name.
    ///
    /// @return what the options said, or `Loop-N`
    public String name() {
        return name;
    }

    /// The loop's time: monotonic, from an arbitrary origin. May be called on any thread.
    ///
    /// @return the time
    public Duration time() {
        return Duration.ofNanos(core.nanoTime());
    }

    /// How many iterations have begun: two moments with the same number lie within one turn.
    ///
    /// @return the number
    public long iterationCount() {
        return core.iterationCount();
    }

    // Running

    /// Runs until [#stop()] is called.
    ///
    /// @throws IllegalStateException if the loop runs or is closed, or another loop runs the
    ///     calling code
    /// @throws SystemExit if a task or callback threw it; the loop can be run again
    /// @throws KeyboardInterrupt if a task or callback threw it; the loop can be run again
    public void runForever() {
        ensureRunnable();
        adviseOnce();
        try {
            debugMode.runBegins();
            core.run();
        } catch (Throwable e) {
            throw Sneaky.rethrow(e);
        } finally {
            debugMode.runEnds();
        }
    }

    /// Runs one iteration: for code that has a loop of its own, and drives this one from there.
    ///
    /// Waits until something is ready, but not longer than the timeout, then runs what is ready, once.
    /// The loop counts as running only inside this call. Always on the same thread, if that can be. See
    /// [GuestRun] for a loop on top of another one that must not wait.
    ///
    /// @param timeout how long to wait at most; zero or less: only looks; 292 years or more: for ever
    /// @return false if [#stop()] was called
    /// @throws IllegalStateException if the loop runs or is closed, or another loop runs the
    ///     calling code
    /// @throws SystemExit if a task or callback threw it; the loop can be run again
    /// @throws KeyboardInterrupt if a task or callback threw it; the loop can be run again
    public boolean runOnce(Duration timeout) {
        long timeoutNanos = Math.max(0, Durations.nanos(timeout, "timeout"));
        ensureRunnable();
        adviseOnce();
        try {
            debugMode.runBegins();
            return core.runOnce(timeoutNanos);
        } catch (Throwable e) {
            throw Sneaky.rethrow(e);
        } finally {
            debugMode.runEnds();
        }
    }

    /// Begins or ends what debug mode sees as one run, for a run that is made of many.
    void watchRun(boolean begins) {
        if (begins) {
            debugMode.runBegins();
        } else {
            debugMode.runEnds();
        }
    }

    private void ensureRunnable() {
        checkOpen();
        EventLoop here = Current.loop();
        if (core.isRunning()) {
            throw new IllegalStateException("This event loop is already running: " + this
                    + (here == this ? "; await instead" : " on " + core.loopThread()) + " (AS204)");
        }
        if (here != null) {
            throw new IllegalStateException("Cannot run the event loop while another loop is running: " + here
                    + " runs the calling code; await instead, or run this loop on a thread of its own (AS204)");
        }
    }

    private void adviseOnce() {
        if (core.engine() == null && !FiberEngine.obstacle().isEmpty() && !ADVISED.getAndSet(true)) {
            diagnostics.info("asyncio runs on the baton engine: " + FiberEngine.obstacle());
        }
    }

    /// Runs until an awaitable is done.
    ///
    /// @param awaitable a future of this loop, or a coroutine, which is made a task
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException if the loop runs or is closed, another loop runs the calling
    ///     code, or [#stop()] ended the run first
    public <T extends @Nullable Object> T runUntilComplete(Awaitable<T> awaitable) {
        ensureRunnable();
        Future<T> future = ensureFuture(awaitable);
        boolean owned = future != awaitable;
        boolean[] over = {false}; // this run has ended: the stopper, if it is still queued, must not end the next one
        BareJob stopper = new BareJob(() -> {
            if (!over[0] && !Task.isFatal(future.state() == Future.State.FAILED ? future.failure().exception : null)) {
                core.stop(); // a fatal failure has ended the run already
            }
        });
        future.whenDone(stopper);
        try {
            runForever();
        } catch (Throwable e) {
            if (owned || (future.state() == Future.State.FAILED && future.failure().exception == e)) {
                future.retrieveFailure(); // the caller gets it
            }
            throw e;
        } finally {
            over[0] = true;
            future.forget(stopper);
        }
        if (!future.isDone()) {
            throw new IllegalStateException(
                    "Event loop stopped before Future completed.: " + future + "; run the loop again to go on");
        }
        return future.result();
    }

    /// Ends the run when the current iteration is over; what that adds stays queued. Before a run:
    /// after one iteration.
    public void stop() {
        checkThread("stop");
        core.stop();
    }

    /// Whether the loop runs. May be called on any thread.
    ///
    /// @return true inside [#runForever()], [#runUntilComplete(Awaitable)] and [#runOnce(Duration)]
    public boolean isRunning() {
        return core.isRunning();
    }

    /// Whether the calling code is run by this loop: code that is may not block for it. May be
    /// called on any thread.
    ///
    /// @return true inside a task or callback of this loop
    public boolean isCurrent() {
        return Current.loop() == this;
    }

    /// Whether the loop was closed. May be called on any thread.
    ///
    /// @return true after [#close()]
    public boolean isClosed() {
        return core.isClosed();
    }

    /// Closes the loop: drops what is queued without running it, unwinds suspended tasks, reports
    /// what was left (AS104).
    ///
    /// Does nothing the second time. The default executor takes no more work; its running work is
    /// not waited for.
    ///
    /// @throws IllegalStateException if the loop runs
    @Override
    public void close() {
        if (core.isRunning()) {
            throw new IllegalStateException("Cannot close a running event loop: " + this + "; stop it first");
        }
        if (core.isClosed()) {
            return;
        }
        OPEN.remove(this);
        reportPending();
        try {
            channels.closeAll(this);
            core.close();
        } finally {
            unwind();
        }
    }

    /// What close() does once nothing is accepted any more.
    private void unwind() {
        tasks.snapshot().forEach(Task::endSuspended);
        generators.abandonAll();
        for (Future<?> future : bridged) { // other threads wait for these
            future.cancel(CancelReason.LOOP_CLOSED);
            if (!future.isDone()) { // a gather, which would wait for its members
                future.complete(Future.State.CANCELLED, CancelReason.LOOP_CLOSED);
            }
        }
        bridged.clear();
        core.discard();
        watches.clear();
        signalHandlers.clear();
        closeLocals();
        executor.close();
        coroutines.close();
        debugMode.set(false);
        failures.close(); // last: a user's handler is told, and may throw
    }

    private void closeLocals() {
        List<Object> values = List.copyOf(locals.values());
        locals.clear();
        for (Object value : values) {
            if (value instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception e) {
                    logQuietly("Unhandled error while " + value + " was closed with its loop", e);
                }
            }
        }
    }

    private void reportPending() {
        List<Task<?>> pending = tasks.snapshot();
        if (!pending.isEmpty()) {
            StringBuilder text = new StringBuilder("closed with "
                    + (pending.size() == 1 ? "a task" : pending.size() + " tasks")
                    + " not done: their finally blocks run now, but they cannot await;"
                    + " cancel and await them before, as run(...) does");
            for (Task<?> task : pending) {
                text.append("\n  Task was destroyed but it is pending! ").append(task);
            }
            if (core.timerCount() > 0) {
                text.append("\n  timers: ").append(core.timerCount());
            }
            diagnostics.report(Check.AS104, "", text.toString());
        }
    }

    void checkOpen() {
        if (core.isClosed()) {
            throw new IllegalStateException("Event loop is closed: " + this + "; make a new one");
        }
    }

    /// Refuses a call that comes from a thread other than the loop's while the loop runs: for objects of
    /// your own that belong to a loop.
    ///
    /// @param operation the name of what was called
    /// @throws IllegalStateException on another thread (AS201)
    public void checkThread(String operation) {
        if (!core.isOnLoop()) {
            Thread owner = core.loopThread();
            throw new IllegalStateException(Check.AS201 + ": Non-thread-safe operation " + operation
                    + " invoked from thread \"" + Thread.currentThread().getName() + "\", but loop " + name
                    + " runs on \""
                    + (owner == null ? "another thread" : owner.getName())
                    + "\"; use callSoonThreadsafe(...) or runCoroutineThreadsafe(...)");
        }
    }

    void checkScheduling(String operation) {
        checkThread(operation);
        checkOpen();
    }

    // Callbacks and timers

    /// Runs a callback in the next iteration, after what is ready already, in a copy of the current
    /// context.
    ///
    /// @param callback the callback
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public Handle callSoon(Runnable callback) {
        return callSoon(callback, Context.copyOfCurrent());
    }

    /// Runs a callback in the next iteration, in a given context.
    ///
    /// @param callback the callback
    /// @param context the context, not copied
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public Handle callSoon(Runnable callback, Context context) {
        checkScheduling("callSoon");
        CallbackStep step = new CallbackStep(this, context, requireCallback(callback));
        core.enqueue(step);
        return new Handle(step);
    }

    /// Runs a callback on the loop, from any thread, in a copy of the caller's context. Wakes the
    /// loop.
    ///
    /// @param callback the callback
    /// @return by which any thread can cancel it, waiting if it runs at that moment
    /// @throws IllegalStateException if the loop is closed
    public Handle callSoonThreadsafe(Runnable callback) {
        return callSoonThreadsafe(callback, Context.copyOfCurrent());
    }

    /// Runs a callback on the loop, from any thread, in a given context. Wakes the loop.
    ///
    /// @param callback the callback
    /// @param context the context, not copied
    /// @return by which any thread can cancel it, waiting if it runs at that moment
    /// @throws IllegalStateException if the loop is closed
    public Handle callSoonThreadsafe(Runnable callback, Context context) {
        checkOpen();
        SharedCallbackStep step = new SharedCallbackStep(this, context, requireCallback(callback));
        Handle handle = new Handle(step);
        if (!core.submit(step)) {
            checkOpen();
        }
        return handle;
    }

    /// Runs a callback after a delay, in a copy of the current context.
    ///
    /// Never early. Equal deadlines run first-in first-out. Zero or less: after what is ready in
    /// the next iteration.
    ///
    /// @param delay how long to wait; 292 years or more means never
    /// @param callback the callback
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public TimerHandle callLater(Duration delay, Runnable callback) {
        return callLater(delay, callback, Context.copyOfCurrent());
    }

    /// Runs a callback after a delay, in a given context.
    ///
    /// @param delay how long to wait
    /// @param callback the callback
    /// @param context the context, not copied
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public TimerHandle callLater(Duration delay, Runnable callback, Context context) {
        long delayNanos = Durations.nanos(delay, "delay");
        return callAtNanos(Durations.deadline(core.nanoTime(), delayNanos), callback, context);
    }

    /// Runs a callback at a time of [#time()], in a copy of the current context.
    ///
    /// @param when the time
    /// @param callback the callback
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public TimerHandle callAt(Duration when, Runnable callback) {
        return callAt(when, callback, Context.copyOfCurrent());
    }

    /// Runs a callback at a time of [#time()], in a given context.
    ///
    /// @param when the time
    /// @param callback the callback
    /// @param context the context, not copied
    /// @return by which it can be cancelled
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public TimerHandle callAt(Duration when, Runnable callback, Context context) {
        return callAtNanos(Durations.nanos(when, "when"), callback, context);
    }

    private TimerHandle callAtNanos(long deadlineNanos, Runnable callback, Context context) {
        checkScheduling("callLater");
        return new TimerHandle(this, new CallbackStep(this, context, requireCallback(callback)), deadlineNanos);
    }

    private static Runnable requireCallback(Runnable callback) {
        return Objects.requireNonNull(callback, "callback must not be null");
    }

    // Channels

    /// Calls back whenever a channel can be read from (or accepts), until
    /// [#removeReader(SelectableChannel)].
    ///
    /// Level-triggered: once in each iteration as long as there is something to read. Replaces an
    /// earlier callback.
    ///
    /// @param channel a channel in non-blocking mode
    /// @param callback the callback
    /// @throws IllegalArgumentException if the channel is closed, in blocking mode, or of a kind without this
    /// @throws IllegalStateException if the channel is used by a stream or a server, the loop is closed, or
    ///     on another thread than its own
    public void addReader(SelectableChannel channel, Runnable callback) {
        checkScheduling("addReader");
        watches.setReader(channel, requireCallback(callback));
    }

    /// Ends [#addReader(SelectableChannel, Runnable)].
    ///
    /// @param channel the channel
    /// @return false if there was no such callback, or the loop is closed
    public boolean removeReader(SelectableChannel channel) {
        checkThread("removeReader");
        return !isClosed() && watches.setReader(channel, null);
    }

    /// Calls back whenever a channel can be written to (or has connected), until
    /// [#removeWriter(SelectableChannel)].
    ///
    /// @param channel a channel in non-blocking mode
    /// @param callback the callback
    /// @throws IllegalArgumentException if the channel is closed, in blocking mode, or of a kind without this
    /// @throws IllegalStateException if the channel is used by a stream or a server, the loop is closed, or
    ///     on another thread than its own
    public void addWriter(SelectableChannel channel, Runnable callback) {
        checkScheduling("addWriter");
        watches.setWriter(channel, requireCallback(callback));
    }

    /// Ends [#addWriter(SelectableChannel, Runnable)].
    ///
    /// @param channel the channel
    /// @return false if there was no such callback, or the loop is closed
    public boolean removeWriter(SelectableChannel channel) {
        checkThread("removeWriter");
        return !isClosed() && watches.setWriter(channel, null);
    }

    /// Watches a channel for one owner, in the way of streams; callbacks of your own are served by
    /// [#addReader(SelectableChannel, Runnable)], which is simpler.
    ///
    /// @param channel a channel in non-blocking mode
    /// @param owner what the channel belongs to; its `toString` is shown to others who want to watch it
    /// @return the watch, without a listener
    /// @throws IllegalStateException if the channel is watched already, the loop is closed, or on another
    ///     thread than its own
    /// @throws IllegalArgumentException if the channel is closed, or in blocking mode
    public ChannelWatch watch(SelectableChannel channel, Object owner) {
        checkScheduling("watch");
        return new ChannelWatch(this, channel, owner);
    }

    /// A callback that can be scheduled again and again, in a copy of the current context.
    ///
    /// @param callback the callback
    /// @return by which it is scheduled; it is not yet
    public ReusableHandle createHandle(Runnable callback) {
        return new ReusableHandle(this, callback);
    }

    // Signals

    /// Calls back when a signal of the system comes, until [#removeSignalHandler(String)] or the loop's end.
    /// Takes the place of an earlier callback, and of what the signal did before, a runner's Ctrl-C included;
    /// several loops may handle a signal. What comes again before the callback has run counts once.
    ///
    /// The system keeps `KILL` and `STOP`, the JVM `QUIT` and those of faults; it suspends threads for
    /// profilers by `USR2`, so take `USR1`. Windows knows `INT` and `TERM` only; with the JVM's option `-Xrs`,
    /// neither is to be had.
    ///
    /// @param name without the prefix `SIG`, such as `HUP`
    /// @param callback the callback
    /// @throws IllegalArgumentException if the signal is unknown, reserved, or handled by other code
    /// @throws IllegalStateException if the signal was ignored when the program started, as under `nohup`;
    ///     if the loop is closed, or on another thread than its own
    public void addSignalHandler(String name, Runnable callback) {
        checkScheduling("addSignalHandler");
        signalHandlers.set(name, callback);
    }

    /// Ends [#addSignalHandler(String, Runnable)]; the signal does what it did before.
    ///
    /// @param name without the prefix `SIG`
    /// @return false if there was no such callback
    public boolean removeSignalHandler(String name) {
        checkThread("removeSignalHandler");
        return signalHandlers.remove(name);
    }

    // Futures and tasks

    /// A future of this loop.
    ///
    /// @param <T> its result
    /// @return a new future, pending
    public <T extends @Nullable Object> Future<T> createFuture() {
        return new LabelledFuture<>(this, WaitKind.FUTURE, "future");
    }

    /// A future of this loop that says what it stands for.
    ///
    /// @param kind what kind of thing
    /// @param subject the thing itself; its `toString` is shown
    /// @param <T> its result
    /// @return a new future, pending
    public <T extends @Nullable Object> Future<T> createFuture(WaitKind kind, Object subject) {
        return new LabelledFuture<>(this, kind, subject);
    }

    /// Runs a coroutine concurrently, from the next iteration on.
    ///
    /// @param coroutine the coroutine; it cannot be used again, even if this fails
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the coroutine was used, the loop is closed, or on another
    ///     thread than the loop's
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return createTask(coroutine, TaskOptions.DEFAULT);
    }

    /// Runs a coroutine concurrently.
    ///
    /// @param coroutine the coroutine; it cannot be used again, even if this fails
    /// @param options name, context and start
    /// @param <T> its result
    /// @return its task
    /// @throws IllegalStateException if the coroutine was used, the loop is closed, or on another
    ///     thread than the loop's
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine, TaskOptions options) {
        TaskFactory factory = taskFactory;
        return factory == null ? Task.create(this, coroutine, options) : factory.create(this, coroutine, options);
    }

    /// A future for an awaitable.
    ///
    /// @param awaitable a coroutine, which is made a task, or a future, which is returned as it is
    /// @param <T> its result
    /// @return the future
    /// @throws IllegalArgumentException if it is a future of another loop
    public <T extends @Nullable Object> Future<T> ensureFuture(Awaitable<T> awaitable) {
        if (Objects.requireNonNull(awaitable, "awaitable must not be null") instanceof Future<T> future) {
            if (future.loop() != this) {
                throw new IllegalArgumentException(Check.AS202 + ": future must be of loop " + name + ": got " + future
                        + " of loop " + future.loop().name + "; await it there");
            }
            return future;
        }
        return createTask((Coroutine<T>) awaitable);
    }

    /// The tasks of this loop that are not done. May be called on any thread, where tasks that come
    /// or go meanwhile may be missing.
    ///
    /// @return the tasks, oldest first
    public List<Task<?>> allTasks() {
        return tasks.snapshot();
    }

    /// What makes the tasks.
    ///
    /// @return the factory, or null if the loop makes them itself
    public @Nullable TaskFactory taskFactory() {
        return taskFactory;
    }

    /// Changes what makes the tasks.
    ///
    /// @param factory the factory, or null if the loop makes them itself
    public void setTaskFactory(@Nullable TaskFactory factory) {
        checkThread("setTaskFactory");
        taskFactory = factory;
    }

    // Failures

    /// What is told of failures that reach nobody else.
    ///
    /// @return the handler, or null if they are logged
    public @Nullable ExceptionHandler exceptionHandler() {
        return exceptionHandler;
    }

    /// Changes what is told of failures that reach nobody else.
    ///
    /// @param handler the handler, or null to log them
    public void setExceptionHandler(@Nullable ExceptionHandler handler) {
        checkThread("setExceptionHandler");
        exceptionHandler = handler;
    }

    /// Tells the exception handler. A handler that fails is logged, with what it was told; the loop
    /// goes on.
    ///
    /// @param context what happened
    /// @throws SystemExit if the handler threw it, and no loop runs; else the loop ends with it
    /// @throws KeyboardInterrupt as above
    public void callExceptionHandler(ExceptionContext context) {
        if (context.handle() == null && Current.step() instanceof CallbackStep step && step.site() != null) {
            callHandler(context.withHandle(step.handle())); // what is reported from within a callback (DBG-1)
        } else {
            callHandler(context);
        }
    }

    private void callHandler(ExceptionContext context) {
        ExceptionHandler handler = exceptionHandler;
        try {
            if (handler == null) {
                defaultExceptionHandler(context);
            } else {
                handle(handler, context);
            }
        } catch (SystemExit | KeyboardInterrupt e) {
            if (!core.isRunning()) {
                throw e;
            }
            core.abort(e);
        } catch (Throwable e) {
            Throwable told = context.exception();
            if (told != e) { // a handler may throw on what it was told
                e.addSuppressed(told == null ? new Throwable(context.message()) : told);
            }
            logQuietly("Unhandled error in exception handler, which was told: " + context.describe(), e);
        }
    }

    /// Calls a handler in the context of the task or callback that failed.
    private void handle(ExceptionHandler handler, ExceptionContext context) throws Exception {
        Context own = context.ownContext();
        if (own == null || own == Context.current()) {
            handler.handle(this, context);
        } else {
            own.copy().run(() -> handler.handle(this, context));
        }
    }

    /// Logs a failure with its details, as the loop does without a handler.
    ///
    /// @param context what happened
    public void defaultExceptionHandler(ExceptionContext context) {
        diagnostics.error(context.describe(), context.exception());
    }

    /// Logs a warning, for what is neither a failure nor a finding of debug mode.
    ///
    /// @param message what happened
    public void logWarning(String message) {
        diagnostics.warn(message);
    }

    private void logQuietly(String message, Throwable exception) {
        try {
            diagnostics.error(message, exception);
        } catch (RuntimeException | Error e) {
            // The logger itself is broken: there is nobody left to tell, and the loop must go on.
        }
    }

    // Debug mode

    /// Whether debug mode is on.
    ///
    /// @return true if it is
    public boolean isDebug() {
        return debugMode.isOn();
    }

    /// Switches debug mode on or off.
    ///
    /// @param on whether it is on
    public void setDebug(boolean on) {
        checkThread("setDebug");
        debugMode.set(on);
    }

    /// How long a step may take before debug mode reports it (AS301).
    ///
    /// @return the duration, 100 ms unless it was changed
    public Duration slowCallbackDuration() {
        return debugMode.slowCallbackDuration();
    }

    /// Changes how long a step may take before debug mode reports it.
    ///
    /// @param duration more than zero
    /// @throws IllegalArgumentException if it is not
    public void setSlowCallbackDuration(Duration duration) {
        debugMode.setSlowCallbackDuration(duration);
    }

    // Threads

    /// Runs blocking code on another thread. The context does not follow; [Asyncio#toThread(Body)]
    /// makes it.
    ///
    /// Any executor will do: a pool, one that starts a virtual thread each time, a `ForkJoinPool`, or
    /// one of another library that sends work to other JVMs. For the latter the code must be
    /// `Serializable`: a class of its own, or `(Body<Integer> & Serializable) () -> ...`. Then it is
    /// submitted alone, without anything of this loop, and from a thread beside the loop, because
    /// submitting may block; so pieces of work are sent in no particular order. Code that is also a
    /// `Callable` is sent as it is, for executors that look at its other interfaces; its `call` must do
    /// what its `run` does. What the code fails with comes out without the `ExecutionException`.
    ///
    /// Cancelling the future prevents work that has not begun; work that has begun goes on, and
    /// [Asyncio#checkCancelled()] tells it. Work that was sent away is cancelled there, with an interrupt.
    ///
    /// Work that is dropped by `shutdownNow()` of your own executor never ends: cancel its future.
    ///
    /// @param target the executor, or null for the loop's default
    /// @param body the code
    /// @param <T> its result
    /// @return a future of this loop
    /// @throws IllegalStateException if the loop is closed or its default executor was shut down
    /// @throws java.util.concurrent.RejectedExecutionException if the executor is shut down, or full; work
    ///     that is sent away may also fail so later
    /// @throws IllegalArgumentException if the executor sends work away, and the code is not `Serializable`
    public <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor target, Body<T> body) {
        checkScheduling("runInExecutor");
        Objects.requireNonNull(body, "body must not be null");
        Executor chosen = target != null ? target : executor.get();
        return RemoteCall.suits(chosen, body)
                ? RemoteCall.start(this, (ExecutorService) chosen, body)
                : ExecutorCall.submit(this, chosen, body);
    }

    Executor defaultExecutor() {
        checkOpen();
        return executor.get();
    }

    /// What bounds how many calls of [Asyncio#blocking(Body)] run at a time: 40, unless it is changed.
    ///
    /// @return this loop's limiter
    /// @throws IllegalStateException on another thread than the loop's
    public CapacityLimiter blockingLimiter() {
        checkThread("blockingLimiter");
        CapacityLimiter limiter = blockingLimiter;
        if (limiter == null) {
            limiter = new CapacityLimiter(BLOCKING_CALLS);
            blockingLimiter = limiter;
        }
        return limiter;
    }

    boolean hasDefaultExecutor() {
        return executor.exists();
    }

    /// Replaces the default executor. The loop shuts it down when it is closed.
    ///
    /// @param newExecutor the executor
    /// @throws IllegalStateException after the shutdown of the default executor
    public void setDefaultExecutor(ExecutorService newExecutor) {
        checkThread("setDefaultExecutor");
        executor.set(Objects.requireNonNull(newExecutor, "newExecutor must not be null"));
    }

    /// Shuts the default executor down and waits for its work; after the timeout, its threads are
    /// left behind with a warning.
    ///
    /// Cancellation: ends the wait; the executor stays shut down.
    ///
    /// @param timeout how long to wait at most
    /// @return a coroutine
    public Coroutine<@Nullable Void> shutdownDefaultExecutor(Duration timeout) {
        return executor.shutdown(timeout);
    }

    /// Closes every generator that was begun and not finished, so that its `finally` blocks run.
    ///
    /// Cancellation: as that of the generators' code. Failures go to the exception handler.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> shutdownAsyncgens() {
        return generators.shutdown();
    }

    /// Which fiber engine this loop uses.
    ///
    /// @return `fast` or `baton`; before the first run, `auto` if it is not decided yet
    public String engine() {
        FiberEngine engine = core.engine();
        return engine == null ? EngineKind.AUTO.toString() : engine.kind().toString();
    }

    @Override
    public String toString() {
        String state = isClosed() ? "closed" : isRunning() ? "running" : "idle";
        return "<EventLoop " + name + " " + state + " tasks=" + tasks.size() + (isDebug() ? " debug" : "") + ">";
    }
}
