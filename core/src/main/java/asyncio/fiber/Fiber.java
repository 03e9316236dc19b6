package asyncio.fiber;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One virtual thread that runs jobs of one loop, and that suspends and resumes where the loop says
/// so.
///
/// Threads: loop-confined, but for [#current()], [#thread()] and [#owner()], which any thread may
/// read (racily).
public abstract sealed class Fiber permits CarrierFiber, BatonFiber {
    /*
     *   fresh --resume--> running --suspend--> suspended --resume--> running --body ends--> ended
     *
     * `running` includes being blocked in foreign code (sleep, lock, socket): the loop then runs nothing else.
     *
     *   running --depart--> away --comeBack--> returning --admit--> suspended --resume--> running
     *                                              |
     *                                              +--the loop is closed--> stranded --body ends--> ended
     *
     * While it is away, its code runs beside the loop, as that of any other thread. It is not on the loop again before
     * the loop has admitted and resumed it. The announcement is made when it can be admitted; there may be several.
     */
    private static final int MAX_REFUSALS = 1_000;

    private @Nullable Job owner; // the job whose body is on this stack; set by the engine, read by diagnostics
    private @Nullable Fiber returnTo; // runs next when this fiber first suspends or ends: who started it eagerly
    private @Nullable Fiber standsInFor; // a generator's consumer, while the generator runs; read by diagnostics
    private boolean ending; // set by end(): every suspension throws
    private int refusals; // suspensions refused since ending
    private boolean away; // written and read by this fiber's own thread; also true while stranded

    /// The loop was closed while this was away: the stack unwinds off the loop. Written before the
    /// thread is woken.
    private volatile boolean stranded;

    Fiber() {}

    /// The fiber that the calling code runs on.
    ///
    /// @return the fiber, or null if the caller runs on an ordinary thread, or on a fiber that is
    ///     away from its loop
    public static @Nullable Fiber current() {
        Fiber fiber = ofCurrentThread();
        return fiber == null || fiber.away ? null : fiber;
    }

    /// Whether the calling code runs on a fiber that is away from its loop.
    ///
    /// @return true between [#depart(Suspension, BooleanSupplier)] and the end of [#comeBack()]
    /// @throws FiberExit if its loop has been closed and the caller is to unwind
    public static boolean isCurrentAway() {
        Fiber fiber = ofCurrentThread();
        if (fiber != null && fiber.away && fiber.stranded && fiber.mayRefuse()) {
            throw new FiberExit();
        }
        return fiber != null && fiber.away;
    }

    private static @Nullable Fiber ofCurrentThread() {
        Thread thread = Thread.currentThread();
        if (!thread.isVirtual()) {
            return null;
        }
        Fiber fiber = CarrierFiber.of(thread);
        return fiber != null ? fiber : BatonFiber.ofCurrentThread();
    }

    /// The virtual thread beneath, for stack traces and states.
    ///
    /// @return the thread
    public abstract Thread thread();

    /// The engine, and so the loop, that this fiber belongs to.
    ///
    /// @return the engine
    public abstract FiberEngine engine();

    /// The job whose body runs, or is suspended, on this fiber.
    ///
    /// @return the job, or null between two jobs
    public final @Nullable Job owner() {
        return owner;
    }

    /// Says whose body runs on this fiber from now on.
    ///
    /// @param job the job
    public final void own(@Nullable Job job) {
        owner = job;
    }

    /// The fiber that this one stands in for: its stack goes on there.
    ///
    /// @return a generator's consumer, or null
    public final @Nullable Fiber standsInFor() {
        return standsInFor;
    }

    /// Says which fiber this one stands in for from now on.
    ///
    /// @param consumer the fiber, or null
    public final void standInFor(@Nullable Fiber consumer) {
        standsInFor = consumer;
    }

    /// Suspends the calling fiber until the loop resumes it. Must be called on this fiber.
    ///
    /// @param suspension what the loop does once the fiber has left its thread
    /// @throws PinnedException if the JVM cannot suspend here; nothing happened
    /// @throws FiberExit if the loop is being closed
    /// @throws StackOverflowError if too little stack is left; nothing happened
    /// @throws OutOfMemoryError if the stack cannot be saved; nothing happened
    public final void suspend(Suspension suspension) {
        if (ending && mayRefuse()) {
            throw new FiberExit();
        }
        leave(suspension);
        if (ending && mayRefuse()) {
            throw new FiberExit();
        }
    }

