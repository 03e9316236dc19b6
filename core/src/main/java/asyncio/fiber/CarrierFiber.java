package asyncio.fiber;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A fiber of the fast engine: a virtual thread whose scheduler is this object, so that only the
/// loop mounts it.
///
/// Threads: loop-confined, but for [#execute(Runnable)], which the JDK calls from any thread.
final class CarrierFiber extends Fiber implements Executor, Runnable {
    /*
     * The protocol
     *
     * The first `execute` hands over the one Runnable that mounts this thread; running it on the loop's thread is a
     * resume. A fiber suspends with Thread.yield, never with park: a yielded thread can be woken by nobody but us, its
     * park permit and interrupt status stay the user's, and a yield that cannot unmount returns at once, so that an
     * await in a pinned frame is noticed instead of hanging the loop.
     *
     * Every other `execute` means "look again": a foreign block is over (unpark, sleep, monitor), or somebody took a
     * stack trace. It never says that the thread ran. So `execute` sets `signal` and wakes a loop that holds this
     * fiber; it must not test `awaiting`, which may be stale there and would lose a wake-up. The JDK pins the caller:
     * no lock, no park, no logging in `execute`.
     *
     * Virtual threads that a coroutine starts inherit this object for a scheduler, and so do the JDK's own poller
     * threads if a coroutine is the first to block on a socket. They are sent to the JDK's scheduler. As they may outlive
     * the loop by far, a fiber lets go of it when it has ended.
     */
    private final Thread thread;
    private @Nullable CarrierEngine engine; // null once the thread has ended
    private @Nullable Job first; // null once it has begun
    private @Nullable Runnable mount; // captured by the first execute(), during Thread.start()
    private @Nullable Suspension suspension; // written by the fiber before it yields, taken by the loop
    private boolean started;
    boolean awaiting; // fiber and loop thread only: the fiber yielded because it suspends
    volatile boolean signal; // set by any thread: run the mount once more

    CarrierFiber(CarrierEngine engine, Job first) {
        this.engine = engine;
        this.first = first;
        thread = ThreadInternals.newVirtualThread(this, this);
    }

    /// The fiber that runs on a virtual thread; null if the thread is not one of ours.
    static @Nullable CarrierFiber of(Thread virtual) {
        if (!ThreadInternals.obstacle().isEmpty()) {
            return null;
        }
        // Threads that a coroutine started inherit its scheduler and are not fibers: hence the second test.
        return ThreadInternals.schedulerOf(virtual) instanceof CarrierFiber fiber && fiber.thread == virtual
                ? fiber
                : null;
    }

    @Override
    public Thread thread() {
        return thread;
    }

    @Override
    public CarrierEngine engine() {
        return Objects.requireNonNull(engine, "the fiber has ended");
    }

    /// Called by the loop when the thread has ended.
    void release() {
        engine = null;
        first = null;
    }

    /// Runs on the fiber: the first job, then whatever else can be taken without leaving the
    /// thread.
    @Override
    public void run() {
        Job job = Objects.requireNonNull(first);
        CarrierEngine engine = engine();
        first = null;
        try {
            do {
                own(job);
                job.run();
                own(null);
                if (hasReturnTo() || !engine.resetAfterJob(thread)) {
                    return;
                }
                job = engine.nextFresh();
            } while (job != null);
        } catch (Throwable e) {
            engine.source.crashed(e);
        }
    }

    @Override
    public void execute(Runnable task) {
        Runnable mine = mount;
        if (mine == null) {
            mount = task;
            return;
        }
        if (task != mine) {
            ThreadInternals.defaultScheduler().execute(task); // a thread that inherited our scheduler
            return;
        }
        CarrierEngine engine = this.engine;
        if (engine == null) {
            return; // the thread has ended
        }
        if (Thread.currentThread() == engine.loopThread()) { // bare carrier, after the fiber has yielded
            if (!awaiting) {
                signal = true; // a foreign yield, or a race with an unpark: run it again
            }
            return;
        }
        signal = true;
        if (engine.holding() == this) { // volatile store above, volatile load here: see CarrierEngine.hold
            LockSupport.unpark(engine.loopThread());
        }
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // not a hint to a scheduler: the scheduler is us
    void leave(Suspension suspension) {
        this.suspension = suspension;
        awaiting = true;
        try {
            Thread.yield();
        } catch (Throwable e) { // StackOverflowError, OutOfMemoryError: still on the thread, nothing registered
            awaiting = false;
            this.suspension = null;
            throw e;
        }
        if (awaiting) {
            awaiting = false;
            this.suspension = null;
            throw PinnedException.here();
        }
    }

    /// Runs the fiber on the loop's thread until it unmounts, for whatever reason.
    void mountOnce() {
        if (!started) {
            started = true;
            thread.start();
        }
        Runnable runnable = mount;
        if (runnable != null) {
            runnable.run(); // no-op if a sampler has the thread suspended: it resubmits
        }
    }

    @Nullable
    Suspension takeSuspension() {
        Suspension taken = suspension;
        suspension = null;
        return taken;
    }

    /// Whether the thread has terminated, not merely the body: scopes that it left open may still
    /// block.
    boolean isFinished() {
        return thread.getState() == Thread.State.TERMINATED;
    }

    @Override
    public String toString() {
        return "<Fiber fast " + (owner() == null ? "idle" : owner()) + ">";
    }
}
