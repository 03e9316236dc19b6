package asyncio;

import asyncio.spi.SignalSource;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs several coroutines, one after the other, on one loop, and then shuts the loop down.
///
/// [Asyncio#run(Coroutine)] is a runner used once. The loop is made at the first run. All runs
/// share a context: what one sets, the next one sees.
///
/// While a coroutine runs, Ctrl-C (SIGINT) cancels it; a second one ends the loop at once; a third
/// one halts the JVM. When the JVM is told to end (SIGTERM), the coroutine is cancelled, and the
/// JVM waits a grace period for the clean-up.
///
/// Threads: one thread at a time.
public final class Runner implements AutoCloseable {
    static final Duration EXECUTOR_TIMEOUT = Duration.ofMinutes(5); // asyncio's
    static final int CANCEL_ROUNDS = 10; // clean-up may start tasks, which are cancelled in the next round

    private final RunOptions options;
    private final Context context = Context.copyOfCurrent();
    private final ShutdownGrace grace;
    private final GracefulShutdown graceful;
    private @Nullable EventLoop loop; // made at first use
    private boolean closed; // set by close(), unless nothing ever ran
    private @Nullable Error fatal; // SystemExit or KeyboardInterrupt that left a run

    private Runner(RunOptions options) {
        this.options = options;
        grace = new ShutdownGrace(options.gracePeriod());
        graceful = new GracefulShutdown(options.shutdownSignals(), options.gracePeriod());
    }

    /// Makes a runner with default options.
    ///
    /// @return a new runner
    public static Runner create() {
        return create(RunOptions.defaults());
    }

    /// Makes a runner.
    ///
    /// @param options how programs are run
    /// @return a new runner
    public static Runner create(RunOptions options) {
        return new Runner(options);
    }

    /// The loop, made now if it does not exist.
    ///
    /// @return the loop, which this runner closes
    /// @throws IllegalStateException if the runner is closed
    public EventLoop getLoop() {
        if (closed) {
            throw new IllegalStateException("Runner is closed: make a new one");
        }
        EventLoop current = loop;
        if (current == null) {
            current = EventLoop.create(options.loop());
            loop = current;
        }
        return current;
    }

