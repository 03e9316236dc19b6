package asyncio.fiber;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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
     *
     * Away from the loop
     *
     *   HOME --depart, yield--> HOME, leaving --the loop has registered it--> AWAY --comeBack, park--> RETURNING
     *     ^                                                                                               |
     *     +---------------------------------------- admit: the gate is 0 and is closed -------------------+
     *
     * A fiber that is away is mounted by OutsideCarriers. All that could mount it comes through `execute` and is counted
     * in `gate` from the moment it is handed to them until its run is over. The loop admits the fiber only if the count is
     * 0, and closes the gate in the same compare-and-set. So at home no run is left anywhere that could mount the fiber
     * off the loop. This is why the JDK's own pool is not used: threads of that pool queue a virtual thread that yields,
     * or that was unparked while it parked, past `execute`, and a second run of it (a sampler makes one) may stay queued
     * there until the fiber is suspended at home, and would then continue it beside the loop.
     *
     * The last run to end announces a fiber that is RETURNING: then it has unmounted. It parks to return, as it must
     * not be runnable; whoever unparks it makes another run, and another announcement.
     */
    private enum Place {
        HOME,
        AWAY,
        RETURNING
    }

    private static final int CLOSED = -1;

    private final Thread thread;
    private @Nullable CarrierEngine engine; // null once the thread has ended
    private @Nullable Job first; // null once it has begun
    private @Nullable Runnable mount; // captured by the first execute(), during Thread.start()
    private @Nullable Suspension suspension; // written by the fiber before it yields, taken by the loop
    private boolean started;
    private @Nullable Runnable outside; // made at the first departure
    boolean awaiting; // fiber and loop thread only: the fiber yielded because it suspends
    volatile boolean signal; // set by any thread: run the mount once more
    private final AtomicInteger gate = new AtomicInteger(CLOSED); // runs outside, queued and going on; CLOSED: at home
    private volatile Place place = Place.HOME;
    private @Nullable BooleanSupplier announcement; // while departing or away
    private boolean leaving; // fiber and loop thread only: the fiber yielded because it departs
    private boolean parked; // fiber and loop thread only: admitted, and still as it parked to come back
    private @Nullable Throwable refusal; // why the outside could not take it; written before it is resumed

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
                if (isStranded() || hasReturnTo() || !engine.resetAfterJob(thread)) {
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
        for (int runs = gate.get(); runs != CLOSED; runs = gate.get()) {
            if (gate.compareAndSet(runs, runs + 1)) {
                runOutside();
                return;
            }
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

    /// Hands a run that is counted already to the carriers outside.
    private void runOutside() {
        try {
            OutsideCarriers.execute(outsideRun());
        } catch (Throwable e) { // no memory for a thread: the JDK tries again
            gate.decrementAndGet();
            throw e;
        }
    }

    private Runnable outsideRun() {
        Runnable run = outside;
        if (run == null) {
            run = this::runOnceOutside;
            outside = run;
        }
        return run;
    }

    /// On a carrier outside: one slice of what this fiber does while it is away.
    private void runOnceOutside() {
        try {
            Objects.requireNonNull(mount).run(); // no-op if it waits for something, or another run was faster
        } finally {
            if (gate.decrementAndGet() == 0) {
                lastRunEnded();
            }
        }
    }

    private void lastRunEnded() {
        if (place == Place.RETURNING) {
            announce();
        } else if (isStranded() && isFinished()) {
            strandReturnTo();
            release();
        }
    }

    private void announce() {
        if (!Objects.requireNonNull(announcement).getAsBoolean()) { // the loop is closed
            markStranded();
            LockSupport.unpark(thread);
        }
    }

    @Override
    void leaveFor(Suspension suspension, BooleanSupplier announcement) {
        this.announcement = announcement;
        leaving = true;
        try {
            leave(suspension);
        } catch (Throwable e) { // still on the loop, nothing registered
            leaving = false;
            throw e;
        }
        Throwable refused = refusal;
        if (refused != null) {
            refusal = null;
            throw new OutOfMemoryError("no thread could be made to carry a blocking call: " + refused.getMessage());
        }
    }

    /// Called by the loop when the fiber has unmounted and is registered: lets it go if it departs.
    void letGo() {
        if (!leaving) {
            return;
        }
        leaving = false;
        awaiting = false; // as a resume does
        engine().running(null);
        place = Place.AWAY;
        gate.set(1);
        try {
            OutsideCarriers.execute(outsideRun());
        } catch (Throwable e) { // no memory for a thread: it comes back at once, by the usual way
            refusal = e;
            place = Place.RETURNING;
            gate.set(0);
            announce();
        }
    }

    @Override
    boolean awaitReturn() {
        place = Place.RETURNING;
        boolean interrupted = false;
        while (place != Place.HOME && !isStranded()) {
            LockSupport.park(this); // not a yield, after which it would be runnable
            interrupted |= Thread.interrupted(); // else park returns at once for ever
        }
        boolean back = place == Place.HOME;
        if (!back) {
            place = Place.AWAY; // nothing to announce any more
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return back;
    }

    @Override
    public boolean admit() {
        if (place != Place.RETURNING || !gate.compareAndSet(0, CLOSED)) {
            return false;
        }
        announcement = null;
        parked = refusal == null; // else it has only yielded
        place = Place.HOME;
        return true;
    }

    @Override
    boolean isOut() {
        return place != Place.HOME;
    }

    @Override
    void unwindOutside() {
        awaiting = false;
        suspension = null;
        place = Place.AWAY;
        gate.set(1);
        runOutside();
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
        if (parked) {
            parked = false;
            LockSupport.unpark(thread); // makes it runnable; the call of execute() that this makes changes nothing
        }
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
