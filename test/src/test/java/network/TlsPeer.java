package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.toThread;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that speaks TLS, started by a test and ended with it.
final class TlsPeer implements AutoCloseable {
    private static final long MAX_RUN_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;

    private TlsPeer(Process process) {
        this.process = process;
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    static TlsPeer start(String... command) {
        return start(List.of(command));
    }

    static TlsPeer start(List<String> command) {
        try {
            return new TlsPeer(new ProcessBuilder(command)
                    .directory(TlsFixtures.DIRECTORY.toFile())
                    .redirectErrorStream(true)
                    .start());
        } catch (IOException e) {
            throw new AssertionError(command.getFirst() + " cannot be started; install it (openssl 3, python3)", e);
        }
    }

    /// Runs a program to its end.
    static void run(List<String> command) {
        try (TlsPeer peer = start(command)) {
            String said = String.join("\n", peer.output.lines().toList());
            if (!peer.process.waitFor(MAX_RUN_SECONDS, TimeUnit.SECONDS) || peer.process.exitValue() != 0) {
                throw new AssertionError(command + " failed: " + said);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void say(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// In a task: ends one of OpenSSL's tools in good form.
    void quit() {
        say("Q");
        await(toThread(() -> {
            process.waitFor(MAX_RUN_SECONDS, TimeUnit.SECONDS);
        }));
    }

    /// In a task: the first line with these words; what comes before is skipped.
    String lineWith(String words) {
        return await(toThread(() -> {
            List<String> skipped = new ArrayList<>();
            String line;
            while ((line = output.readLine()) != null) {
                if (line.contains(words)) {
                    return line;
                }
                skipped.add(line);
            }
            throw new AssertionError("\"" + words + "\" was never said; but " + skipped);
        }));
    }

    /// The port in a line that says where the program listens.
    int port(String words) {
        String line = lineWith(words);
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(MAX_RUN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
