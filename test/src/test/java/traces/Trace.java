package traces;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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

    static String yes(boolean flag) {
        return flag ? "yes" : "no";
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
}
