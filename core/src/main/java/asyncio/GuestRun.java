package asyncio;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// A program whose loop is a guest on another event loop, such as that of a user interface.
///
/// The host's loop stays in charge. Each iteration of the guest is one short call on the host's
/// thread; waiting for time, channels and other threads happens on a helper thread, so the host is
/// never kept waiting. While a task runs, the host's thread does nothing else, but the task has a
/// thread of its own: what asks for the current thread, as Swing's checks do, does not take it for the
/// host's. Post such calls to the host.
///
/// When the coroutine ends, the program shuts down as [Runner] does, iteration by iteration: the
/// tasks that are left are cancelled and waited for, generators closed, the default executor
/// awaited, the loop closed. Then [#result()] is completed.
///
/// Between two iterations the loop counts as running, and is nobody's: code of the host reaches it as
/// another thread does, by [EventLoop#callSoonThreadsafe(Runnable)]. SIGINT and SIGTERM are the
/// host's business.
///
/// Cancellation: [#cancel()] cancels the coroutine.
///
/// Threads: any thread.
///
/// @param <T> the result
public final class GuestRun<T extends @Nullable Object> {
    /*
     *   MAIN --the coroutine is done, stop(), or a fatal failure--> SHUTDOWN --its task is done--> OVER
     *
     * One turn at a time: an iteration on the host, or a wait on the helper. Who has the turn owns the loop, and gives
     * it on by Executor.execute or the semaphore as its last act; both publish what it wrote.
     */
    private enum Phase {
        MAIN,
        SHUTDOWN,
        OVER
    }

    private final EventLoop loop;
    private final Executor host;
    private final Task<T> main;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Semaphore waits = new Semaphore(0); // a permit: the helper has the turn
    private volatile Phase phase = Phase.MAIN; // written by whoever has the turn
    private @Nullable Thread helper; // made when there is something to wait for
    private @Nullable Task<?> shutdown; // set when the main task has ended
    private @Nullable Throwable failure; // instead of the coroutine's outcome; the first one

    private GuestRun(Coroutine<T> main, Executor host, LoopOptions options) {
        this.host = host;
        loop = EventLoop.create(options);
        try {
            this.main = loop.createTask(main, TaskOptions.DEFAULT.eagerStart(false));
        } catch (IllegalStateException e) { // the coroutine was used already
            loop.close();
            throw e;
        }
    }

    /// Starts a program on top of another event loop, on a default loop of ours.
    ///
    /// @param main the program
    /// @param host runs what it is given on the host's thread, soon, one after the other, such as
    ///     `SwingUtilities::invokeLater`
    /// @param <T> its result
    /// @return the run
    public static <T extends @Nullable Object> GuestRun<T> start(Coroutine<T> main, Executor host) {
        return start(main, host, LoopOptions.defaults());
    }

    /// Starts a program on top of another event loop.
    ///
    /// @param main the program
    /// @param host runs what it is given on the host's thread, soon, one after the other
    /// @param options what our loop is made of
    /// @param <T> its result
    /// @return the run
    public static <T extends @Nullable Object> GuestRun<T> start(
            Coroutine<T> main, Executor host, LoopOptions options) {
        Objects.requireNonNull(main, "main must not be null");
        Objects.requireNonNull(host, "host must not be null");
        GuestRun<T> run = new GuestRun<>(main, host, options);
        run.loop.watchRun(true);
        run.post();
        return run;
    }

    /// The guest's loop.
    ///
    /// @return the loop, which this run closes
    public EventLoop loop() {
        return loop;
    }

    /// The outcome of the program, completed after the shutdown, on the host's thread.
    ///
    /// A failure of the coroutine arrives as it is, a cancellation as a cancellation. If the host
    /// refuses to run an iteration, the loop is closed at once, and this fails.
    ///
    /// @return the outcome; completing or cancelling it yourself changes nothing for the program
    public CompletableFuture<T> result() {
        return result;
    }

