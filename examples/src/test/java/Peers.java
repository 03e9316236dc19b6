import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.VoidBody;
import asyncio.process.Process;
import asyncio.process.ProcessOptions;
import asyncio.process.Processes;
import asyncio.process.Stdio;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What the tests of network programs have in common: a loop, and real programs at the other side.
final class Peers {
    private static final Duration NOT_FOR_EVER = Duration.ofSeconds(60);

    private Peers() {}

    /// Runs a test in a loop, and ends it if it hangs.
    static void inLoop(VoidBody body) {
        run(() -> {
            await(timeout(NOT_FOR_EVER, body));
        });
    }

    /// Runs a test of streams in memory: time passes only when everybody waits.
    static void inVirtualTime(VirtualTime time, VoidBody body) {
        RunOptions options = RunOptions.defaults().loop(time.options());
        run(
                () -> {
                    await(timeout(Duration.ofDays(1), body));
                },
                options);
    }

    /// A socket whose port refuses connections: it is taken, but nobody listens.
    static Socket boundSocket() throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return socket;
    }

    static Coroutine<Process> python(String script, Object... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-u", "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return start(command, "CPython 3.11 or newer");
    }

    /// Starts an example in a JVM of its own.
    static Coroutine<Process> example(String name, String... arguments) {
        return start(Example.command(name, arguments), "a JDK");
    }

    /// Its output and error output are one.
    static Coroutine<Process> start(List<String> command, String what) {
        return async(() -> {
            ProcessOptions options = ProcessOptions.PIPED.stderr(Stdio.STDOUT);
            String[] arguments = command.subList(1, command.size()).toArray(String[]::new);
            try {
                return await(
                        Processes.createSubprocessExec(options, command.getFirst(), arguments),
                        IOException.class);
            } catch (IOException e) {
                throw new AssertionError(command.getFirst() + " is needed: install " + what, e);
            }
        });
    }

    static String line(Process process) {
        return new String(await(process.stdout().readLine()), StandardCharsets.UTF_8).strip();
    }

    /// Reads the line `listening on port ...`, which the examples print.
    static int port(Process process) {
        return Integer.parseInt(line(process).replace("listening on port ", ""));
    }

    /// What a process prints until it ends.
    static String rest(Process process) {
        String output = await(process.communicate()).stdoutText();
        await(process.waitExited());
        return output;
    }
}
