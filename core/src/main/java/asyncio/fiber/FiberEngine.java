package asyncio.fiber;

import org.jspecify.annotations.Nullable;

/// Moves the fibers of one loop: runs its jobs, one at a time, each on a fiber.
///
/// Threads: [#run()] and [#fresh(Job)] by whoever runs the loop; [#isRunningOn(Thread)],
/// [#running()] and [#isHolding()] by any thread.
public abstract sealed class FiberEngine permits CarrierEngine, BatonEngine {
    final JobSource source;
    private volatile @Nullable Thread loopThread; // the thread inside the loop's run; null when it does not run
    private @Nullable Fiber running; // written by the loop before it resumes a fiber, read racily by any thread

    FiberEngine(JobSource source) {
        this.source = source;
    }

    /// Creates an engine.
    ///
    /// @param kind which one; [EngineKind#AUTO] takes the fast one where the JVM and the calling
    ///     thread allow it
    /// @param source the loop
    /// @return a new engine
    /// @throws IllegalStateException if the fast engine is demanded and not available here; the
    ///     message says why
    public static FiberEngine create(EngineKind kind, JobSource source) {
        String obstacle = Thread.currentThread().isVirtual()
                ? "the fast engine cannot run on a virtual thread: run the loop on a platform thread"
                : ThreadInternals.obstacle();
        return switch (kind) {
            case BATON -> new BatonEngine(source);
            case AUTO -> obstacle.isEmpty() ? new CarrierEngine(source) : new BatonEngine(source);
            case FAST -> {
                if (!obstacle.isEmpty()) {
                    throw new IllegalStateException(obstacle);
                }
                yield new CarrierEngine(source);
            }
        };
    }

    /// Why the fast engine is not available in this JVM.
    ///
    /// @return the reason with the missing flag, or an empty string if it is available
    public static String obstacle() {
        return ThreadInternals.obstacle();
    }

    /// Which engine this is.
    ///
    /// @return the kind, never [EngineKind#AUTO]
    public abstract EngineKind kind();

    /// Runs the jobs of the current batch, and of further ones as long as the source can turn to
    /// them without waiting.
    public abstract void run();

    /// A fiber that will run a job when it is first resumed.
    ///
    /// @param job the job, not begun
    /// @return the fiber
    public abstract Fiber fresh(Job job);

    abstract void finish(Fiber fiber);

    /// Whether the running fiber is blocked in foreign code (a sleep, a lock, a socket), so that
    /// the loop waits for it.
    ///
    /// @return true if nothing runs although a fiber is in the middle of its step
    public abstract boolean isHolding();

    /// Enters the loop's run: the calling thread becomes the loop's thread.
    ///
    /// @throws IllegalStateException if this engine cannot run on the calling thread
    public void enter() {
        loopThread = Thread.currentThread();
    }

    /// Leaves the loop's run.
    public final void exit() {
        running = null;
        loopThread = null;
    }

    /// The thread inside the loop's run.
    ///
    /// @return the thread, or null if the loop does not run
    public final @Nullable Thread loopThread() {
        return loopThread;
    }

    /// Whether a thread is the loop's own at this moment: its thread, or the fiber that has the
    /// turn.
    ///
    /// @param thread the calling thread
    /// @return true if the caller may touch the loop's state
    public final boolean isRunningOn(Thread thread) {
        Fiber fiber = running;
        return fiber != null && fiber.thread() == thread || loopThread == thread;
    }

    /// The fiber that was resumed last.
    ///
    /// @return the fiber, or null if none was, or if it has departed
    public final @Nullable Fiber running() {
        return running;
    }

    final void running(@Nullable Fiber fiber) {
        running = fiber;
    }

    /// Acts on a fiber that has just suspended or ended.
    ///
    /// @return who runs next regardless of the queue, or null
    static @Nullable Fiber successor(Fiber fiber, @Nullable Suspension suspension) {
        Fiber next = suspension == null ? null : suspension.suspended();
        return next != null ? next : fiber.takeReturnTo();
    }
}