    /// Asks the coroutine to end: cancels it. Does nothing once it has ended.
    public void cancel() {
        CancelReason reason = CancelReason.here("the program ends", false);
        loop.core.submit(new BareJob(() -> main.cancel(reason)));
    }

    /// On the host: one iteration, and what follows from it.
    private void iterate() {
        loop.core.lend(false);
        try {
            Runner.ensureNoLoopRuns("an iteration of a guest loop");
            if (!loop.core.runOnce(0)) {
                stopped();
            }
        } catch (SystemExit | KeyboardInterrupt e) {
            fail(e);
        } catch (Throwable e) { // no engine here, a broken poller: no iteration would succeed
            fail(e);
            end();
            return;
        }
        if (phase == Phase.MAIN && (main.isDone() || failure != null)) {
            phase = Phase.SHUTDOWN;
            shutdown = loop.<@Nullable Void>createTask(Asyncio.async((VoidBody) this::shutDown));
        }
        Task<?> last = shutdown;
        if (last != null && last.isDone()) {
            Throwable thrown = last.retrieveFailure();
            if (thrown != null) {
                fail(thrown);
            }
            end();
            return;
        }
        next();
    }

    private void stopped() {
        if (phase == Phase.MAIN && !main.isDone()) {
            fail(new IllegalStateException("Event loop stopped before Future completed.: " + main));
        }
    }

    private void fail(Throwable thrown) {
        Throwable first = failure;
        if (first == null) {
            failure = thrown;
        } else if (first != thrown) {
            first.addSuppressed(thrown);
        }
    }

    /// Gives the turn on.
    private void next() {
        if (loop.core.hasWork()) {
            post();
            return;
        }
        if (helper == null) {
            helper = Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("asyncio-guest-" + loop.name())
                    .start(this::help);
        }
        loop.core.lend(true);
        waits.release();
    }

    /// Gives the turn to the host.
    private void post() {
        loop.core.lend(true);
        try {
            host.execute(this::iterate);
        } catch (Throwable e) {
            loop.core.lend(false);
            fail(new IllegalStateException("host must run what it is given: " + host + " refused an iteration", e));
            end();
        }
    }

    private void help() {
        while (true) {
            waits.acquireUninterruptibly();
            if (phase == Phase.OVER) {
                return;
            }
            try {
                loop.core.awaitWork();
            } catch (RuntimeException | Error e) { // the poller is broken: the loop ends, on its thread
                loop.core.submit(new BareJob(() -> loop.core.abort(e)));
            }
            post();
            if (phase == Phase.OVER) {
                return;
            }
        }
    }

    private void shutDown() {
        for (int round = 0; round < Runner.CANCEL_ROUNDS; round++) {
            List<Task<?>> left = loop.allTasks().stream()
                    .filter(task -> !task.equals(shutdown))
                    .toList();
            if (left.isEmpty()) {
                break;
            }
            left.forEach(task -> task.cancel("the program ends"));
            GatherFuture.<Object>of(loop, left, GatherFuture.Mode.OUTCOMES).await();
            left.stream()
                    .filter(task -> !task.equals(main))
                    .forEach(task ->
                            Runner.reportFailure(task, "unhandled exception during the shutdown of a guest run"));
        }
        if (loop.generators.isAnyLive()) {
            Asyncio.await(loop.shutdownAsyncgens());
        }
        if (loop.hasDefaultExecutor()) {
            Asyncio.await(loop.shutdownDefaultExecutor(Runner.EXECUTOR_TIMEOUT));
        }
    }

    /// The last turn: closes the loop and tells the result.
    private void end() {
        phase = Phase.OVER;
        waits.release();
        loop.watchRun(false);
        try {
            Throwable thrown = main.isDone() ? main.retrieveFailure() : null;
            if (Task.isFatal(thrown) && failure == null) {
                failure = thrown;
            }
            loop.close();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
        Throwable thrown = failure;
        if (thrown != null) {
            result.completeExceptionally(thrown);
        } else {
            StageBridge.copyToStage(main, result);
        }
    }

    @Override
    public String toString() {
        return "<GuestRun " + phase + " " + main + ">";
    }
}
