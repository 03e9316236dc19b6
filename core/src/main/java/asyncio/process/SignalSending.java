package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/// Sends a signal of any kind to a child.
///
/// Threads: loop-confined.
final class SignalSending {
    private static final Pattern NAME = Pattern.compile("(?!SIG)[A-Z0-9]+([+-][0-9]+)?");
    private static final String SCRIPT = "kill -s \"$0\" \"$1\""; // the shell's own: a machine may lack the program

    private SignalSending() {}

    static Coroutine<Boolean> to(Child child, String name) {
        Objects.requireNonNull(name, "name must not be null");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "signal must be a name without the prefix SIG: got \"" + name + "\"; say TERM");
        }
        return switch (name) {
            case "TERM" -> Asyncio.async(child::terminate);
            case "KILL" -> Asyncio.async(child::kill);
            default -> Asyncio.async(() -> ask(child, name));
        };
    }

    /// In a task. The child may end meanwhile, and its number may go to another process: the system gives no way
    /// to exclude that from here; numbers are used again late.
    private static boolean ask(Child child, String name) throws IOException {
        if (Launch.isWindows()) {
            throw new UnsupportedOperationException("Windows knows no signal " + name + ": use TERM or KILL");
        }
        if (!child.isRunning()) {
            return false;
        }
        ProcessOptions options = ProcessOptions.DEFAULT
                .stdin(Stdio.DEVNULL)
                .stdout(Stdio.DEVNULL)
                .stderr(Stdio.DEVNULL);
        List<String> command = List.of("/bin/sh", "-c", SCRIPT, name, Long.toString(child.pid()));
        try (Child sender = Asyncio.await(Child.start(command, options))) {
            if (sender.waitExited() == 0) {
                return true;
            }
        }
        if (child.isRunning()) {
            throw new IllegalArgumentException("signal must be one that the system knows: got " + name);
        }
        return false;
    }
}