    /// Runs a coroutine to its end.
    ///
    /// @param main the coroutine
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException inside a running loop (the coroutine is then unused and can be
    ///     awaited), or if the runner is closed
    /// @throws KeyboardInterrupt if Ctrl-C cancelled the coroutine, and nobody else did
    /// @throws CancelledError if the coroutine ended cancelled for another reason
    public <T extends @Nullable Object> T run(Coroutine<T> main) {
        return run(main, context);
    }

    /// Runs a coroutine to its end, in a given context.
    ///
    /// @param main the coroutine
    /// @param runContext the context, not copied
    /// @param <T> its result
    /// @return its result
    /// @throws IllegalStateException as [#run(Coroutine)]
    @SuppressWarnings("try") // the registration is only to be closed
    public <T extends @Nullable Object> T run(Coroutine<T> main, Context runContext) {
        ensureNoLoopRuns("Runner.run()");
        EventLoop current = getLoop();
        Task<T> task =
                current.createTask(main, TaskOptions.DEFAULT.context(runContext).eagerStart(false));
        Interrupts interrupts = new Interrupts(current, task);
        SignalSource signals = handlesInterrupt() ? SharedSignals.ofJvm() : null;
        beginGrace(current, task);
        try (var interruptible = interrupts.install(signals)) {
            return current.runUntilComplete(task);
        } catch (SystemExit | KeyboardInterrupt e) {
            fatal = e;
            throw e;
        } catch (CancelledError e) {
            if (interrupts.count() > 0 && task.uncancel() == 0) {
                throw new KeyboardInterrupt();
            }
            SystemExit exit = graceful.exitAfter(task);
            if (exit != null) {
                fatal = exit;
                throw exit;
            }
            throw e;
        }
    }

    private boolean handlesInterrupt() {
        return options.handlesInterrupt() && !options.shutdownSignals().contains("INT");
    }

    private void beginGrace(EventLoop current, Task<?> task) {
        grace.begins(SharedSignals.ofJvm(), current, task);
        try {
            graceful.begins(SharedSignals.ofJvm(), current, task);
        } catch (IllegalArgumentException e) {
            task.cancel(); // it will not run
            graceful.over();
            throw e;
        }
    }

    static void ensureNoLoopRuns(String caller) {
        EventLoop running = Current.loop();
        if (running != null) {
            throw new IllegalStateException("AS204: " + caller + " cannot be called from a running event loop: "
                    + running + " runs the calling code; await the coroutine instead");
        }
    }

    /// Shuts down: cancels the tasks that are left and waits for them, closes generators, waits for
    /// the default executor (five minutes at most), closes the loop. A runner that never ran stays
    /// usable. Does nothing the second time.
    ///
    /// Ctrl-C meanwhile is remembered, and comes out as [KeyboardInterrupt] at the end; a third one halts the JVM.
    ///
    /// @throws IllegalStateException inside a running loop; nothing happened
    @Override
    @SuppressWarnings("try") // the registration is only to be closed
    public void close() {
        EventLoop current = loop;
        if (current == null || closed) {
            return;
        }
        ensureNoLoopRuns("Runner.close()");
        closed = true;
        grace.closing();
        Error left = fatal;
        Interrupts interrupts = new Interrupts(current, null);
        try (var interruptible = interrupts.install(handlesInterrupt() ? SharedSignals.ofJvm() : null)) {
            shutDown(current);
        } finally {
            current.close();
            grace.over();
            graceful.over();
        }
        if (interrupts.count() > 0 && fatal == null) {
            fatal = new KeyboardInterrupt();
        }
        if (fatal != null && fatal != left) { // the same one again is what the caller has already
            throw fatal;
        }
    }

    private void shutDown(EventLoop current) {
        cancelAll(current);
        if (current.generators.isAnyLive()) {
            complete(current, current.<@Nullable Void>createTask(current.shutdownAsyncgens()));
        }
        if (current.hasDefaultExecutor()) {
            complete(current, current.<@Nullable Void>createTask(current.shutdownDefaultExecutor(EXECUTOR_TIMEOUT)));
        }
    }

    /// Runs until a future is done, even if somebody ends the loop: the others clean up all the
    /// same.
    private void complete(EventLoop loop, Future<?> future) {
        do {
            try {
                loop.runUntilComplete(future);
            } catch (SystemExit | KeyboardInterrupt e) {
                if (fatal == null) {
                    fatal = e;
                } else if (fatal != e) {
                    fatal.addSuppressed(e);
                }
            } catch (IllegalStateException e) {
                if (future.isDone() || loop.core.engine() == null) { // null: no engine can be made, nothing ever ran
                    throw e;
                } // stop() was called by code that cleans up: go on
            }
        } while (!future.isDone());
    }

    private void cancelAll(EventLoop loop) {
        for (int round = 0; round < CANCEL_ROUNDS; round++) {
            List<Task<?>> left = loop.allTasks();
            if (left.isEmpty()) {
                return;
            }
            for (Task<?> task : left) {
                task.cancel("the program ends");
            }
            complete(loop, GatherFuture.<Object>of(loop, left, GatherFuture.Mode.OUTCOMES));
            left.forEach(task -> reportFailure(task, "unhandled exception during asyncio.run() shutdown"));
        }
    }

    /// Tells the exception handler of a task that failed instead of ending cancelled.
    static void reportFailure(Task<?> task, String message) {
        Throwable failure = task.isCancelled() ? null : task.retrieveFailure();
        if (failure != null && !Task.isFatal(failure)) { // a fatal one ends the loop, and comes out of it
            task.loop()
                    .callExceptionHandler(ExceptionContext.of(message, failure).withFuture(task));
        }
    }

    @Override
    public String toString() {
        return "<Runner " + (closed ? "closed" : loop == null ? "created" : "initialized") + ">";
    }
}
