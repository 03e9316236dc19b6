package asyncio;

import asyncio.fiber.Fiber;
import asyncio.spi.SignalSource;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Lets a program clean up when the JVM is told to end: cancels the main task and holds the JVM up
/// for a while.
///
/// Threads: [#install] and [#over()] on the runner's thread, the wait on the JVM's shutdown thread.
final class ShutdownGrace {
    private final Duration period;
    private final CountDownLatch over = new CountDownLatch(1); // the runner is closed

    ShutdownGrace(Duration period) {
        this.period = period;
    }

    SignalSource.Registration install(@Nullable SignalSource signals, EventLoop loop, Task<?> main) {
        if (signals != null && period.isPositive()) {
            try {
                return signals.onShutdown(() -> shutDown(loop, main));
            } catch (IllegalStateException e) {
                // The JVM is ending already.
            }
        }
        return () -> {};
    }

    private void shutDown(EventLoop loop, Task<?> main) {
        if (endsTheJvmItself(loop)) {
            return; // the loop's own code called System.exit, and waits for this very thread
        }
        loop.core.submit(new BareJob(() -> main.cancel(new CancelReason("the JVM ends", "SIGTERM", null))));
        try {
            if (!over.await(Durations.nanos(period, "gracePeriod"), TimeUnit.NANOSECONDS)) {
                loop.diagnostics.warn(
                        "the program did not end within the grace period of " + period + "; left: " + loop.allTasks());
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

    void over() {
        over.countDown();
    }
}
