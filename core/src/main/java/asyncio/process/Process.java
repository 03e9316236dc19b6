package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A child process; made by [Processes].
///
/// ```java
/// try (Process process = await(createSubprocessExec(ProcessOptions.DEFAULT.stdout(PIPE), "ls", "-l"))) {
///     ProcessOutput output = await(process.communicate());
///     if (process.returnCode().getAsInt() != 0) { ... }
/// }
/// ```
///
/// The end of the child and the end of its output are two things: [#waitExited()] returns when the
/// child has ended, even if another process that it has started keeps a pipe open.
///
/// Closing kills a child that still runs, and closes the pipes; a loop closes its children at the
/// latest. A child that is to outlive this program is not for this class.
///
/// Implementation note: the JDK waits for each child with a thread of its own, whose stack is small.
/// On Linux, pipes are watched by the loop's poller. Elsewhere each pipe has a thread that reads or
/// writes, and a pipe that is closed here may stay open until the other side has written or ended.
/// There, too, if the property `asyncio.process.pipes` is `threads`.
///
/// Threads: loop-confined.
@SuppressWarnings("AvoidCommonTypeNames") // asyncio's word wins over that of java.lang
public final class Process implements AutoCloseable {
    private final Child child;
    private final @Nullable StreamPair stdin; // these three: null if not a pipe; one half of each is used
    private final @Nullable StreamPair stdout;
    private final @Nullable StreamPair stderr;
    private final Collected output;
    private final Collected errors;
    private boolean inputGiven; // by communicate()

    Process(Child child, int limitBytes) {
        this.child = child;
        ByteStream input = child.pipe(0);
        stdin = input == null ? null : StreamPair.over(input, limitBytes);
        stdout = pair(child.output(), limitBytes);
        stderr = pair(child.errors(), limitBytes);
        output = new Collected("output", stdout == null ? null : stdout.reader());
        errors = new Collected("error output", stderr == null ? null : stderr.reader());
    }

    /// As in asyncio, what was read to its end is closed.
    private static @Nullable StreamPair pair(@Nullable OutputPipe pipe, int limitBytes) {
        if (pipe == null) {
            return null;
        }
        StreamPair pair = StreamPair.over(pipe, limitBytes);
        pipe.onEnd(pair::close);
        return pair;
    }

    /// The number by which the system knows the child.
    ///
    /// @return the process id
    public long pid() {
        return child.pid();
    }

    /// The program and its arguments.
    ///
    /// @return the command
    public List<String> command() {
        return child.command();
    }

    /// How the child ended; known as soon as the loop has heard of it.
    ///
    /// The JDK reports death by signal N as 128+N, which is given as `-N`, as asyncio does. A child that
    /// itself ends with 129 to 159, as shells do for their commands, cannot be told apart from that.
    ///
    /// @return its exit code, `-N` for signal N; empty while it runs
    public OptionalInt returnCode() {
        return child.returnCode();
    }

    // Pipes

    /// What the child reads.
    ///
    /// @return the writer
    /// @throws IllegalStateException if its input is not a pipe
    public StreamWriter stdin() {
        return required(stdin, "stdin").writer();
    }

    /// What the child writes.
    ///
    /// @return the reader
    /// @throws IllegalStateException if its output is not a pipe
    public StreamReader stdout() {
        return required(stdout, "stdout").reader();
    }

    /// What the child writes about errors.
    ///
    /// @return the reader
    /// @throws IllegalStateException if its error output is not a pipe
    public StreamReader stderr() {
        return required(stderr, "stderr").reader();
    }

    /// The stream below [#stdin()], [#stdout()] or [#stderr()]. Use either of them, not both.
    ///
    /// @param fd 0, 1 or 2
    /// @return the stream
    /// @throws IllegalStateException if that is not a pipe
    public ByteStream pipe(int fd) {
        return required(child.pipe(fd), "file descriptor " + fd);
    }

    private <T> T required(@Nullable T pipe, String what) {
        if (pipe == null) {
            throw new IllegalStateException(
                    what + " is not a pipe of " + this + ": start the child with ProcessOptions that say PIPE");
        }
        return pipe;
    }

    // Waiting

    /// Waits until the child has ended; asyncio's `wait`. Any number of tasks may.
    ///
    /// If its output is a pipe that nobody reads, the child may wait for that for ever: use
    /// [#communicate()] then.
    ///
    /// Cancellation: ends the wait; the child goes on.
    ///
    /// @return a coroutine of the return code
    public Coroutine<Integer> waitExited() {
        return Asyncio.async(child::waitExited);
    }

    /// Reads all output and waits for the end, as [#communicate(byte[])] without input.
    ///
    /// Cancellation: as there.
    ///
    /// @return a coroutine of what the child wrote to pipes
    public Coroutine<ProcessOutput> communicate() {
        return communicating(null, Integer.MAX_VALUE);
    }

