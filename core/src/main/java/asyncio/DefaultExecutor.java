package asyncio;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The executor of a loop to which blocking work goes that names no other.
///
/// Threads: loop-confined.
final class DefaultExecutor {
    private static final int MAX_THREADS = 32;
    private static final int SPARE_THREADS = 4; // beyond the processors, as asyncio: the work mostly waits
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final EventLoop loop;
    private final ThreadFactory threads;
    private final List<ExecutorService> replaced = new ArrayList<>(); // their work is waited for, too
    private @Nullable ExecutorService executor; // made at first use
    private boolean shutDown;

    DefaultExecutor(EventLoop loop, @Nullable ThreadFactory threads) {
        this.loop = loop;
        this.threads = threads != null
                ? threads
                : Thread.ofVirtual().name("asyncio_", 0).factory();
    }

    /// The executor, made now if it is the first use.
    ///
    /// @throws IllegalStateException after the shutdown
    Executor get() {
        if (shutDown) {
            throw new IllegalStateException(
                    "Executor shutdown has been called: the default executor takes no more work; name another executor");
        }
        ExecutorService current = executor;
        if (current == null) {
            current = create();
            executor = current;
        }
        return current;
    }

    /// Bounded, on virtual threads: a stuck peer costs a queue, not a thousand threads.
    private ExecutorService create() {
        int count = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors() + SPARE_THREADS);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count, count, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /// Runs the library's own code that waits for another JVM, on a thread that nobody waits for.
    static void startWaiter(Runnable code) {
        Thread.ofVirtual().name("asyncio_remote").start(code);
    }

    boolean exists() {
        return executor != null;
    }

    void set(ExecutorService replacement) {
        if (shutDown) {
            throw new IllegalStateException(
                    "Executor shutdown has been called: the loop takes no other default executor");
        }
        if (executor != null) {
            replaced.add(executor);
        }
        executor = replacement;
    }

    /// Those that work was given to, or may have been.
    private List<ExecutorService> all() {
        List<ExecutorService> all = new ArrayList<>(replaced);
        if (executor != null) {
            all.add(executor);
        }
        return all;
    }

    /// Waits until the work that was given has ended.
    Coroutine<@Nullable Void> shutdown(Duration timeout) {
        long timeoutNanos = Durations.nanos(timeout, "timeout");
        return Asyncio.async(() -> {
            shutDown = true;
            List<ExecutorService> all = all();
            if (all.isEmpty()) {
                return;
            }
            all.forEach(ExecutorService::shutdown);
            Future<Boolean> ended = loop.createFuture(WaitKind.EXECUTOR, "the end of the default executor");
            threads.newThread(() -> {
                        boolean done = awaitTermination(all, timeoutNanos);
                        loop.core.submit(new BareJob(() -> {
                            if (!ended.isDone()) {
                                ended.setResult(done);
                            }
                        }));
                    })
                    .start();
            if (!Asyncio.await(ended)) {
                loop.diagnostics.warn("the default executor did not finish its work within " + timeout
                        + ": its threads are interrupted and left behind");
                all.forEach(DefaultExecutor::shutdownNow);
            }
        });
    }

    /// Interrupts what runs, and cancels what was queued: nobody would ever complete it.
    private static void shutdownNow(ExecutorService executor) {
        for (Runnable queued : executor.shutdownNow()) {
            if (queued instanceof ExecutorCall<?> call) {
                call.cancel(new CancelReason("the default executor was shut down", "the event loop", null));
            }
        }
    }

    private static boolean awaitTermination(List<ExecutorService> executors, long timeoutNanos) {
        try {
            boolean done = true;
            for (ExecutorService each : executors) {
                done &= each.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS);
            }
            return done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Accepts nothing more, without waiting.
    void close() {
        shutDown = true;
        all().forEach(ExecutorService::shutdown);
    }
}
