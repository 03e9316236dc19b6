package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ExceptionGroup;
import asyncio.InvalidStateException;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.sync.Event;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Collects what a port prints and compares it with what CPython printed.
abstract class Trace {
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    /// Python's `print`: the words with a space between them.
    final void print(@Nullable Object... words) {
        lines.add(Stream.of(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }

    /// How many lines were printed up to now.
    final int printedCount() {
        return lines.size();
    }

    static String yes(boolean flag) {
        return flag ? "yes" : "no";
    }

    static Duration seconds(double count) {
        return Duration.ofNanos(Math.round(count * 1e9));
    }

    /// Python's `current_task()`, in a task.
    static Task<?> me() {
        return Objects.requireNonNull(currentTask(), "no task runs here");
    }

    /// Python's `await asyncio.Event().wait()`: suspends until it is cancelled.
    static void waitForever() {
        await(new Event().awaitSet());
    }

    /// Python's `type(error).__name__`.
    static String name(@Nullable Throwable error) {
        return switch (error) {
            case null -> "NoneType";
            case InvalidStateException _ -> "InvalidStateError";
            case TimeoutException _ -> "TimeoutError";
            case IllegalStateException _ -> "RuntimeError";
            case IllegalArgumentException _ -> "ValueError";
            default -> error.getClass().getSimpleName();
        };
    }

    /// The names of the failures of a group, in its order.
    static String names(ExceptionGroup group) {
        return group.exceptions().stream().map(Trace::name).collect(Collectors.joining(" "));
    }

    static String withItsWords(Throwable error, String words) {
        return String.valueOf(error.getMessage()).contains(words) ? "with its words" : "with other words";
    }

    /// Fails unless exactly the lines of the recorded output were printed.
    final void assertPrinted(String name) {
        assertThat(String.join("\n", lines) + "\n").isEqualTo(recorded(name));
    }

    private static String recorded(String name) {
        try (InputStream in = Trace.class.getResourceAsStream("/traces/" + name + ".out")) {
            assertThat(in).as("recorded output of %s", name).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A loop whose time jumps: for every port that does not mix timers and threads.
    static LoopOptions virtual() {
        return VirtualTime.create().options();
    }

    static RunOptions virtualRun() {
        return RunOptions.defaults().loop(virtual());
    }

    /// The failure of the programs.
    static final class Boom extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Boom(String message) {
            super(message);
        }
    }

    /// Another failure, where a program needs two.
    static final class Bang extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Bang(String message) {
            super(message);
        }
    }
}
