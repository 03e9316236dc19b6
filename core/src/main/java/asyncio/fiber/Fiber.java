package asyncio.fiber;

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
     */
    private static final int MAX_REFUSALS = 1_000;

    private @Nullable Job owner; // the job whose body is on this stack; set by the engine, read by diagnostics
    private @Nullable Fiber returnTo; // runs next when this fiber first suspends or ends: who started it eagerly
    private @Nullable Fiber standsInFor; // a generator's consumer, while the generator runs; read by diagnostics
    private boolean ending; // set by end(): every suspension throws
    private int refusals; // suspensions refused since ending

    Fiber() {}

    /// The fiber that the calling code runs on.
    ///
    /// @return the fiber, or null if the caller runs on an ordinary thread
    public static @Nullable Fiber current() {
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
        if (ending && ++refusals < MAX_REFUSALS) {
            throw new FiberExit();
        }
        leave(suspension);
        if (ending && ++refusals < MAX_REFUSALS) {
            throw new FiberExit();
        }
    }

    abstract void leave(Suspension suspension);

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
    /// Returns when the thread has ended, or when its code has refused to end a thousand times.
    /// Must be called while the loop does not run.
    public final void end() {
        ending = true;
        engine().finish(this);
    }
}
