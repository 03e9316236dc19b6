package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// A child that is run from start to end, and stopped if its caller gives up.
///
/// Threads: loop-confined.
final class ProcessRun {
    private static final Duration LAST_WORDS = Duration.ofSeconds(1); // for what is still in the pipes

    private final RunProcessOptions options;
    private final Process process;

    private ProcessRun(RunProcessOptions options, Process process) {
        this.options = options;
        this.process = process;
    }

    static Coroutine<CompletedProcess> of(RunProcessOptions options, List<String> command) {
        Objects.requireNonNull(options, "options must not be null");
        return Asyncio.async(() -> {
            try (Process process = Asyncio.await(Processes.start(options.process(), command))) {
                return new ProcessRun(options, process).run();
            }
        });
    }

    private CompletedProcess run() {
        try {
            Duration timeout = options.timeout();
            if (timeout == null) {
                communicate();
            } else {
                Asyncio.await(Asyncio.timeout(timeout, this::communicate));
            }
        } catch (Throwable e) {
            Asyncio.await(Asyncio.shielded(options.grace().plus(LAST_WORDS), this::stop));
            e.addSuppressed(new CalledProcessException(completed(), "was stopped before it had ended"));
            throw e;
        }
        CompletedProcess completed = completed();
        if (options.isChecked() && !completed.isSuccess()) {
            throw new CalledProcessException(
                    completed, "ended with " + completed.returnCode().getAsInt());
        }
        return completed;
    }

    private void communicate() {
        boolean fed = options.process().stdin().kind() == Stdio.Kind.PIPE;
        Asyncio.await(process.communicating(fed ? options.input().bytes() : null, options.maxBytes()));
    }

    /// Reads what the child says to its end, while that is made to come.
    private void stop() {
        Asyncio.await(Asyncio.taskGroup(group -> {
            group.createTask(Asyncio.async(this::listen));
            Asyncio.await(process.stop(options.grace()));
        }));
    }

    private void listen() {
        try {
            Asyncio.await(process.communicating(null, options.maxBytes()), IOException.class);
        } catch (IOException e) {
            // Too much, or a broken pipe: what was read is what there is.
        }
    }

    private CompletedProcess completed() {
        return new CompletedProcess(process.command(), process.returnCode(), process.outputSoFar());
    }
}
