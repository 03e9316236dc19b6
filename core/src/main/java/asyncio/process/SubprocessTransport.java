package asyncio.process;

import asyncio.Coroutine;
import asyncio.ExceptionContext;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.stream.ByteStream;
import asyncio.stream.Protocol;
import asyncio.stream.StreamTransport;
import asyncio.stream.Transport;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A child process as its [SubprocessProtocol] sees it. For tasks there is [Process].
///
/// Threads: loop-confined.
public final class SubprocessTransport implements AutoCloseable {
    private final Child child;
    private final SubprocessProtocol protocol;
    private final @Nullable StreamTransport[] pipes = new StreamTransport[3]; // null: not a pipe
    private int openPipes; // whose loss was not told
    private boolean exitTold; // processExited was called

    private SubprocessTransport(Child child, SubprocessProtocol protocol) {
        this.child = child;
        this.protocol = protocol;
    }

    /// In a task: tells a new protocol that the child is there.
    static SubprocessTransport connect(Child child, Supplier<? extends SubprocessProtocol> protocol) {
        try {
            SubprocessTransport transport = new SubprocessTransport(child, protocol.get());
            transport.begin();
            return transport;
        } catch (Throwable e) {
            child.close();
            throw e;
        }
    }

    private void begin() {
        for (int fd = 0; fd < pipes.length; fd++) {
            ByteStream stream = child.pipe(fd);
            if (stream != null) {
                pipes[fd] = StreamTransport.attach(stream, new Pipe(fd));
                openPipes++;
            }
        }
        protocol.connectionMade(this);
        child.onExit(this::exited);
        if (!child.isRunning()) {
            child.loop().callSoon(this::exited);
        }
    }

    private void exited() {
        if (!exitTold) {
            exitTold = true;
            tell("processExited", protocol::processExited);
            StreamTransport input = pipes[0];
            if (input != null) {
                input.abort(); // nobody reads it any more
            }
            finishIfOver();
        }
    }

    private void pipeLost(int fd, @Nullable Throwable error) {
        openPipes--;
        tell("pipeConnectionLost", () -> protocol.pipeConnectionLost(fd, error));
        finishIfOver();
    }

    private void finishIfOver() {
        if (exitTold && openPipes == 0 && !child.loop().isClosed()) {
            child.loop().callSoon(() -> {
                child.close();
                tell("connectionLost", () -> protocol.connectionLost(null));
            });
        }
    }

    /// Calls user code, whose failure must not keep the rest from being told.
    private void tell(String what, Runnable callback) {
        try {
            callback.run();
        } catch (SystemExit | KeyboardInterrupt e) {
            throw e;
        } catch (Throwable e) { // also an AssertionError: what comes after it is to be told nevertheless
            child.loop()
                    .callExceptionHandler(ExceptionContext.of("Fatal error: protocol." + what + "() call failed.", e));
        }
    }

    /// The number by which the system knows the child.
    ///
    /// @return the process id
    public long pid() {
        return child.pid();
    }

    /// How the child ended, as [Process#returnCode()].
    ///
    /// @return its exit code, `-N` for signal N; empty while it runs
    public OptionalInt returnCode() {
        return child.returnCode();
    }

    /// The transport of a pipe: of 0 for writing, of 1 and 2 for pausing and resuming.
    ///
    /// @param fd 0, 1 or 2
    /// @return the transport; empty if that is not a pipe
    public Optional<Transport> pipeTransport(int fd) {
        return fd < 0 || fd >= pipes.length ? Optional.empty() : Optional.ofNullable(pipes[fd]);
    }

    /// Sends a signal, as [Process#sendSignal(String)].
    ///
    /// Cancellation: ends the wait; the signal may have been sent.
    ///
    /// Errors, when awaited: `IOException` if there is no shell.
    ///
    /// @param name without the prefix `SIG`, such as `HUP`
    /// @return a coroutine of true, or false if the child had ended
    /// @throws IllegalArgumentException if that is no name of a signal; also when awaited, if the system
    ///     does not know it
    public Coroutine<Boolean> sendSignal(String name) {
        return SignalSending.to(child, name);
    }

    /// Asks the child to end (SIGTERM).
    ///
    /// @return false if it had ended
    public boolean terminate() {
        return child.terminate();
    }

    /// Kills the child (SIGKILL).
    ///
    /// @return false if it had ended
    public boolean kill() {
        return child.kill();
    }

    /// Kills the child and what it has started, as [Process#killTree()].
    ///
    /// @return how many were killed
    public int killTree() {
        return child.killTree();
    }

    /// Closes the pipes; kills the child if it runs. The protocol is told what happens. May be called again.
    @Override
    public void close() {
        child.loop().checkThread("close");
        child.kill();
        for (StreamTransport pipe : pipes) {
            if (pipe != null) {
                pipe.abort();
            }
        }
        child.close(); // else it would count as forgotten if the loop ended before it
    }

    @Override
    public String toString() {
        return child.describe("SubprocessTransport");
    }

    /// What the transport of one pipe tells.
    private final class Pipe implements Protocol {
        private final int fd;

        Pipe(int fd) {
            this.fd = fd;
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            protocol.pipeDataReceived(fd, data);
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            pipeLost(fd, error);
        }
    }
}
