package asyncio.fiber;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A fiber of the baton engine: a virtual thread on the JDK's scheduler that runs only while it has
/// the baton.
///
/// Threads: `go` is written by whoever hands the baton over; everything else by the fiber that has
/// it.
final class BatonFiber extends Fiber implements Runnable {
    private enum Place {
        HOME,
        AWAY,
        RETURNING
    }

    /*
     * Away from the loop
     *
     *   HOME --depart: hands the baton on, and runs on--> AWAY --comeBack: announces itself, parks--> RETURNING
     *     ^                                                                                             |
     *     +---- admit; then it gets the baton as any suspended fiber does -----------------------------+
     */
    private static final ThreadLocal<BatonFiber> CURRENT = new ThreadLocal<>();
    private static volatile boolean used; // by any engine: spares others the look-up in CURRENT

    private static final int PROBE_FRAMES = 48; // deeper than any scheduling code that runs on a coroutine's stack
    private static final int TRIAL_FRAMES = 8; // deeper than the JDK's park

    /*
     * Unmounting a long stack needs stack itself. If that overflows after the baton was handed on, this thread cannot
     * but wait on its carrier; and once all carriers wait so, nobody can take the baton. So an unmount is tried first,
     * while an overflow does no harm yet: always where there are only two carriers, and otherwise, as it costs a switch,
     * from the first overflow on. With two, a second fiber may have handed the baton on before the first one has said so.
     */
    private static volatile boolean triesFirst = carrierCount() <= 2;

    private final BatonEngine engine;
    private final Thread thread;
    private final Job first;
    private boolean started;
    private volatile boolean go; // the baton: set by the giver, cleared by the taker
    private final AtomicReference<Place> place = new AtomicReference<>(Place.HOME);
    private @Nullable BooleanSupplier announcement; // while away; this thread's own

    BatonFiber(BatonEngine engine, Job first, @Nullable ClassLoader loader) {
        this.engine = engine;
        this.first = first;
        thread = Thread.ofVirtual().inheritInheritableThreadLocals(false).unstarted(this);
        thread.setContextClassLoader(loader);
    }

    /// Says that there is a baton engine in this JVM.
    static void enable() {
        used = true;
    }

    static @Nullable BatonFiber ofCurrentThread() {
        return used ? CURRENT.get() : null;
    }

    @Override
    public Thread thread() {
        return thread;
    }

    @Override
    public BatonEngine engine() {
        return engine;
    }

    @Override
    public void run() {
        CURRENT.set(this);
        Fiber next = null;
        try {
            own(first);
            first.run();
            own(null);
            if (isStranded()) { // without the baton
                strandReturnTo();
                return;
            }
            next = takeReturnTo();
        } catch (Throwable e) {
            engine.source.crashed(e);
        }
        boolean interrupted = Thread.interrupted(); // a job's leftover must not reach the poller
        engine.handOn(next != null ? next : engine.pick());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Gives this fiber the baton. The giver must touch nothing of the loop afterwards.
    void grant() {
        engine.running(this);
        if (!started) {
            started = true;
            thread.start();
        } else {
            go = true;
            LockSupport.unpark(thread);
        }
    }

    /// Registers, chooses who is next and hands the baton over, all on this fiber's own stack.
    @Override
    void leave(Suspension suspension) {
        boolean interrupted = prepareToLeave();
        Fiber next = chooseNext(suspension);
        if (next != this) {
            engine.handOn(next);
            interrupted |= awaitBaton();
        } else {
            engine.running(this);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Overflows now or not at all; takes the interrupt status, which must not reach the poller.
    private static boolean prepareToLeave() {
        probeStack(PROBE_FRAMES, 1, 2, 3, 4, 5, 6);
        if (triesFirst) {
            tryUnmount(TRIAL_FRAMES);
        }
        return Thread.interrupted();
    }

    private @Nullable Fiber chooseNext(Suspension suspension) {
        Job mine = owner();
        own(null); // the loop's own code is nobody's step, on whichever stack it runs
        Fiber next = engine.choose(this, suspension);
        own(mine);
        return next;
    }

    /// Waits for the baton, or to be stranded; returns whether the thread was interrupted meanwhile.
    private boolean awaitBaton() {
        boolean interrupted = false;
        while (!go && !isStranded()) {
            try {
                LockSupport.park(this); // stray permits: look again
            } catch (StackOverflowError e) {
                triesFirst = true;
                Thread.onSpinWait(); // too deep to unmount; the baton is gone, so wait on this carrier
            }
            interrupted |= Thread.interrupted();
        }
        go = false;
        return interrupted;
    }

    @Override
    void leaveFor(Suspension suspension, BooleanSupplier announcement) {
        boolean interrupted = prepareToLeave();
        Fiber next = chooseNext(suspension);
        this.announcement = announcement;
        place.set(Place.AWAY);
        engine.running(null); // the loop's thread may be next, which is no fiber
        engine.handOn(next);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    boolean awaitReturn() {
        place.set(Place.RETURNING);
        if (!Objects.requireNonNull(announcement).getAsBoolean() // the loop is closed
                && place.compareAndSet(Place.RETURNING, Place.AWAY)) { // and does not end this fiber itself
            markStranded();
            return false;
        }
        if (awaitBaton()) {
            Thread.currentThread().interrupt();
        }
        announcement = null;
        return true;
    }

    @Override
    public boolean admit() {
        return place.compareAndSet(Place.RETURNING, Place.HOME);
    }

    @Override
    boolean isOut() {
        return place.get() != Place.HOME;
    }

    @Override
    void unwindOutside() {
        LockSupport.unpark(thread);
    }

    /// Unmounts and comes back, somewhat deeper than a park would, or overflows. Nobody else runs
    /// meanwhile: this fiber has the baton.
    @SuppressWarnings("ThreadPriorityCheck") // not a hint: the only public call that unmounts and needs no waker
    private static int tryUnmount(int frames) {
        if (frames == 0) {
            Thread.yield();
            return 0;
        }
        return tryUnmount(frames - 1) + 1;
    }

    private static int carrierCount() {
        return Integer.getInteger(
                "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
    }

    /// Touches about 5 KiB of stack, so that the scheduling code beneath cannot overflow half way.
    private static long probeStack(int frames, long a, long b, long c, long d, long e, long f) {
        return frames == 0 ? a : probeStack(frames - 1, b, c, d, e, f, a + frames) + a + b + c + d + e + f;
    }

    @Override
    public String toString() {
        return "<Fiber baton " + (owner() == null ? "idle" : owner()) + ">";
    }
}
