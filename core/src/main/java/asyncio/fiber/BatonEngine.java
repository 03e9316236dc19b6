package asyncio.fiber;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The engine that needs no flag: virtual threads on the JDK's scheduler, one of which has the
/// baton.
///
/// Threads: everything is done by whoever has the baton; the hand-over publishes it to the next.
final class BatonEngine extends FiberEngine {
    /*
     * Direct hand-over: the fiber that suspends chooses the next one on its own stack and unparks it, which is two to
     * three times cheaper than waking a loop thread in between. The loop's own thread gets the baton only when there is
     * something to wait for, or to decide: a wait of any length belongs on its stack.
     *
     * Each job runs on a fresh thread: without the JVM flag a used thread cannot be made to look new.
     * A fiber that blocks in foreign code keeps the baton, so nothing else runs: the same rule as in the fast engine.
     */
    private volatile boolean loopGo; // the baton, offered to the loop's thread
    private @Nullable ClassLoader loader; // the loop thread's context class loader, which every job starts with

    BatonEngine(JobSource source) {
        super(source);
    }

    @Override
    public EngineKind kind() {
        return EngineKind.BATON;
    }

    @Override
    public void enter() {
        BatonFiber.enable();
        loader = Thread.currentThread().getContextClassLoader();
        super.enter();
    }

    @Override
    public void run() {
        Fiber first = pickInBatch();
        if (first != null) {
            handOnAndWait(first);
        }
    }

    @Override
    public Fiber fresh(Job job) {
        return new BatonFiber(this, job, loader);
    }

    @Override
    void finish(Fiber fiber) {
        enter();
        try {
            handOnAndWait(fiber);
        } finally {
            exit();
        }
    }

    private void handOnAndWait(Fiber fiber) {
        loopGo = false;
        handOn(fiber);
        boolean interrupted = false;
        while (!loopGo) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted(); // else park returns at once for ever
        }
        if (interrupted) {
            Thread.currentThread().interrupt(); // the loop collects it, see LoopCore
        }
    }

    /// Who runs after a fiber has suspended; null means the loop's thread.
    @Nullable
    Fiber choose(Fiber leaving, Suspension suspension) {
        try {
            Fiber next = successor(leaving, suspension);
            return next != null ? next : pick();
        } catch (Throwable e) { // our own code failed: the loop's thread ends the loop
            source.crashed(e);
            return null;
        }
    }

    /// The next fiber of this batch or, as long as nothing has to be waited for, of the next ones.
    @Nullable
    Fiber pick() {
        try {
            while (true) {
                Fiber fiber = pickInBatch();
                if (fiber != null || !source.turn()) {
                    return fiber;
                }
            }
        } catch (Throwable e) { // our own code failed: the loop's thread ends the loop
            source.crashed(e);
            return null;
        }
    }

    private @Nullable Fiber pickInBatch() {
        Job job;
        while ((job = source.next()) != null) {
            Fiber fiber = job.fiber();
            if (fiber != null) {
                return fiber;
            }
            if (!job.isBare()) {
                return fresh(job);
            }
            job.run();
        }
        return null;
    }

    /// Hands the baton over; null means to the loop's thread. The caller must touch nothing of the
    /// loop afterwards.
    void handOn(@Nullable Fiber next) {
        if (next instanceof BatonFiber fiber) {
            try {
                fiber.grant();
                return;
            } catch (Throwable e) { // no memory for its thread: the baton is still here
                source.crashed(e);
            }
        }
        Thread thread = loopThread();
        loopGo = true;
        LockSupport.unpark(thread);
    }

    /// Whether the fiber that has the baton waits for something in foreign code; exact only while
    /// it does.
    @Override
    public boolean isHolding() {
        Fiber fiber = running();
        if (fiber == null) {
            return false;
        }
        return switch (fiber.thread().getState()) {
            case BLOCKED, WAITING, TIMED_WAITING -> true;
            default -> false;
        };
    }
}
