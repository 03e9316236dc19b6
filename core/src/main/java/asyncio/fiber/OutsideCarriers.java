package asyncio.fiber;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The platform threads that carry fibers of the fast engine while they are away from their loops.
///
/// As many as are needed: what runs here may block its carrier. How many run at a time is for the
/// callers to limit. One that has nothing to do ends after some seconds.
///
/// Threads: any thread.
final class OutsideCarriers {
    private static final long IDLE_SECONDS = 5;
    private static final AtomicLong COUNTER = new AtomicLong();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), OutsideCarriers::carrier);

    private OutsideCarriers() {}

    /// Runs a slice of a fiber.
    ///
    /// @throws OutOfMemoryError if no thread can be made
    static void execute(Runnable slice) {
        POOL.execute(slice);
    }

    private static Thread carrier(Runnable work) {
        Thread thread = Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("asyncio_carrier_" + COUNTER.incrementAndGet())
                .unstarted(work);
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader()); // whoever came first must not be held
        return thread;
    }
}
