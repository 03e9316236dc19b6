package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/// Starts child processes, made for `import static`.
///
/// [#runProcess(String, String...)] runs one from start to end. [#createSubprocessExec(String, String...)]
/// starts one to talk to.
///
/// Cancellation: a child whose start is cancelled is killed.
///
/// Errors: a program that does not exist is a [java.nio.file.NoSuchFileException], one that may not be
/// run an [java.nio.file.AccessDeniedException].
///
/// Threads: the functions belong to the running loop. The child is started on a thread of the loop's
/// default executor.
public final class Processes {
    private Processes() {}

    /// Starts a program with input and output as this program's own.
    ///
    /// Cancellation: kills the child.
    ///
    /// Errors, when awaited: `IOException` if it cannot be started.
    ///
    /// @param program the program: a path, or a name that is looked up on the `PATH`
    /// @param arguments its arguments, as they are: no shell looks at them
    /// @return a coroutine of the child
    public static Coroutine<Process> createSubprocessExec(String program, String... arguments) {
        return createSubprocessExec(ProcessOptions.DEFAULT, program, arguments);
    }

    /// Starts a program.
    ///
    /// Cancellation: kills the child.
    ///
    /// Errors, when awaited: `IOException` if it cannot be started.
    ///
    /// @param options how it is started
    /// @param program the program: a path, or a name that is looked up on the `PATH`
    /// @param arguments its arguments, as they are: no shell looks at them
    /// @return a coroutine of the child
    public static Coroutine<Process> createSubprocessExec(ProcessOptions options, String program, String... arguments) {
        return start(options, command(program, arguments));
    }

    /// Starts a shell command with input and output as this program's own. What comes from outside must
    /// not be put into it without quotes.
    ///
    /// Cancellation: kills the shell.
    ///
    /// Errors, when awaited: `IOException` if the shell cannot be started.
    ///
    /// @param command the command, for `/bin/sh -c`, on Windows `cmd /c`
    /// @return a coroutine of the shell
    public static Coroutine<Process> createSubprocessShell(String command) {
        return createSubprocessShell(ProcessOptions.DEFAULT, command);
    }

    /// Starts a shell command. What comes from outside must not be put into it without quotes.
    ///
    /// Killing the shell leaves its commands alone: see [Process#killTree()].
    ///
    /// Cancellation: kills the shell.
    ///
    /// Errors, when awaited: `IOException` if the shell cannot be started.
    ///
    /// @param options how it is started
    /// @param command the command, for `/bin/sh -c`, on Windows `cmd /c`
    /// @return a coroutine of the shell
    public static Coroutine<Process> createSubprocessShell(ProcessOptions options, String command) {
        return start(options, shell(command));
    }

    /// Starts a program and tells a protocol what becomes of it; asyncio's `loop.subprocess_exec`.
    ///
    /// Cancellation: kills the child.
    ///
    /// Errors, when awaited: `IOException` if it cannot be started.
    ///
    /// @param protocol makes the protocol, once the child runs
    /// @param options how it is started
    /// @param program the program: a path, or a name that is looked up on the `PATH`
    /// @param arguments its arguments, as they are
    /// @return a coroutine of the child; the protocol has been told then that it is there
    public static Coroutine<SubprocessTransport> subprocessExec(
            Supplier<? extends SubprocessProtocol> protocol,
            ProcessOptions options,
            String program,
            String... arguments) {
        return connect(protocol, options, command(program, arguments));
    }

    /// Starts a shell command and tells a protocol what becomes of it; asyncio's `loop.subprocess_shell`.
    ///
    /// Cancellation: kills the shell.
    ///
    /// Errors, when awaited: `IOException` if the shell cannot be started.
    ///
    /// @param protocol makes the protocol, once the shell runs
    /// @param options how it is started
    /// @param command the command, for `/bin/sh -c`, on Windows `cmd /c`
    /// @return a coroutine of the shell; the protocol has been told then that it is there
    public static Coroutine<SubprocessTransport> subprocessShell(
            Supplier<? extends SubprocessProtocol> protocol, ProcessOptions options, String command) {
        return connect(protocol, options, shell(command));
    }

    /// Runs a program from start to end, without input, and gives what it wrote.
    ///
    /// Cancellation: as [#runProcess(RunProcessOptions, String, String...)].
    ///
    /// Errors, when awaited: `IOException` if it cannot be started; [CalledProcessException] if it ends
    /// with anything but 0.
    ///
    /// @param program the program: a path, or a name that is looked up on the `PATH`
    /// @param arguments its arguments, as they are: no shell looks at them
    /// @return a coroutine of how it ended and what it wrote
    public static Coroutine<CompletedProcess> runProcess(String program, String... arguments) {
        return runProcess(RunProcessOptions.DEFAULT, program, arguments);
    }

    /// Runs a program from start to end.
    ///
    /// Cancellation: stops the child and all that it has started, with the grace of the options, and
    /// waits for that. What it has written is in the [asyncio.CancelledError]: see
    /// [CalledProcessException#in(Throwable)].
    ///
    /// Errors, when awaited: `IOException` if it cannot be started; [CalledProcessException] if it ends
    /// with anything but 0, unless the options allow that; [asyncio.TimeoutException] if it takes too long,
    /// and [OutputLimitException] if it writes too much: then it is stopped, as above.
    ///
    /// @param options how it is run
    /// @param program the program: a path, or a name that is looked up on the `PATH`
    /// @param arguments its arguments, as they are: no shell looks at them
    /// @return a coroutine of how it ended and what it wrote
    public static Coroutine<CompletedProcess> runProcess(
            RunProcessOptions options, String program, String... arguments) {
        return ProcessRun.of(options, command(program, arguments));
    }

    /// Runs a shell command from start to end, as [#runProcess(RunProcessOptions, String, String...)].
    /// What comes from outside must not be put into it without quotes.
    ///
    /// Cancellation: as there.
    ///
    /// Errors, when awaited: as there.
    ///
    /// @param options how it is run
    /// @param command the command, for `/bin/sh -c`, on Windows `cmd /c`
    /// @return a coroutine of how it ended and what it wrote
    public static Coroutine<CompletedProcess> runShell(RunProcessOptions options, String command) {
        return ProcessRun.of(options, shell(command));
    }

    static Coroutine<Process> start(ProcessOptions options, List<String> command) {
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(() -> new Process(Asyncio.await(Child.start(command, options)), options.limitBytes()));
    }

    private static Coroutine<SubprocessTransport> connect(
            Supplier<? extends SubprocessProtocol> protocol, ProcessOptions options, List<String> command) {
        Objects.requireNonNull(protocol, "protocol must not be null");
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(() -> SubprocessTransport.connect(Asyncio.await(Child.start(command, options)), protocol));
    }

    private static List<String> command(String program, String[] arguments) {
        List<String> command = new ArrayList<>();
        command.add(checked(program, "program"));
        for (String argument : arguments) {
            command.add(checked(argument, "argument"));
        }
        if (program.isEmpty()) {
            throw new IllegalArgumentException("program must not be empty");
        }
        return List.copyOf(command);
    }

    private static List<String> shell(String command) {
        checked(command, "command");
        return Launch.isWindows() ? List.of("cmd.exe", "/c", command) : List.of("/bin/sh", "-c", command);
    }

    private static String checked(String text, String what) {
        if (Objects.requireNonNull(text, what + " must not be null").indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " must not contain a zero character: got \"" + text + "\"");
        }
        return text;
    }
}
