package asyncio.loop;

import asyncio.fiber.EngineKind;
import asyncio.fiber.Fiber;
import asyncio.fiber.FiberEngine;
import asyncio.fiber.Job;
import asyncio.fiber.JobSource;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import asyncio.spi.ReadyOrder;
import asyncio.structure.Inbox;
import asyncio.structure.RingQueue;
import asyncio.structure.TimerNode;
import asyncio.structure.TimerQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One event loop: the ready queue, the timers, the inbox, and the iteration that serves them.
///
/// Threads: loop-confined; [#submit(Job)], [#isOnLoop()], [#isRunning()], [#isClosed()] and what
/// [StepWatch] reads may be called by any thread. While the loop does not run, the thread that owns
/// it takes the loop's place.
public final class LoopCore implements JobSource {
    /*
     * One iteration (LOOP-5)
     *
     *  1. cancelled timers are out of the queue already: TimerQueue removes them at once
     *  2. poll timeout: 0 if something is ready or the loop is stopping, else until the next timer, else without limit
     *  3. poll once, which makes I/O callbacks ready (reader before writer), behind what other threads left in the inbox
     *  4. due timers; equal deadlines first-in first-out; never early
     *  5. run exactly the jobs that are ready now (the budget); what they add waits for the next iteration
     *
     * So within an iteration: already ready, then I/O, then timers; and a callback that schedules itself for ever
     * cannot starve I/O, because there is one poll in each iteration.
     *
     * The engine asks for jobs (next, nextFresh) until the budget is used up. With the baton engine the asking code
     * runs on the stack of the fiber that suspends, which may also begin the next iteration (turn) if that needs no
     * wait; whatever waits or ends the loop is left to the loop's own thread.
     *
     * Waking: a producer adds to the inbox, then reads `idle`; the loop sets `idle`, then looks at the inbox. One of
     * the two sees the other, and a busy loop costs the producer no system call.
     */
    private static final long HOUSEKEEPING_MASK = 63;

    private final RingQueue<Job> ready = new RingQueue<>();
    private final Inbox<Job> inbox = new Inbox<>();
    private final TimerQueue timers = new TimerQueue();
    private final Clock clock;
    private final Poller poller;
    private final @Nullable ReadyOrder order; // null: first-in first-out, without asking
    private final EngineKind kind;
    private final StepWatch watch;
    private final Runnable housekeeping; // now and then, between iterations; the loop's own code

    private final Consumer<Job> toReady = ready::add;
    private final Consumer<TimerNode> expired = this::expired;

    private volatile @Nullable FiberEngine engine; // chosen when the loop first runs
    private volatile boolean running; // written by the thread inside run(), read by any
    private volatile boolean lent; // between two iterations of a guest's run; written by whoever has its turn
    private volatile @Nullable Thread awaiting; // the thread inside awaitWork()
    private volatile boolean closed; // set once by the owner, read by any thread
    private volatile boolean idle; // the loop's thread waits in the poller, or is about to
    private int budget; // jobs of this iteration not yet taken
    private boolean once; // inside runOnce()
    private long maxWaitNanos = Long.MAX_VALUE; // of one poll
    private boolean polled; // awaitWork() has looked at the channels for the next iteration
    private boolean stopping; // stop() was called: end after this iteration
    private boolean interrupted; // the loop's thread was interrupted while it ran
    private @Nullable Throwable fatal; // ends the loop at once: run() throws it
    private long iterationCount; // begun since the loop was made

    /// A loop that does not run yet.
    ///
    /// @param kind which fiber engine to use
    /// @param clock the time
    /// @param poller where an idle loop waits; owned by this loop from now on
    /// @param order which ready job runs next
    /// @param stepClock the real time, by which long steps are measured
    /// @param housekeeping called when the loop is about to wait, and every 64 iterations
    public LoopCore(
            EngineKind kind, Clock clock, Poller poller, ReadyOrder order, Clock stepClock, Runnable housekeeping) {
        this.kind = kind;
        this.clock = clock;
        this.poller = poller;
        this.order = order.equals(ReadyOrder.fifo()) ? null : order;
        this.housekeeping = housekeeping;
        watch = new StepWatch(stepClock);
    }

    /// Runs until [#stop()] or a fatal failure. The caller has checked that no loop runs here.
    ///
    /// @throws Throwable whatever was passed to [#abort(Throwable)]
    public void run() throws Throwable {
        run(false, Long.MAX_VALUE);
    }

