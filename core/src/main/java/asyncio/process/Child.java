package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.LoopLocal;
import asyncio.ThreadOptions;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.stream.ByteStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A child of one loop: its process, its pipes, and its end.
///
/// Threads: loop-confined.
final class Child implements AutoCloseable {
    /*
     * The JDK has a thread for each child that waits for its end, and completes a stage; from there the loop is told.
     * Nothing here waits for pipes: a grandchild may keep them open for ever.
     *
     *   running --the JDK has reaped it--> exited
     *
     * Independent of that: `closed`, after which the pipes are closed and a running child is on its way to be killed.
     */
    private static final LoopLocal<Running> RUNNING = new LoopLocal<>(loop -> new Running());
    private static final int SIGNALLED = 128; // plus the number of the signal: how the JDK reports it
    private static final int MAX_SIGNAL = 31; // of those that end programs
    private static final Duration FIRST_LOOK = Duration.ofMillis(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    private final EventLoop loop;
    private final List<String> command;
    private final ProcessHandle handle;
    private final WaitQueue line = new WaitQueue(WaitKind.PROCESS, this);
    private @Nullable InputPipe stdin; // these three: null if not a pipe
    private @Nullable OutputPipe stdout;
    private @Nullable OutputPipe stderr;
    private OptionalInt returnCode = OptionalInt.empty();
    private @Nullable Runnable onExit; // called once, in a callback of the loop
    private boolean closed;

    private Child(EventLoop loop, List<String> command, Launch.Started started) {
        this.loop = loop;
        this.command = command;
        handle = started.process().toHandle();
    }

    /// Starts a child, from a task.
    static Coroutine<Child> start(List<String> command, ProcessOptions options) {
        return Asyncio.async(() -> {
            EventLoop loop = Asyncio.getRunningLoop();
            Launch launch = new Launch(loop, command, options);
            try {
                Asyncio.await(Asyncio.toThread(() -> launch.start(), ThreadOptions.DEFAULT.awaited(true)));
                return adopt(loop, command, launch.started());
            } catch (Throwable e) {
                launch.abandon();
                throw e;
            }
        });
    }

    private static Child adopt(EventLoop loop, List<String> command, Launch.Started started) {
        Child child = new Child(loop, command, started);
        try {
            RUNNING.of(loop).children.add(child);
            var _ = started.process().onExit().thenAccept(ended -> child.tell(ended.exitValue()));
            ByteStream input = started.stdin().stream(loop);
            child.stdin = input == null ? null : new InputPipe(input);
            child.stdout = output(started.stdout().stream(loop));
            child.stderr = output(started.stderr().stream(loop));
            return child;
        } catch (Throwable e) {
            child.close();
            throw e;
        }
    }

    private static @Nullable OutputPipe output(@Nullable ByteStream pipe) {
        return pipe == null ? null : new OutputPipe(pipe);
    }

    EventLoop loop() {
        return loop;
    }

    List<String> command() {
        return command;
    }

    long pid() {
        return handle.pid();
    }

    @Nullable
    ByteStream pipe(int fd) {
        return switch (fd) {
            case 0 -> stdin;
            case 1 -> stdout;
            case 2 -> stderr;
            default -> null;
        };
    }

    @Nullable
    OutputPipe output() {
        return stdout;
    }

    @Nullable
    OutputPipe errors() {
        return stderr;
    }

    // The end

    /// On a thread of the JDK.
    private void tell(int exitValue) {
        try {
            loop.callSoonThreadsafe(() -> exited(exitValue));
        } catch (IllegalStateException e) {
            // The loop is closed: nobody waits.
        }
    }

    private void exited(int exitValue) {
        boolean bySignal = !Launch.isWindows() && exitValue > SIGNALLED && exitValue <= SIGNALLED + MAX_SIGNAL;
        returnCode = OptionalInt.of(bySignal ? SIGNALLED - exitValue : exitValue);
        RUNNING.of(loop).children.remove(this);
        line.wakeAll();
        Runnable told = onExit;
        if (told != null) {
            told.run();
        }
    }

    OptionalInt returnCode() {
        return returnCode;
    }

    void onExit(Runnable listener) {
        onExit = listener;
    }

    /// Waits for the end, in the current task.
    int waitExited() {
        while (returnCode.isEmpty()) {
            line.park(() -> {});
        }
        return returnCode.getAsInt();
    }

    // Ending it

    boolean isRunning() {
        return returnCode.isEmpty();
    }

    boolean terminate() {
        return isRunning() && handle.destroy();
    }

    boolean kill() {
        return isRunning() && handle.destroyForcibly();
    }

    int killTree() {
        return new ProcessTree(handle).kill();
    }

    /// Asks the whole tree to end, and kills what is left after the grace, or at once if the task is
    /// cancelled meanwhile.
    int stop(Duration grace) {
        ProcessTree tree = new ProcessTree(handle);
        tree.terminate();
        try {
            Asyncio.await(Asyncio.moveOnAfter(grace, () -> {
                waitExited();
                Duration pause = FIRST_LOOK;
                while (tree.isAnyDescendantAlive()) { // nobody tells when those end
                    Asyncio.await(Asyncio.sleep(pause));
                    pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }));
        } finally {
            tree.kill();
        }
        return waitExited();
    }

    /// Closes the pipes, and kills the child if it runs.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        loop.checkThread("close");
        closed = true;
        kill();
        for (int fd = 0; fd <= 2; fd++) {
            ByteStream pipe = pipe(fd);
            if (pipe != null) {
                pipe.close();
            }
        }
    }

    boolean isClosed() {
        return closed;
    }

    String describe(String type) {
        String state = isRunning() ? "running" : "exited " + returnCode.getAsInt();
        return "<" + type + " " + pid() + " " + command.getFirst() + " " + state + (closed ? " closed" : "") + ">";
    }

    @Override
    public String toString() {
        return describe("Process");
    }

    /// The children of one loop that have not exited.
    ///
    /// Threads: loop-confined.
    private static final class Running implements AutoCloseable {
        private final Set<Child> children = new LinkedHashSet<>();

        /// The loop is closed.
        @Override
        public void close() {
            for (Child child : children) {
                if (child.handle.isAlive() && !child.closed) {
                    child.loop.callExceptionHandler(ExceptionContext.of(
                            "Child process was still running when its loop was closed, and is killed: " + child
                                    + "; wait for it, or stop it, before the program ends",
                            null));
                }
                child.close();
            }
            children.clear();
        }
    }
}
