package asyncio;

import asyncio.fiber.Fiber;
import asyncio.spi.SignalSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Lets a program clean up when the JVM is told to end: cancels the main task and holds the JVM up for a while.
///
/// In force from a runner's first run until the runner is closed.
///
/// Threads: the wait on the JVM's shutdown thread, the rest on the runner's.
final class ShutdownGrace {
    private final Duration period;
    private final CountDownLatch over = new CountDownLatch(1); // the runner is closed
    private volatile @Nullable Task<?> main; // what runs, or ran last
    private volatile boolean closing; // the runner shuts down: there is nothing to cancel, only to wait for
    private SignalSource.@Nullable Registration registration;

    ShutdownGrace(Duration period) {
        this.period = period;
    }

    /// A main task begins.
    void begins(@Nullable SignalSource signals, EventLoop loop, Task<?> task) {
        main = task;
        if (registration == null && signals != null && period.isPositive()) {
            try {
                registration = signals.onShutdown(() -> shutDown(loop));
            } catch (IllegalStateException e) {
                // The JVM is ending already.
            }
        }
    }

    /// The runner begins to close.
    void closing() {
        closing = true;
    }

    /// The runner is closed.
    void over() {
        over.countDown();
        if (registration != null) {
            registration.close();
        }
    }

    private void shutDown(EventLoop loop) {
        Task<?> task = main;
        if (!closing && (task == null || !loop.isRunning()) || endsTheJvmItself(loop)) {
            return; // nothing is going on; or the loop's own code called System.exit, and waits for this very thread
        }
        if (!closing && task != null) {
            loop.core.submit(new BareJob(() -> task.cancel(new CancelReason("the JVM ends", "SIGTERM", null))));
        }
        try {
            if (!over.await(Durations.nanos(period, "gracePeriod"), TimeUnit.NANOSECONDS)) {
                loop.diagnostics.warn("the program did not end within the grace period of " + period + "; "
                        + Leftovers.describe(loop));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean endsTheJvmItself(EventLoop loop) {
        Fiber running = loop.core.runningFiber();
        if (running != null) {
            for (StackTraceElement frame : running.thread().getStackTrace()) {
                if (frame.getClassName().equals("java.lang.Shutdown")) {
                    return true;
                }
            }
        }
        return false;
    }
}