    /// Runs one iteration. The caller has checked that no loop runs here.
    ///
    /// @param maxWaitNanos how long to wait at most for something to run
    /// @return false if [#stop()] was called
    /// @throws Throwable whatever was passed to [#abort(Throwable)]
    public boolean runOnce(long maxWaitNanos) throws Throwable {
        return run(true, maxWaitNanos);
    }

    private boolean run(boolean onlyOnce, long maxWait) throws Throwable {
        FiberEngine chosen = engine;
        if (chosen == null) {
            chosen = FiberEngine.create(kind, this);
            engine = chosen;
        }
        chosen.enter();
        running = true;
        once = onlyOnce;
        maxWaitNanos = maxWait;
        boolean stopped;
        try {
            do {
                beginIteration(true);
                chosen.run();
                watch.stepsOver();
            } while (!once && !stopping && fatal == null);
        } finally {
            running = false;
            stopped = stopping;
            stopping = false;
            once = false;
            maxWaitNanos = Long.MAX_VALUE;
            budget = 0;
            chosen.exit();
            if (interrupted) {
                interrupted = false;
                Thread.currentThread().interrupt(); // the caller's business, not the loop's
            }
        }
        Throwable failure = fatal;
        if (failure != null) {
            fatal = null;
            throw failure;
        }
        return !stopped;
    }

    /// Waits, for a loop that does not run, until an iteration would find something to do. Called by
    /// whoever takes the loop's place meanwhile; nobody else may use the loop, but through the inbox.
    ///
    /// What channels had to tell is kept for the next iteration, which does not look again.
    public void awaitWork() {
        idle = true;
        long timeoutNanos = pollTimeoutNanos();
        polled = true;
        awaiting = Thread.currentThread();
        try {
            poller.poll(timeoutNanos);
        } finally {
            awaiting = null;
            idle = false;
        }
    }

    /// Whether an iteration would find something to do at once.
    ///
    /// @return false if it would wait
    public boolean hasWork() {
        return polled || pollTimeoutNanos() == 0;
    }

    /// Ends [#run()] when the current iteration is over, or, if the loop does not run, after one
    /// iteration.
    public void stop() {
        stopping = true;
    }

    /// Ends [#run()] as soon as the current job is over; it throws the failure. Later failures are
    /// ignored.
    ///
    /// @param failure what run() throws
    public void abort(Throwable failure) {
        if (fatal == null) {
            fatal = failure;
        }
    }

    @Override
    public void crashed(Throwable failure) {
        abort(failure);
    }

    @Override
    public boolean turn() {
        return running && !once && !stopping && fatal == null && beginIteration(false);
    }

    /// Steps 1 to 4 of an iteration; false if it would have to wait and may not.
    private boolean beginIteration(boolean mayWait) {
        if ((iterationCount & HOUSEKEEPING_MASK) == 0 || ready.isEmpty()) {
            housekeeping.run();
        }
        long timeoutNanos = polled ? 0 : Math.min(pollTimeoutNanos(), maxWaitNanos);
        if (timeoutNanos > 0) {
            if (!mayWait) {
                return false;
            }
            watch.stepsOver();
            idle = true;
            if (!inbox.isEmpty()) {
                timeoutNanos = 0;
            }
        }
        if (mayWait) { // on the loop's own thread, not on that of the fiber that leaves
            interrupted |= Thread.interrupted(); // else the poller would not wait
        }
        if (!polled) {
            poller.poll(timeoutNanos);
        }
        polled = false;
        if (mayWait) {
            interrupted |= Thread.interrupted(); // mounting a fiber would clear it
        }
        idle = false;
        inbox.drain(toReady);
        if (timers.size() > 0) {
            timers.expire(clock.nanoTime(), expired);
        }
        budget = ready.size();
        iterationCount++;
        return true;
    }

    private long pollTimeoutNanos() {
        if (!ready.isEmpty() || stopping || !inbox.isEmpty()) {
            return 0;
        }
        long deadline = timers.nextDeadlineNanos();
        if (deadline == Long.MAX_VALUE) {
            return deadline;
        }
        long now = clock.nanoTime();
        return deadline <= now ? 0 : deadline - now; // compared first: a deadline of long ago would overflow
    }

    private void expired(TimerNode node) {
        if (node instanceof Timer timer) {
            ready.add(timer.job());
        }
    }

    @Override
    public @Nullable Job next() {
        if (budget == 0 || fatal != null) {
            return null;
        }
        if (order != null) {
            ready.bringToFront(order.choose(budget));
        }
        return take();
    }