    /// Sends input, if that is a pipe, and closes it; reads all output that is a pipe; waits until the
    /// child has ended. A child that does not read its input is no error.
    ///
    /// Cancellation: ends the wait; the child goes on, and nothing is lost: [#outputSoFar()] has what was
    /// read, and [#communicate()] goes on from there.
    ///
    /// Errors, when awaited: `IOException` if a pipe failed.
    ///
    /// @param input the input
    /// @return a coroutine of what the child wrote to pipes
    /// @throws IllegalStateException when awaited, if the child's input is not a pipe, or was given before
    public Coroutine<ProcessOutput> communicate(byte[] input) {
        return communicate(input, Integer.MAX_VALUE);
    }

    /// Communicates as [#communicate(byte[])], with a limit for the output.
    ///
    /// Cancellation: as there.
    ///
    /// Errors, when awaited: `IOException` if a pipe failed; [OutputLimitException] if the output, or the
    /// error output, is longer than the limit.
    ///
    /// @param input the input
    /// @param maxBytes how much each output may be
    /// @return a coroutine of what the child wrote to pipes
    /// @throws IllegalArgumentException if the limit is not positive
    /// @throws IllegalStateException when awaited, if the child's input is not a pipe, or was given before
    public Coroutine<ProcessOutput> communicate(byte[] input, int maxBytes) {
        return communicating(Objects.requireNonNull(input, "input must not be null: leave it out"), maxBytes);
    }

    Coroutine<ProcessOutput> communicating(byte @Nullable [] input, int maxBytes) {
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes must be positive: got " + maxBytes);
        }
        return Asyncio.async(() -> {
            giveInput(input);
            Asyncio.await(Asyncio.gatherOrCancel(
                    Asyncio.async(this::feed), output.collect(maxBytes), errors.collect(maxBytes)));
            child.waitExited();
            return outputSoFar();
        });
    }

    private void giveInput(byte @Nullable [] input) {
        if (input != null) {
            if (inputGiven) {
                throw new IllegalStateException("input was given before to " + this
                        + ": what is left of it is sent; call communicate() to go on");
            }
            stdin().write(input);
            inputGiven = true;
        }
    }

    private void feed() throws Exception {
        if (stdin != null) {
            StreamWriter writer = stdin.writer();
            try {
                Asyncio.await(writer.drain());
            } catch (Exception e) {
                if (!(e instanceof java.io.IOException)) {
                    throw e;
                } // the child does not read, or its input was closed before: no error (SUB-3)
            }
            writer.close();
        }
    }

    /// What [#communicate()] has read up to now, for who was cancelled there.
    ///
    /// @return the output
    public ProcessOutput outputSoFar() {
        return new ProcessOutput(output.bytes(), errors.bytes());
    }

    // Ending

    /// Sends a signal. `TERM` and `KILL` are the JDK's; for others, `/bin/sh` is asked to.
    ///
    /// Cancellation: ends the wait; the signal may have been sent.
    ///
    /// Errors, when awaited: `IOException` if there is no shell.
    ///
    /// @param name without the prefix `SIG`, such as `HUP`
    /// @return a coroutine of true, or false if the child had ended
    /// @throws IllegalArgumentException if that is no name of a signal; also when awaited, if the system
    ///     does not know it
    /// @throws UnsupportedOperationException when awaited, on Windows, if it is neither `TERM` nor `KILL`
    public Coroutine<Boolean> sendSignal(String name) {
        return SignalSending.to(child, name);
    }

    /// Asks the child to end (SIGTERM). On Windows there is no asking: it is killed.
    ///
    /// @return false if it had ended
    public boolean terminate() {
        return child.terminate();
    }

    /// Kills the child (SIGKILL). What it has started goes on: see [#killTree()].
    ///
    /// @return false if it had ended
    public boolean kill() {
        return child.kill();
    }

    /// Kills the child and what it has started, and what those have: the commands of a shell, for one.
    /// What has been left by its parent before belongs to nobody, and is not found; so is one that is just
    /// being started by another that is killed.
    ///
    /// @return how many were killed
    public int killTree() {
        return child.killTree();
    }

    /// Asks the child, and what it has started, to end; kills what is left after the grace; waits for
    /// the end of the child.
    ///
    /// Cancellation: kills all of them at once, and ends the wait.
    ///
    /// @param grace how long they have to clean up
    /// @return a coroutine of the return code
    /// @throws IllegalArgumentException if the grace is negative
    public Coroutine<Integer> stop(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: got " + grace + "; zero kills at once");
        }
        return Asyncio.async(() -> child.stop(grace));
    }

    /// Closes the pipes; kills the child if it runs, without waiting for its end. May be called again.
    @Override
    public void close() {
        for (StreamPair pair : new StreamPair[] {stdin, stdout, stderr}) {
            if (pair != null && !child.isClosed()) {
                pair.close();
            }
        }
        child.close();
    }

    @Override
    public String toString() {
        return child.describe("Process");
    }
}
