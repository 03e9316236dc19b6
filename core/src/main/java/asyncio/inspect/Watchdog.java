package asyncio.inspect;

import asyncio.spi.LoopMonitor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Watches the loops that run in debug mode, from one daemon thread, which ends when there are
/// none.
///
/// Threads: any thread; the lock is this object.
public final class Watchdog implements LoopMonitor {
    private static final long MIN_TICK_MILLIS = 5;
    private static final long MAX_TICK_MILLIS = 250;

    private final List<StallDetector> detectors = new ArrayList<>();
    private @Nullable Thread thread; // null while nothing is watched

    /// For `java.util.ServiceLoader`.
    public Watchdog() {}

    @Override
    public synchronized void started(Watched loop) {
        detectors.add(new StallDetector(loop, Watchdog::cpuNanos));
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("asyncio-watchdog").start(this::watch);
        }
    }

    @Override
    public synchronized void stopped(Watched loop) {
        detectors.removeIf(detector -> detector.loop() == loop);
        notifyAll(); // the thread ends if nothing is left to watch
    }

    private void watch() {
        while (tick()) {
            // Everything happens in tick().
        }
    }

    /// Looks at every loop and waits for the next time; false when there is nothing left to watch.
    @SuppressWarnings("WaitNotInLoop") // early is fine: the next look is early, too
    private synchronized boolean tick() {
        if (detectors.isEmpty()) {
            thread = null;
            return false;
        }
        long soonestNanos = TimeUnit.MILLISECONDS.toNanos(MAX_TICK_MILLIS);
        for (StallDetector detector : detectors) {
            try {
                soonestNanos = Math.min(soonestNanos, detector.look());
            } catch (Throwable e) {
                // One look failed (no memory, a description that throws): the next one may not.
            }
        }
        try {
            wait(Math.max(MIN_TICK_MILLIS, TimeUnit.NANOSECONDS.toMillis(soonestNanos)));
        } catch (InterruptedException e) {
            // Nobody but this class knows the thread: an interrupt means nothing here.
        }
        return true;
    }

    private static long cpuNanos(@Nullable Thread thread) {
        if (thread == null || thread.isVirtual()) {
            return -1;
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isThreadCpuTimeSupported() ? threads.getThreadCpuTime(thread.threadId()) : -1;
    }
}