    @Override
    public @Nullable Job nextFresh() {
        if (budget == 0 || fatal != null || order != null) { // a drawn order must not be drawn twice
            return null;
        }
        Job head = ready.peek();
        return head == null || head.fiber() != null ? null : take();
    }

    private @Nullable Job take() {
        budget--;
        Job job = ready.poll();
        watch.stepBegins(job);
        return job;
    }

    /// Makes a job ready: it runs in the next iteration, after what is ready already.
    ///
    /// @param job the job
    public void enqueue(Job job) {
        if (!inbox.isEmpty()) {
            inbox.drain(toReady); // behind what other threads sent before
        }
        ready.add(job);
    }

    /// Makes a job ready, from any thread; wakes the loop if it waits.
    ///
    /// @param job the job
    /// @return false if the loop is closed: the job was not taken
    public boolean submit(Job job) {
        FiberEngine chosen = engine;
        if (chosen != null && chosen.isRunningOn(Thread.currentThread())) { // behind what other threads sent before
            inbox.drain(toReady);
            ready.add(job);
            return !closed;
        }
        if (!inbox.add(job)) {
            return false;
        }
        if (idle) {
            poller.wakeup();
        }
        return true;
    }

    /// Arms a timer.
    ///
    /// @param timer the timer, not armed
    /// @param deadlineNanos when it fires, on this loop's clock
    public void arm(Timer timer, long deadlineNanos) {
        timers.add(timer, deadlineNanos);
    }

    /// Takes an armed timer back.
    ///
    /// @param timer the timer
    /// @return false if it was not armed (any more)
    public boolean disarm(Timer timer) {
        return timers.remove(timer);
    }

    /// The loop's time.
    ///
    /// @return nanoseconds on the loop's clock
    public long nanoTime() {
        return clock.nanoTime();
    }

    /// Whether the calling thread may touch this loop's state.
    ///
    /// @return true on the loop's thread or its running fiber; also anywhere while the loop does
    ///     not run and is not lent, and on the thread inside [#awaitWork()]
    public boolean isOnLoop() {
        FiberEngine chosen = engine;
        if (running) {
            return chosen != null && chosen.isRunningOn(Thread.currentThread());
        }
        return !lent || awaiting == Thread.currentThread();
    }

    /// Whether the loop is inside [#run()], or between two iterations of a run on top of another
    /// loop.
    ///
    /// @return true if it runs
    public boolean isRunning() {
        return running || lent;
    }

    /// Says that the loop, which is not inside an iteration, belongs to a run that goes on: nobody
    /// may touch it.
    ///
    /// @param newLent false before the next iteration
    public void lend(boolean newLent) {
        lent = newLent;
    }

    /// Whether the loop waits for something to do, or is about to. Any thread may ask.
    ///
    /// @return false while steps are going on, also while one of them blocks
    public boolean isIdle() {
        return idle;
    }

    /// Whether [#close()] was called.
    ///
    /// @return true if it was
    public boolean isClosed() {
        return closed;
    }

    /// The engine, once the loop has run.
    ///
    /// @return the engine, or null before the first run
    public @Nullable FiberEngine engine() {
        return engine;
    }

    /// The poller, for watching channels.
    ///
    /// @return this loop's poller
    public Poller poller() {
        return poller;
    }

    /// The watch over long steps.
    ///
    /// @return this loop's watch
    public StepWatch watch() {
        return watch;
    }

    /// The thread inside [#run()].
    ///
    /// @return the thread, or null if the loop does not run
    public @Nullable Thread loopThread() {
        FiberEngine chosen = engine;
        return chosen == null ? null : chosen.loopThread();
    }

    /// The fiber that was resumed last.
    ///
    /// @return the fiber, or null
    public @Nullable Fiber runningFiber() {
        FiberEngine chosen = engine;
        return chosen == null ? null : chosen.running();
    }

    /// How many iterations have begun.
    ///
    /// @return the number
    public long iterationCount() {
        return iterationCount;
    }

    /// How many jobs are ready.
    ///
    /// @return the number
    public int readyCount() {
        return ready.size();
    }

    /// How many timers are armed.
    ///
    /// @return the number
    public int timerCount() {
        return timers.size();
    }

    /// Drops everything that is queued, without running it, and accepts nothing more. Does nothing
    /// the second time.
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        inbox.close(toReady);
        discard();
        timers.clear();
        poller.close();
    }

    /// Drops what was queued since [#close()], by tasks that were unwound.
    public void discard() {
        Job job;
        while ((job = ready.poll()) != null) {
            job.abandoned();
        }
    }
}
