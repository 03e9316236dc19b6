package network;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A CPython program as the other side of a test: speaks lines with it, and ends with it.
final class PythonPeer implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private PythonPeer(Process process) {
        this.process = process;
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static PythonPeer start(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-u", "-c", program));
        command.addAll(List.of(arguments));
        try {
            return new PythonPeer(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new AssertionError("python3 is needed for this test: install CPython 3.11 or newer", e);
        }
    }

    /// The next line that the program prints; blocks, so not for the loop's thread.
    String line() throws IOException {
        return requireNonNull(output.readLine(), "the program has ended");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
