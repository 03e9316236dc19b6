package asyncio.testing;

import asyncio.CancelScope;
import asyncio.Task;
import asyncio.spi.ReadyOrder;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs a scenario once for each moment at which one of its tasks can be cancelled.
///
/// A moment lies between two steps of the loop while that task is not done: this covers each of its
/// suspensions, and in each the races with whatever became ready in the same iteration. Time is
/// virtual, so that each run takes the same steps up to the cancellation; for code that needs sockets
/// there is a sweep in real time, which comes as near to that as the system allows.
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

    private CancelSweep() {}

    /// Sweeps in the order of production: first-in first-out.
    ///
    /// @param scenario the scenario
    /// @return how many moments there were
    /// @throws AssertionError if a run failed; the message tells which
    public static int inOrder(Scenario scenario) {
        return sweep("first-in first-out", ReadyOrder::fifo, Trial.VIRTUAL, scenario);
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
            moments += sweep("order of seed " + seed, () -> ReadyOrder.seeded(drawn), Trial.VIRTUAL, scenario);
        }
        return moments;
    }

    /// Sweeps in real time, where channels can be watched: in the order of production, then in random
    /// orders.
    ///
    /// How many moments a run has may then differ from run to run: the system decides when a channel is
    /// ready. What the scenario checks must hold in any case. A run that takes a minute has failed.
    ///
    /// @param orderCount how many random orders; may be 0
    /// @param scenario the scenario
    /// @return how many moments there were in all of them
    /// @throws AssertionError if a run failed; the message tells which
    public static int inRealTime(int orderCount, Scenario scenario) {
        int moments = sweep("first-in first-out", ReadyOrder::fifo, Trial.REAL, scenario);
        for (long seed = 1; seed <= orderCount; seed++) {
            long drawn = seed;
            moments += sweep("order of seed " + seed, () -> ReadyOrder.seeded(drawn), Trial.REAL, scenario);
        }
        return moments;
    }

    private static int sweep(String order, Supplier<ReadyOrder> orders, Trial trial, Scenario scenario) {
        int moments = run(order, orders.get(), trial, NEVER, scenario);
        if (moments == 0) {
            throw new AssertionError("no moment to cancel at: the scenario must name its victim, and wait for it");
        }
        for (int moment = 0; moment < moments; moment++) {
            run(order, orders.get(), trial, moment, scenario);
        }
        return moments;
    }

    /// One run; returns how many moments it had.
    private static int run(String order, ReadyOrder inner, Trial trial, int moment, Scenario scenario) {
        Victim victim = new Victim(moment);
        ReadyOrder counting = count -> {
            victim.beforeStep();
            return inner.choose(count);
        };
        try {
            trial.run(counting, () -> scenario.run(victim));
        } catch (Throwable e) {
            String when = moment == NEVER ? "without a cancellation" : "cancelled at moment " + moment;
            throw new AssertionError(order + ", " + when + ": " + e, e);
        }
        return victim.moments;
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
