package asyncio.testing;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.spi.ReadyOrder;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// One run of a test's code in a loop of its own, which must end, leave no task behind, and make the
/// loop log nothing grave.
///
/// Threads: immutable; the code runs on the calling thread.
///
/// @param options of the loop, made for each run
/// @param limit how long the code may take, in the time of that loop
record Trial(Supplier<LoopOptions> options, Duration limit) {
    /// In virtual time.
    static final Trial VIRTUAL = new Trial(() -> VirtualTime.create().options(), Duration.ofDays(1));

    /// In real time.
    static final Trial REAL = new Trial(LoopOptions::defaults, Duration.ofMinutes(1));

    void run(ReadyOrder order, VoidBody body) {
        RecordingLogger logger = new RecordingLogger();
        LoopOptions loop = options.get().logger(logger).readyOrder(() -> order);
        Asyncio.run(
                Asyncio.async(() -> {
                    Asyncio.await(Asyncio.timeout(limit, body));
                    ensureNothingLeft();
                }),
                new RunOptions(loop, Duration.ZERO, false));
        ensureNothingLogged(logger);
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
}
