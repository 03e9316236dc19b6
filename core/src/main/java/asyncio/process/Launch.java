package asyncio.process;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The start of a child: on a thread, because forking takes milliseconds.
///
/// Threads: [#start()] on a worker's thread, the rest on the loop's.
final class Launch {
    /*
     *   null --started--> Started --taken by the loop--> (null again is never needed)
     *        --abandoned--> ABANDONED: whoever comes second ends the child
     */
    private static final Object ABANDONED = new Object();
    private static final List<String> NO_SUCH_FILE = List.of("error=2,", "error: 2 ", "error=3,", "error: 3 ");
    private static final List<String> ACCESS_DENIED = List.of("error=13,", "error: 13 ", "error=5,", "error: 5 ");
    private static final boolean WINDOWS = File.separatorChar == '\\';
    private static final File DEVNULL = new File(WINDOWS ? "NUL" : "/dev/null");

    private final EventLoop loop;
    private final List<String> command;
    private final ProcessOptions options;
    private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

    Launch(EventLoop loop, List<String> command, ProcessOptions options) {
        this.loop = loop;
        this.command = command;
        this.options = options;
    }

    static boolean isWindows() {
        return WINDOWS;
    }

    /// Starts the child.
    ///
    /// @throws NoSuchFileException if the program or the directory does not exist
    /// @throws AccessDeniedException if it may not be run
    void start() throws IOException {
        checkDirectory();
        Started started = startWithPipes();
        if (!state.compareAndSet(null, started)) {
            started.end();
        }
    }

    private void checkDirectory() throws IOException {
        Path directory = options.directory();
        if (directory != null && !Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "no such directory to run " + command + " in");
        }
    }

    private Started startWithPipes() throws IOException {
        List<KernelPipe> opened = new ArrayList<>();
        java.lang.Process process = null;
        try {
            KernelPipe input = pipe(options.stdin(), true, opened);
            KernelPipe output = pipe(options.stdout(), false, opened);
            KernelPipe errors = pipe(options.stderr(), false, opened);
            process = builder(input, output, errors).start();
            for (KernelPipe pipe : opened) {
                pipe.handedOver();
            }
            return adopt(process, input, output, errors);
        } catch (IOException e) {
            undo(process, opened);
            throw translated(e);
        } catch (RuntimeException | Error e) { // of a variable that the system cannot have, for one
            undo(process, opened);
            throw e;
        }
    }

    private static void undo(java.lang.@Nullable Process process, List<KernelPipe> pipes) throws IOException {
        if (process != null) { // it was started, and cannot be used
            process.destroyForcibly();
        }
        for (KernelPipe pipe : pipes) {
            pipe.close();
        }
    }

    private ProcessBuilder builder(
            @Nullable KernelPipe input, @Nullable KernelPipe output, @Nullable KernelPipe errors) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Path directory = options.directory();
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        options.environment().applyTo(builder.environment());
        return builder.redirectInput(source(options.stdin(), input))
                .redirectOutput(target(options.stdout(), output))
                .redirectError(target(options.stderr(), errors))
                .redirectErrorStream(options.stderr().kind() == Stdio.Kind.STDOUT);
    }

    /// What is piped, and not by a pipe of ours, gets a thread.
    private Started adopt(
            java.lang.Process process,
            @Nullable KernelPipe input,
            @Nullable KernelPipe output,
            @Nullable KernelPipe errors)
            throws IOException {
        try {
            PipeEnd stdin =
                    end(options.stdin(), input, () -> new BlockingOutput(loop, process.getOutputStream()).begun());
            PipeEnd stdout =
                    end(options.stdout(), output, () -> new BlockingInput(loop, process.getInputStream()).begun());
            PipeEnd stderr =
                    end(options.stderr(), errors, () -> new BlockingInput(loop, process.getErrorStream()).begun());
            return new Started(process, stdin, stdout, stderr);
        } catch (Exception e) { // interrupted: the threads end with the child
            process.destroyForcibly();
            throw new IOException("the start of " + command + " was interrupted", e);
        }
    }

    private static PipeEnd end(Stdio what, @Nullable KernelPipe pipe, Callable<ByteStream> byThread) throws Exception {
        if (what.kind() != Stdio.Kind.PIPE) {
            return PipeEnd.NONE;
        }
        return pipe != null ? new PipeEnd(pipe, null) : new PipeEnd(null, byThread.call());
    }

    private static @Nullable KernelPipe pipe(Stdio what, boolean childReads, List<KernelPipe> opened)
            throws IOException {
        KernelPipe pipe = what.kind() == Stdio.Kind.PIPE ? KernelPipe.open(childReads) : null;
        if (pipe != null) {
            opened.add(pipe);
        }
        return pipe;
    }

    private static Redirect source(Stdio stdin, @Nullable KernelPipe pipe) {
        return switch (stdin.kind()) {
            case INHERIT, STDOUT, APPEND -> Redirect.INHERIT;
            case PIPE -> pipe == null ? Redirect.PIPE : Redirect.from(pipe.file());
            case DEVNULL -> Redirect.from(DEVNULL);
            case FILE -> Redirect.from(file(stdin));
        };
    }

    private static Redirect target(Stdio output, @Nullable KernelPipe pipe) {
        return switch (output.kind()) {
            case INHERIT -> Redirect.INHERIT;
            case PIPE -> pipe == null ? Redirect.PIPE : Redirect.to(pipe.file());
            case STDOUT -> Redirect.PIPE; // not looked at: merged
            case DEVNULL -> Redirect.DISCARD;
            case FILE -> Redirect.to(file(output));
            case APPEND -> Redirect.appendTo(file(output));
        };
    }

    private static File file(Stdio what) {
        return Objects.requireNonNull(what.file(), "file").toFile();
    }

    /// The JDK says only in words what went wrong.
    private IOException translated(IOException e) {
        String words = String.valueOf(e.getMessage());
        String program = command.getFirst();
        IOException clearer;
        if (!words.startsWith("Cannot run program")) {
            return e; // about a redirected file, as it is
        } else if (NO_SUCH_FILE.stream().anyMatch(words::contains)) {
            clearer = new NoSuchFileException(
                    program, null, "no such program, neither here nor on the PATH (or its interpreter is missing)");
        } else if (ACCESS_DENIED.stream().anyMatch(words::contains)) {
            clearer = new AccessDeniedException(program, null, "not a program that may be run");
        } else {
            return e;
        }
        clearer.initCause(e);
        return clearer;
    }

    /// The child, once it was started.
    Started started() {
        if (state.get() instanceof Started started) {
            return started;
        }
        throw new IllegalStateException("the child was not started: " + command);
    }

    /// Nobody wants the child any more: it is killed, now or as soon as it is there.
    void abandon() {
        if (state.getAndSet(ABANDONED) instanceof Started started) {
            started.end();
        }
    }

    /// A child that runs, and its pipes.
    ///
    /// Threads: who has it.
    record Started(java.lang.Process process, PipeEnd stdin, PipeEnd stdout, PipeEnd stderr) {
        /// Kills the child, and what it has started since; the JDK reaps it.
        void end() {
            new ProcessTree(process.toHandle()).kill();
            stdin.close();
            stdout.close();
            stderr.close();
        }
    }
}
