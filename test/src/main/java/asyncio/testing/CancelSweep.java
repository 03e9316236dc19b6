package asyncio.testing;

import asyncio.Asyncio;
import asyncio.CancelScope;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.spi.ReadyOrder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs a scenario once for each moment at which one of its tasks can be cancelled.
///
/// A moment lies between two steps of the loop while that task is not done: this covers each of its
/// suspensions, and in each the races with whatever became ready in the same iteration. Time is
/// virtual, so that each run takes the same steps up to the cancellation.
///
/// A run fails if the scenario throws, waits for ever, leaves tasks behind, or makes the loop log a
/// failure. What else must hold, the scenario checks itself.
///
/// Threads: immutable; the scenario runs on the calling thread.
public final class CancelSweep {
    /*
     * The loop asks its ReadyOrder before each step, on its own thread and between two steps: there the sweep counts
     * moments and, at the one that it looks for, cancels. A first run without a cancellation tells how many there are.
     */
    private static final int NEVER = -1;
    private static final Duration LIMIT = Duration.ofDays(1); // of virtual time: the scenario waits for ever

    private CancelSweep() {}

    /// Sweeps in the order of production: first-in first-out.
    ///
    /// @param scenario the scenario
    /// @return how many moments there were
    /// @throws AssertionError if a run failed; the message tells which
    public static int inOrder(Scenario scenario) {
        return sweep("first-in first-out", ReadyOrder::fifo, scenario);
    }

    /// Sweeps in random orders of what is ready, the same ones each time.
    ///
    /// @param orderCount how many orders
    /// @param scenario the scenario
    /// @return how many moments there were in all of them
    /// @throws AssertionError if a run failed; the message tells which
    public static int inRandomOrders(int orderCount, Scenario scenario) {
        int moments = 0;
        for (long seed = 1; seed <= orderCount; seed++) {
            long drawn = seed;
            moments += sweep("order of seed " + seed, () -> ReadyOrder.seeded(drawn), scenario);
        }
        return moments;
    }

    private static int sweep(String order, Supplier<ReadyOrder> orders, Scenario scenario) {
        int moments = run(order, orders.get(), NEVER, scenario);
        if (moments == 0) {
            throw new AssertionError("no moment to cancel at: the scenario must name its victim, and wait for it");
        }
        for (int moment = 0; moment < moments; moment++) {
            run(order, orders.get(), moment, scenario);
        }
        return moments;
    }

    /// One run; returns how many moments it had.
    private static int run(String order, ReadyOrder inner, int moment, Scenario scenario) {
        Victim victim = new Victim(moment);
        RecordingLogger logger = new RecordingLogger();
        LoopOptions loop = VirtualTime.create().options().logger(logger).readyOrder(() -> count -> {
            victim.beforeStep();
            return inner.choose(count);
        });
        try {
            Asyncio.run(
                    Asyncio.async(() -> {
                        Asyncio.await(Asyncio.timeout(LIMIT, () -> scenario.run(victim)));
                        ensureNothingLeft();
                    }),
                    new RunOptions(loop, Duration.ZERO, false));
            ensureNothingLogged(logger);
        } catch (Throwable e) {
            String when = moment == NEVER ? "without a cancellation" : "cancelled at moment " + moment;
            throw new AssertionError(order + ", " + when + ": " + e, e);
        }
        return victim.moments;
    }

    private static void ensureNothingLeft() {
        List<Task<?>> left = Asyncio.allTasks().stream()
                .filter(task -> !task.equals(Asyncio.currentTask()))
                .toList();
        if (!left.isEmpty()) {
            throw new AssertionError("the scenario left tasks behind: " + left);
        }
    }

    private static void ensureNothingLogged(RecordingLogger logger) {
        List<RecordingLogger.Entry> graver = logger.entries().stream()
                .filter(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0)
                .toList();
        if (!graver.isEmpty()) {
            throw new AssertionError("the loop logged: " + graver);
        }
    }

    /// What is run again and again: code of a coroutine.
    @FunctionalInterface
    public interface Scenario {
        /// Runs once, in a loop of its own.
        ///
        /// @param victim to be told which task is cancelled
        /// @throws Exception which fails the sweep
        void run(Victim victim) throws Exception;
    }

    /// The task of one run that is cancelled.
    ///
    /// Threads: loop-confined.
    public static final class Victim {
        private final int moment; // at which it is cancelled
        private int moments; // so far
        private @Nullable Task<?> task;
        private @Nullable CancelScope scope; // which is cancelled instead of the task
        private boolean cancelled;

        private Victim(int moment) {
            this.moment = moment;
        }

        /// Names the task. From now on, moments count.
        ///
        /// @param newTask the task
        /// @return the same task
        public Task<?> is(Task<?> newTask) {
            task = Objects.requireNonNull(newTask, "task must not be null");
            return newTask;
        }

        /// Names a scope, and the task during whose life it is cancelled. From now on, moments count.
        ///
        /// @param newScope the scope that is cancelled
        /// @param newTask the task
        /// @return the same task
        public Task<?> is(CancelScope newScope, Task<?> newTask) {
            scope = Objects.requireNonNull(newScope, "scope must not be null");
            return is(newTask);
        }

        /// Whether the task or scope was cancelled by the sweep, in this run, up to now.
        ///
        /// @return true if a cancellation was requested, and accepted
        public boolean wasCancelled() {
            return cancelled;
        }

        private void beforeStep() {
            Task<?> target = task;
            if (target != null && !target.isDone() && moments++ == moment) {
                cancelled = cancel(target);
            }
        }

        private boolean cancel(Task<?> target) {
            CancelScope cancelScope = scope;
            if (cancelScope == null) {
                return target.cancel("cancelled by the sweep");
            }
            cancelScope.cancel("cancelled by the sweep");
            return cancelScope.cancelCalled();
        }
    }
}
