package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.process.Processes.createSubprocessExec;
import static asyncio.process.Processes.createSubprocessShell;
import static asyncio.process.Processes.runProcess;
import static asyncio.process.Processes.runShell;
import static asyncio.process.Stdio.DEVNULL;
import static asyncio.process.Stdio.PIPE;
import static asyncio.process.Stdio.STDOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelScope;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.VoidBody;
import asyncio.process.CalledProcessException;
import asyncio.process.CompletedProcess;
import asyncio.process.Environment;
import asyncio.process.OutputLimitException;
import asyncio.process.Process;
import asyncio.process.ProcessOptions;
import asyncio.process.ProcessOutput;
import asyncio.process.RunProcessOptions;
import asyncio.process.Stdio;
import asyncio.stream.StreamClosedException;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What holds of child processes, however their pipes are made. The programs are those of any POSIX
/// system: sh, cat, sleep, true.
@ExtendWith(NothingLeft.class)
abstract class ProcessContract {
    private static final String PROPERTY = "asyncio.process.pipes";
    private static final long LIMIT_SECONDS = 30; // for what is certain to happen
    private static final Duration LIMIT = Duration.ofSeconds(LIMIT_SECONDS);
    private static final ProcessOptions OUT =
            ProcessOptions.DEFAULT.stdin(DEVNULL).stdout(PIPE);
    private static final int SWEPT_TURNS = 40; // more than any scenario here takes up to its wait

    private final String pipes;

    ProcessContract(String pipes) {
        this.pipes = pipes;
    }

    @BeforeEach
    void choosePipes() {
        System.setProperty(PROPERTY, pipes);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        System.clearProperty(PROPERTY);
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            child.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS); // killed, but perhaps not reaped yet
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String line(Process process) {
        return text(await(process.stdout().readLine())).stripTrailing();
    }

    /// A piece of a shell script. Signals would be shorter, but shells miss them while they begin to wait.
    private static String waitFor(Path file) {
        return "while [ ! -e " + file + " ]; do sleep 0.01; done";
    }

