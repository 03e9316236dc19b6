package behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.ReturnWhen;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs a test's coroutine on a loop whose time jumps.
final class InVirtualTime {
    private InVirtualTime() {}

    /// Runs a body, and fails if a failure was reported that nobody looked at.
    static <T extends @Nullable Object> T run(Body<T> body) {
        RecordingLogger logger = new RecordingLogger();
        T result = run(logger, body);
        assertThat(findings(logger)).isEmpty();
        return result;
    }

    static void run(VoidBody body) {
        run(body.returningNull());
    }

    static <T extends @Nullable Object> T run(RecordingLogger logger, Body<T> body) {
        return Asyncio.run(Asyncio.async(body), options(logger));
    }

    static void run(RecordingLogger logger, VoidBody body) {
        run(logger, body.returningNull());
    }

    static RunOptions options(RecordingLogger logger) {
        return new RunOptions(loop(logger), Duration.ZERO, false);
    }

    /// With debug mode on or off; no step counts as slow.
    static RunOptions debugOptions(RecordingLogger logger, boolean debug) {
        return new RunOptions(loop(logger).stepClock(() -> 1L).debug(debug), Duration.ZERO, false);
    }

    static LoopOptions loop(RecordingLogger logger) {
        return VirtualTime.create().options().logger(logger);
    }

    /// What was logged as a warning or worse.
    static List<RecordingLogger.Entry> findings(RecordingLogger logger) {
        return logger.entries().stream()
                .filter(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0)
                .toList();
    }

    /// A coroutine that only fails.
    static Coroutine<Integer> failing(RuntimeException failure) {
        Body<Integer> body = () -> {
            throw failure;
        };
        return Asyncio.async(body);
    }

    /// A coroutine that fails at its first turn after its start.
    static Coroutine<Integer> failingAfter(Duration delay, RuntimeException failure) {
        Body<Integer> body = () -> {
            Asyncio.await(Asyncio.sleep(delay));
            throw failure;
        };
        return Asyncio.async(body);
    }

    /// Waits for tasks, whatever becomes of them.
    static void join(Task<?>... tasks) {
        for (Task<?> task : tasks) {
            await(task);
        }
    }

    private static <T extends @Nullable Object> void await(Future<T> future) {
        Asyncio.await(Asyncio.waitUntil(List.of(future), ReturnWhen.ALL_COMPLETED));
    }

    static Duration millis(long count) {
        return Duration.ofMillis(count);
    }
}
