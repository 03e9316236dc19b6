package network;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.spi.ReadyOrder;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cancel sweep on real channels: cancels a task of a scenario before its first step of the loop,
/// before its second one, and so on, until a run ends before that.
final class SocketSweep {
    private static final int NEVER = -1;
    private static final int MAX_MOMENTS = 1_000; // none of the scenarios comes near
    private static final Duration LIMIT = Duration.ofMinutes(1); // of real time: the scenario waits for ever

    private SocketSweep() {}

    /// Returns at how many moments the task was cancelled.
    static int run(Scenario scenario) {
        runOnce(NEVER, scenario);
        int moment = 0;
        while (runOnce(moment, scenario)) {
            if (++moment > MAX_MOMENTS) {
                throw new AssertionError("the scenario takes ever more steps");
            }
        }
        if (moment == 0) {
            throw new AssertionError("no moment to cancel at: the scenario must name its victim, and wait for it");
        }
        return moment;
    }

    private static boolean runOnce(int moment, Scenario scenario) {
        Victim victim = new Victim(moment);
        RecordingLogger logger = new RecordingLogger();
        LoopOptions loop = LoopOptions.defaults().logger(logger).readyOrder(() -> {
            ReadyOrder inner = ReadyOrder.fifo();
            return count -> {
                victim.beforeStep();
                return inner.choose(count);
            };
        });
        try {
            Asyncio.run(
                    Asyncio.async(() -> {
                        await(Asyncio.timeout(LIMIT, () -> scenario.run(victim)));
                        ensureNothingLeft();
                    }),
                    new RunOptions(loop, Duration.ZERO, false));
            ensureNothingLogged(logger);
        } catch (Throwable e) {
            throw new AssertionError("cancelled at moment " + moment + ": " + e, e);
        }
        return victim.cancelled;
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
    interface Scenario {
        void run(Victim victim) throws Exception;
    }

    /// The task of one run that is cancelled.
    static final class Victim {
        private final int moment; // at which it is cancelled
        private int moments; // so far
        private @Nullable Task<?> task;
        private boolean cancelled;

        private Victim(int moment) {
            this.moment = moment;
        }

        /// Names the task, and waits for it, however it ends. From now on, moments count.
        void isAndEnds(Task<?> newTask) {
            task = newTask;
            await(Asyncio.waitUntil(List.of(newTask), asyncio.ReturnWhen.ALL_COMPLETED));
        }

        void is(Task<?> newTask) {
            task = newTask;
        }

        boolean wasCancelled() {
            return cancelled;
        }

        private void beforeStep() {
            Task<?> target = task;
            if (target != null && !target.isDone() && moments++ == moment) {
                cancelled = target.cancel("cancelled by the sweep");
            }
        }
    }
}
