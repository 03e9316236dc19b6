package asyncio.fiber;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The fast engine: fibers are mounted on the loop's own thread, and a switch is one unmount and
/// one mount.
///
/// Threads: loop-confined, but for what [FiberEngine] opens to any thread.
final class CarrierEngine extends FiberEngine {
    private volatile @Nullable CarrierFiber holding; // the fiber that the loop waits for; read by any thread
    private boolean interrupted; // the loop's thread was, while it waited for a fiber
    private @Nullable ClassLoader loader; // the loop thread's context class loader, which every job starts with

    CarrierEngine(JobSource source) {
        super(source);
    }

    @Override
    public EngineKind kind() {
        return EngineKind.FAST;
    }

    @Override
    public void enter() {
        Thread thread = Thread.currentThread();
        if (thread.isVirtual()) {
            throw new IllegalStateException("the fast engine cannot run on a virtual thread: got " + thread
                    + "; run the loop on a platform thread, or with the baton engine");
        }
        loader = thread.getContextClassLoader();
        super.enter();
    }

    @Override
    public void run() {
        Job job;
        while ((job = source.next()) != null) {
            Fiber fiber = job.fiber();
            if (fiber == null) {
                if (job.isBare()) {
                    job.run();
                    continue;
                }
                fiber = fresh(job);
            }
            resume(fiber);
        }
        restoreInterrupt();
    }

    private void restoreInterrupt() {
        if (interrupted) {
            interrupted = false;
            Thread.currentThread().interrupt(); // the loop collects it, see LoopCore
        }
    }

    @Override
    public Fiber fresh(Job job) {
        CarrierFiber fiber = new CarrierFiber(this, job);
        if (loader != ClassLoader.getSystemClassLoader()) {
            fiber.thread().setContextClassLoader(loader);
        }
        return fiber;
    }

    /// Runs a fiber until it suspends or ends, and those that it hands over to.
    private void resume(Fiber first) {
        Fiber fiber = first;
        while (fiber instanceof CarrierFiber mounted) {
            running(mounted);
            mounted.awaiting = false;
            mounted.mountOnce();
            boolean ended = !mounted.awaiting && (mounted.isFinished() || hold(mounted));
            fiber = successor(mounted, mounted.takeSuspension());
            if (ended) {
                mounted.release();
            } else {
                mounted.letGo();
            }
        }
    }

    /// Waits for a fiber that is blocked in foreign code, and runs nothing else meanwhile.
    ///
    /// An interrupt is kept in a field: mounting the next fiber would clear the thread's own status.
    ///
    /// @return whether the thread has ended; else it has suspended
    private boolean hold(CarrierFiber fiber) {
        holding = fiber;
        do {
            // Not in select(): ready channels would make it spin. An eaten permit is harmless: signal is tested first.
            while (!fiber.signal) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted(); // else park returns at once for ever
            }
            fiber.signal = false;
            fiber.mountOnce(); // spurious runs are harmless
        } while (!fiber.awaiting && !fiber.isFinished());
        holding = null;
        return !fiber.awaiting;
    }

    @Override
    void finish(Fiber fiber) {
        if (!(fiber instanceof CarrierFiber carrierFiber)) {
            return;
        }
        if (Thread.currentThread().isVirtual()) { // a virtual thread cannot carry another one
            Thread carrier = Thread.ofPlatform().name("asyncio-close").unstarted(() -> finish(carrierFiber));
            carrier.start();
            boolean interrupted = false;
            while (carrier.isAlive()) {
                try {
                    carrier.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return;
        }
        interrupted = Thread.interrupted(); // mounting would clear it
        enter();
        try {
            resume(carrierFiber);
        } finally {
            exit();
            restoreInterrupt();
        }
    }

    @Override
    public boolean isHolding() {
        return holding != null;
    }

    @Nullable
    CarrierFiber holding() {
        return holding;
    }

    boolean resetAfterJob(Thread self) {
        return ThreadInternals.reset(self, loader);
    }

    /// Takes the next job that the running fiber can run without leaving its thread; bare ones on
    /// the way.
    @Nullable
    Job nextFresh() {
        Job job;
        while ((job = source.nextFresh()) != null && job.isBare()) {
            job.run();
        }
        return job;
    }
}