    private static void turns(int count) {
        for (int i = 0; i < count; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    /// Awaits a task that was cancelled, whatever comes out.
    private static @Nullable Throwable failure(Task<?> task) {
        try {
            await(timeout(LIMIT, () -> await(future(task))));
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static Future<Object> future(Task<?> task) {
        return (Future<Object>) task;
    }

    private static void awaitGone(ProcessHandle handle) {
        await(timeout(LIMIT, () -> {
            while (handle.isAlive() && handle.info().commandLine().isPresent()) { // else it waits to be reaped
                await(sleep(Duration.ofMillis(1)));
            }
        }));
    }

    private static ProcessHandle handleOf(Process process) {
        return ProcessHandle.of(process.pid()).orElseThrow();
    }

    // communicate, exit codes

    @Test
    @Spec({"SUB-1", "SUB-3"})
    void communicate_filter_givesOutputAndCode() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "tr", "a-z", "A-Z"))) {
                assertThat(process.returnCode()).isEmpty();
                assertThat(process.pid()).isPositive();
                assertThat(process.command()).containsExactly("tr", "a-z", "A-Z");
                ProcessOutput output = await(process.communicate(bytes("shout")));
                assertThat(output.stdoutText()).isEqualTo("SHOUT");
                assertThat(output.stderrText()).isEmpty();
                assertThat(process.returnCode()).hasValue(0);
                assertThat(process.toString()).startsWith("<Process ").endsWith("tr exited 0>");
            }
        });
    }

    @Test
    @Spec("SUB-1")
    void communicate_shell_readsBothOutputs() {
        run(() -> {
            try (Process process =
                    await(createSubprocessShell(ProcessOptions.PIPED, "echo out; echo err >&2; exit 3"))) {
                ProcessOutput output = await(process.communicate());
                assertThat(output.stdoutText()).isEqualTo("out\n");
                assertThat(output.stderrText()).isEqualTo("err\n");
                assertThat(process.returnCode()).hasValue(3);
            }
        });
    }

    @Test
    @Spec({"SUB-3", "F-SUB-2"})
    void communicate_aMegabyteEachWay_doesNotBlock() {
        byte[] payload = bytes("0123456789abcdef".repeat(65536));
        run(() -> {
            try (Process process = await(createSubprocessShell(ProcessOptions.PIPED, "tee /dev/fd/2"))) {
                ProcessOutput output = await(process.communicate(payload));
                assertThat(output.stdout()).isEqualTo(payload);
                assertThat(output.stderr()).isEqualTo(payload);
            }
        });
    }

    @Test
    @Spec("F-SUB-2")
    void communicate_childIgnoresItsInput_isNoError() {
        byte[] payload = new byte[1 << 20];
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "true"))) {
                await(process.communicate(payload));
                assertThat(process.returnCode()).hasValue(0);
            }
        });
    }

    @Test
    void communicate_afterReadingALine_givesTheRest() {
        run(() -> {
            try (Process process = await(createSubprocessShell(OUT, "echo one; echo two"))) {
                assertThat(line(process)).isEqualTo("one");
                assertThat(await(process.communicate()).stdoutText()).isEqualTo("two\n");
            }
        });
    }

    @Test
    void communicate_moreThanAllowed_failsAndKeepsWhatWasRead() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "cat"))) {
                Coroutine<ProcessOutput> communication = process.communicate(new byte[100_000], 1000);
                assertThatThrownBy(() -> await(communication, IOException.class))
                        .isInstanceOf(OutputLimitException.class)
                        .hasMessageContaining("output is longer than maxBytes: 1000");
                assertThat(process.outputSoFar().stdout()).hasSizeGreaterThan(1000);
            }
        });
    }

    @Test
    void communicate_badArguments_areRefused() {
        run(() -> {
            try (Process process = await(createSubprocessExec(OUT, "true"))) {
                assertThatThrownBy(() -> process.communicate(new byte[0], 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("maxBytes must be positive: got 0");
                assertThatThrownBy(() -> await(process.communicate(new byte[0])))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("stdin is not a pipe of <Process");
                assertThatThrownBy(process::stderr).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> process.pipe(3)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> process.stop(Duration.ofMillis(-1)))
                        .isInstanceOf(IllegalArgumentException.class);
                await(process.waitExited());
            }
        });
    }

    @Test
    void readerAndWriter_lineByLine_talk() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "cat"))) {
                for (String each : List.of("first", "second")) {
                    process.stdin().write(bytes(each + "\n"));
                    await(process.stdin().drain());
                    assertThat(line(process)).isEqualTo(each);
                }
                process.stdin().close();
                assertThat(await(process.waitExited())).isZero();
                assertThat(await(process.stdout().read())).isEmpty();
            }
        });
    }

    @Test
    void pipe_byteStreams_sendEndReceiveEnd() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "cat"))) {
                await(process.pipe(0).send(ByteBuffer.wrap(bytes("hello"))));
                await(process.pipe(0).sendEof());
                ByteBuffer received = ByteBuffer.allocate(100);
                while (await(process.pipe(1).receive(received)) >= 0) {
                    assertThat(received.hasRemaining()).isTrue();
                }
                assertThat(text(java.util.Arrays.copyOf(received.array(), received.position())))
                        .isEqualTo("hello");
                assertThat(await(process.pipe(1).receive(received))).isEqualTo(-1);
                process.pipe(0).close();
                process.pipe(1).close();
                assertThatThrownBy(() -> await(process.pipe(1).receive(received), IOException.class))
                        .isInstanceOf(StreamClosedException.class);
                assertThatThrownBy(() -> await(process.pipe(0).send(ByteBuffer.wrap(bytes("late"))), IOException.class))
                        .isInstanceOf(StreamClosedException.class);
            }
        });
    }

    // The end

    @Test
    @Spec("SUB-2")
    void waitExited_manyWaitersOneCancelled_othersGetTheCode() {
        run(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "cat"))) {
                List<Task<Integer>> waiters = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    waiters.add(createTask(process.waitExited()));
                }
                await(sleep(Duration.ZERO));
                waiters.getFirst().cancel();
                process.stdin().close();
                assertThat(await(gather(waiters.subList(1, 3)))).containsExactly(0, 0);
                assertThat(waiters.getFirst().isCancelled()).isTrue();
            }
        });
    }

    @Test
    @Spec("SUB-2")
    void waitExited_grandchildHoldsThePipes_returnsAtTheExit(@TempDir Path directory) {
        Path go = directory.resolve("go");
        String script = "exec 3<&0; (read word <&3; echo late $word) & echo ready; " + waitFor(go) + "; exit 7";
        run(() -> {
            try (Process process = await(createSubprocessShell(ProcessOptions.PIPED, script))) {
                assertThat(line(process)).isEqualTo("ready");
                Files.createFile(go);
                assertThat(await(timeout(LIMIT, () -> await(process.waitExited()))))
                        .isEqualTo(7);
                process.stdin().write(bytes("but here\n"));
                await(process.stdin().drain());
                assertThat(line(process)).isEqualTo("late but here");
                assertThat(await(process.stdout().read())).isEmpty();
            }
        });
    }

    @Test
    @Spec("SUB-4")
    void kill_terminate_giveTheSignalAndNothingAfterTheEnd() {
        run(() -> {
            try (Process killed = await(createSubprocessExec(OUT, "sleep", "1000"));
                    Process asked = await(createSubprocessExec(OUT, "sleep", "1000"))) {
                assertThat(killed.kill()).isTrue();
                assertThat(asked.terminate()).isTrue();
                assertThat(await(killed.waitExited())).isEqualTo(-9);
                assertThat(await(asked.waitExited())).isEqualTo(-15);
                assertThat(killed.kill()).isFalse();
                assertThat(asked.terminate()).isFalse();
                assertThat(await(asked.sendSignal("HUP"))).isFalse();
                assertThat(killed.killTree()).isZero();
            }
        });
    }

    @Test
    @Spec("SUB-4")
    void sendSignal_anyName_reachesTheChild() {
        run(() -> {
            try (Process process = await(createSubprocessShell(
                    ProcessOptions.PIPED, "trap 'echo hup; exit 4' HUP; echo ready; while :; do sleep 0.01; done"))) {
                assertThat(line(process)).isEqualTo("ready");
                assertThatThrownBy(() -> await(process.sendSignal("NOSUCH")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("got NOSUCH");
                assertThatThrownBy(() -> process.sendSignal("SIGHUP"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("without the prefix SIG");
                assertThat(await(process.sendSignal("HUP"))).isTrue();
                assertThat(line(process)).isEqualTo("hup");
                assertThat(await(process.waitExited())).isEqualTo(4);
            }
        });
    }

    // Here and below, a child is started before it is said: one that starts during the kill may escape.

    @Test
    void killTree_shellPipeline_endsAllOfIt() {
        run(() -> {
            try (Process process = await(createSubprocessShell(OUT, "(sleep 1000 & echo ready; wait) | cat; :"))) {
                assertThat(line(process)).isEqualTo("ready");
                List<ProcessHandle> below = handleOf(process).descendants().toList();
                assertThat(process.killTree()).isGreaterThanOrEqualTo(3);
                assertThat(await(process.waitExited())).isEqualTo(-9);
                assertThat(await(process.stdout().read())).isEmpty(); // nobody has the pipe any more
                below.forEach(ProcessContract::awaitGone);
            }
        });
    }

    @Test
    void stop_childThatCleansUp_isNotKilled() {
        run(() -> {
            try (Process process = await(createSubprocessShell(
                    OUT, "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done"))) {
                assertThat(line(process)).isEqualTo("ready");
                assertThat(await(process.stop(LIMIT))).isEqualTo(5);
                assertThat(text(await(process.stdout().read()))).isEqualTo("bye\n");
            }
        });
    }

    @Test
    void stop_childThatRefuses_isKilledAfterTheGrace() {
        run(() -> {
            try (Process process =
                    await(createSubprocessShell(OUT, "trap '' TERM; (sleep 1000 & echo ready; wait); :"))) {
                assertThat(line(process)).isEqualTo("ready");
                List<ProcessHandle> below = handleOf(process).descendants().toList();
                assertThat(await(process.stop(Duration.ofMillis(30)))).isEqualTo(-9);
                below.forEach(ProcessContract::awaitGone);
            }
        });
    }

    @Test
    void stop_cancelled_killsAtOnce() {
        run(() -> {
            try (Process process =
                    await(createSubprocessShell(OUT, "trap '' TERM; sleep 1000 & echo ready; wait; :"))) {
                assertThat(line(process)).isEqualTo("ready");
                Task<Integer> stopping = createTask(process.stop(Duration.ofHours(1)));
                turns(3);
                stopping.cancel();
                assertThat(failure(stopping)).isInstanceOf(CancelledError.class);
                assertThat(await(process.waitExited())).isEqualTo(-9);
            }
        });
    }

    @Test
    @Spec("SUB-4")
    void close_killsARunningChild_andNoFinishedOne() {
        run(() -> {
            Process running = await(createSubprocessExec(OUT, "sleep", "1000"));
            running.close();
            running.close();
            assertThat(await(running.waitExited())).isEqualTo(-9);
            Process finished = await(createSubprocessExec(OUT, "true"));
            assertThat(await(finished.waitExited())).isZero();
            finished.close();
            assertThat(finished.returnCode()).hasValue(0);
        });
    }

    @Test
    void loopClosed_withARunningChild_killsItAndSaysSo() {
        RecordingLogger logger = new RecordingLogger();
        ProcessHandle child = run(
                async(() -> handleOf(await(createSubprocessExec(ProcessOptions.PIPED, "sleep", "1000")))),
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        run(() -> awaitGone(child));
        assertThat(logger.entries())
                .extracting(RecordingLogger.Entry::message)
                .anySatisfy(message -> assertThat(message)
                        .contains(
                                "Child process was still running when its loop was closed, and is killed: <Process "));
    }

    // Starting

    @Test
    @Spec("SUB-1")
    void start_whatCannotBeStarted_saysWhy(@TempDir Path directory) throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "no program");
        run(() -> {
            assertThatThrownBy(() -> await(createSubprocessExec(OUT, "there-is-no-such-program"), IOException.class))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("there-is-no-such-program")
                    .hasMessageContaining("no such program");
            assertThatThrownBy(() -> await(createSubprocessExec(OUT, text.toString()), IOException.class))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("not a program that may be run");
            assertThatThrownBy(() -> await(
                            createSubprocessExec(OUT.directory(directory.resolve("missing")), "true"),
                            IOException.class))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("no such directory to run [true] in");
            assertThatThrownBy(() -> createSubprocessExec("")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> createSubprocessShell("a\0b")).isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void start_options_areObeyed(@TempDir Path directory) throws IOException {
        Path in = Files.writeString(directory.resolve("in"), "from a file");
        Path out = directory.resolve("out");
        run(() -> {
            try (Process process = await(createSubprocessExec(
                    ProcessOptions.DEFAULT.stdin(Stdio.of(in)).stdout(Stdio.of(out)), "cat"))) {
                await(process.waitExited());
            }
            try (Process process = await(
                    createSubprocessShell(OUT.stdout(Stdio.appendingTo(out)).stderr(STDOUT), "echo; echo more >&2"))) {
                await(process.waitExited());
            }
            assertThat(Files.readString(out)).isEqualTo("from a file\nmore\n");
            try (Process process =
                    await(createSubprocessShell(OUT.directory(directory).stderr(STDOUT), "pwd; echo error >&2; cat"))) {
                String output = await(process.communicate()).stdoutText();
                assertThat(output).isEqualTo(directory.toRealPath() + "\nerror\n");
            }
            Environment environment = Environment.INHERITED.with("FIRST", "one").without("HOME");
            try (Process process = await(
                    createSubprocessShell(OUT.environment(environment), "echo $FIRST ${HOME-none} ${PATH:+path}"))) {
                assertThat(await(process.communicate()).stdoutText()).isEqualTo("one none path\n");
            }
            try (Process process = await(
                    createSubprocessExec(OUT.environment(Environment.only(Map.of("ONLY", "this"))), "/usr/bin/env"))) {
                assertThat(await(process.communicate()).stdoutText()).isEqualTo("ONLY=this\n");
            }
        });
    }

    @Test
    @Spec("SUB-6")
    void start_fiftyAtOnce_allAnswer() {
        run(() -> {
            List<Task<String>> tasks = IntStream.range(0, 50)
                    .mapToObj(i -> createTask(async(
                            () -> await(runProcess("echo", Integer.toString(i))).stdoutText())))
                    .toList();
            List<String> expected =
                    IntStream.range(0, 50).mapToObj(i -> i + "\n").toList();
            assertThat(await(gather(tasks))).isEqualTo(expected);
        });
    }

    // Cancellation

    /// Cancels a scenario in each of its first turns.
    private static void sweep(Coroutines scenario) {
        run(() -> {
            for (int turn = 0; turn < SWEPT_TURNS; turn++) {
                Task<?> task = createTask(scenario.make());
                turns(turn);
                task.cancel();
                assertThat(failure(task)).as("cancelled in turn %s", turn).isInstanceOf(CancelledError.class);
            }
        });
    }

    /// Makes the coroutine that is cancelled.
    @FunctionalInterface
    private interface Coroutines {
        Coroutine<?> make();
    }

    @Test
    @Spec("SUB-1")
    void start_cancelledInEachTurn_leavesNoChild() {
        sweep(() -> async(() -> {
            try (Process process = await(createSubprocessExec(ProcessOptions.PIPED, "sleep", "1000"))) {
                await(process.waitExited());
            }
        }));
    }

    @Test
    void runProcess_cancelledInEachTurn_leavesNoChild() {
        sweep(() -> runProcess(RunProcessOptions.DEFAULT.input(new byte[100_000]), "sleep", "1000"));
    }

    @Test
    void descriptors_afterManyChildren_areAsBefore() throws IOException {
        VoidBody work = () -> {
            for (int i = 0; i < 5; i++) {
                await(runProcess(RunProcessOptions.DEFAULT.input(bytes("x")), "cat"));
                Task<?> cancelled = createTask(runProcess("sleep", "1000"));
                turns(i);
                cancelled.cancel();
                assertThat(failure(cancelled)).isInstanceOf(CancelledError.class);
            }
            assertThatThrownBy(() -> await(createSubprocessExec(ProcessOptions.PIPED, "no-such"), IOException.class))
                    .isInstanceOf(NoSuchFileException.class);
        };
        run(work); // whatever the JVM opens once is open now
        run(() -> ProcessHandle.current().children().forEach(ProcessContract::awaitGone));
        long before = openPipes();
        run(work);
        run(() -> ProcessHandle.current().children().forEach(ProcessContract::awaitGone));

        assertThat(openPipes()).isLessThanOrEqualTo(before);
    }

    private static long openPipes() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(each -> {
                        try {
                            return Files.readSymbolicLink(each).toString().startsWith("pipe:");
                        } catch (IOException e) {
                            return false; // the descriptor of this very listing
                        }
                    })
                    .count();
        }
    }

    @Test
    @Spec("SUB-3")
    void communicate_cancelled_losesNothingAndGoesOn(@TempDir Path directory) {
        Path go = directory.resolve("go");
        run(() -> {
            try (Process process = await(createSubprocessShell(
                    ProcessOptions.PIPED, "echo one; " + waitFor(go) + "; cat; echo two; exit 6"))) {
                Task<ProcessOutput> first = createTask(process.communicate(bytes("input\n")));
                while (process.outputSoFar().stdout().length < 4) {
                    await(sleep(Duration.ofMillis(1)));
                }
                first.cancel();
                assertThat(failure(first)).isInstanceOf(CancelledError.class);
                assertThat(process.outputSoFar().stdoutText()).isEqualTo("one\n");
                assertThatThrownBy(() -> await(process.communicate(bytes("more"))))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("input was given before");
                Files.createFile(go);
                assertThat(await(process.communicate()).stdoutText()).isEqualTo("one\ninput\ntwo\n");
                assertThat(process.returnCode()).hasValue(6);
            }
        });
    }

    // runProcess

    @Test
    void runProcess_success_givesBothOutputs() {
        CompletedProcess done = run(runShell(RunProcessOptions.DEFAULT.input(bytes("in")), "cat; echo err >&2"));

        assertThat(done.isSuccess()).isTrue();
        assertThat(done.stdoutText()).isEqualTo("in");
        assertThat(done.stderrText()).isEqualTo("err\n");
        assertThat(done.returnCode()).hasValue(0);
    }

    @Test
    void runProcess_failure_isAnExceptionUnlessAllowed() {
        assertThatThrownBy(() -> run(runShell(RunProcessOptions.DEFAULT, "echo out; echo why >&2; exit 3")))
                .isInstanceOf(CalledProcessException.class)
                .hasMessageContaining("ended with 3; it said: why")
                .satisfies(e -> assertThat(
                                CalledProcessException.in(e).orElseThrow().stdoutText())
                        .isEqualTo("out\n"));
        assertThat(run(runShell(RunProcessOptions.DEFAULT.checked(false), "exit 3"))
                        .returnCode())
                .hasValue(3);
    }

    @Test
    void runProcess_timeout_stopsTheChild() {
        RunProcessOptions options =
                RunProcessOptions.DEFAULT.timeout(Duration.ofMillis(20)).grace(LIMIT);

        assertThatThrownBy(() -> run(runProcess(options, "sleep", "1000")))
                .isInstanceOf(TimeoutException.class)
                .satisfies(e -> assertThat(
                                CalledProcessException.in(e).orElseThrow().returnCode())
                        .hasValue(-15));
    }

    @Test
    void runProcess_cancelled_childSaysItsLastWords(@TempDir Path directory) {
        Path ready = directory.resolve("ready");
        String script = "trap 'echo last words; exit 0' TERM; cat; : > " + ready + "; while :; do sleep 0.01; done";
        run(() -> {
            Task<CompletedProcess> task =
                    createTask(runShell(RunProcessOptions.DEFAULT.grace(LIMIT).input(bytes("first\n")), script));
            while (!Files.exists(ready)) {
                await(sleep(Duration.ofMillis(1)));
            }
            task.cancel();
            Throwable failure = java.util.Objects.requireNonNull(failure(task));
            assertThat(failure).isInstanceOf(CancelledError.class);
            CompletedProcess process = CalledProcessException.in(failure).orElseThrow();
            assertThat(process.stdoutText()).isEqualTo("first\nlast words\n");
            assertThat(process.returnCode()).hasValue(0);
        });
    }

    @Test
    void runProcess_cancelledByAScope_stopsTheTreeAndKeepsTheOutput() {
        run(() -> {
            CancelScope scope = CancelScope.create();
            RunProcessOptions options =
                    RunProcessOptions.DEFAULT.grace(Duration.ZERO).input(bytes("first\n"));
            @Nullable Throwable[] seen = {null};
            Task<?> task = createTask(scope.run(inner -> {
                try {
                    await(runShell(options, "cat; sleep 1000; :")); // sleeps when it was fed: it is known then
                } catch (CancelledError e) {
                    seen[0] = e;
                    throw e;
                }
            }));
            while (ProcessHandle.current()
                    .descendants()
                    .noneMatch(each -> each.info().command().orElse("").endsWith("sleep"))) {
                await(sleep(Duration.ofMillis(2)));
            }
            scope.cancel();
            assertThat(failure(task)).isNull();
            assertThat(scope.cancelledCaught()).isTrue();
            CompletedProcess process = CalledProcessException.in(java.util.Objects.requireNonNull(seen[0]))
                    .orElseThrow();
            assertThat(process.stdoutText()).isEqualTo("first\n");
            assertThat(process.returnCode().orElseThrow()).isNegative();
        });
    }

    @Test
    void runProcess_tooMuchOutput_isStopped() {
        assertThatThrownBy(() -> run(
                        runProcess(RunProcessOptions.DEFAULT.maxBytes(100).grace(Duration.ZERO), "cat", "/dev/zero")))
                .isInstanceOf(OutputLimitException.class)
                .satisfies(e -> assertThat(CalledProcessException.in(e)).isPresent());
    }
}