    private boolean mayRefuse() {
        return ++refusals < MAX_REFUSALS;
    }

    abstract void leave(Suspension suspension);

    /// Takes the calling fiber off the loop, which goes on without it: from here to the end of
    /// [#comeBack()] the caller is a foreign thread. Must be called on this fiber.
    ///
    /// If this throws, the fiber is still on the loop.
    ///
    /// @param suspension what the loop does once the fiber has left its thread
    /// @param announcement tells the loop, from any thread, that this fiber waits to be admitted;
    ///     false if the loop is closed
    /// @throws PinnedException if the JVM cannot suspend here; nothing happened
    /// @throws FiberExit if the loop is being closed
    /// @throws StackOverflowError if too little stack is left; nothing happened
    /// @throws OutOfMemoryError if there is no memory for the stack or a thread
    public final void depart(Suspension suspension, BooleanSupplier announcement) {
        if (ending) {
            throw new FiberExit();
        }
        away = true;
        try {
            leaveFor(suspension, announcement);
        } catch (Throwable e) {
            away = false;
            throw e;
        }
    }

    abstract void leaveFor(Suspension suspension, BooleanSupplier announcement);

    /// Waits, off the loop, until the loop has admitted and resumed this fiber. Keeps the interrupt
    /// status.
    ///
    /// @throws FiberExit if the loop has been closed
    public final void comeBack() {
        boolean back = awaitReturn();
        if (back) {
            away = false;
        } else {
            ending = true;
        }
        if (ending) {
            throw new FiberExit();
        }
    }

    /// Waits until this fiber runs on the loop again; false if it is stranded.
    abstract boolean awaitReturn();

    /// Lets a fiber that waits for it onto the loop: it is suspended from now on. Called on the
    /// loop after an announcement, or by whoever closes the loop.
    ///
    /// @return false if it cannot be admitted now; if it still waits, another announcement comes
    public abstract boolean admit();

    /// Whether this fiber has departed and was not admitted yet.
    abstract boolean isOut();

    /// Whether the loop was closed while this fiber was away, so that it unwinds off the loop.
    ///
    /// @return true if nothing of the loop may be touched by it
    public final boolean isStranded() {
        return stranded;
    }

    final void markStranded() {
        stranded = true;
    }

    /// Makes a fiber that is suspended on a closed loop unwind off the loop, too: the one that waits
    /// for a stranded one.
    final void strandSuspended() {
        stranded = true;
        ending = true;
        away = true;
        unwindOutside();
    }

    abstract void unwindOutside();

    final void strandReturnTo() {
        Fiber waiting = takeReturnTo();
        if (waiting != null) {
            waiting.strandSuspended();
        }
    }

    /// Makes this fiber's first suspension, or its end, run another fiber next: the start of an
    /// eager task.
    ///
    /// @param fiber who continues
    public final void returnTo(Fiber fiber) {
        returnTo = fiber;
    }

    /// Hands the duty of [#returnTo(Fiber)] on to a fiber that continues this one's work.
    ///
    /// @param successor the fiber that runs in this one's place
    public final void passReturnTo(Fiber successor) {
        successor.returnTo = returnTo;
        returnTo = null;
    }

    final @Nullable Fiber takeReturnTo() {
        Fiber fiber = returnTo;
        returnTo = null;
        if (fiber != null && ending) { // the consumer of a generator: nobody would resume it a second time
            fiber.ending = true;
        }
        return fiber;
    }

    final boolean hasReturnTo() {
        return returnTo != null;
    }

    /// Ends a suspended fiber: its suspension throws [FiberExit], and so does every later one.
    ///
    /// Returns when the thread has ended, or when its code has refused to end a thousand times. One
    /// that is away is interrupted and not waited for: it ends when it wants to come back.
    /// Must be called while the loop does not run.
    public final void end() {
        if (isOut() && !admit()) {
            thread().interrupt();
            return;
        }
        ending = true;
        engine().finish(this);
    }
}
