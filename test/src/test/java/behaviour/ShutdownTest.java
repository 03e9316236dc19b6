package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.spi.SignalSource;
import asyncio.testing.Spec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The end of the JVM while a program runs, seen from outside: in a JVM of its own.
class ShutdownTest {
    private static final int TERMINATED = 143; // 128 + SIGTERM, as shells have it
    private static final int INTERRUPTED = 130; // 128 + SIGINT
    private static final int OWN_CODE = 7;
    private static final long LIMIT_SECONDS = 60; // a hang fails, whatever the machine is doing

    /// A JVM that runs one of the programs below; each line that it prints is an event.
    private static final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader lines;

        Child(Class<?> program) throws IOException {
            this(program, "-Dnothing=more");
        }

        Child(Class<?> program, String option) throws IOException {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            process = new ProcessBuilder(
                            java,
                            "--add-opens=java.base/java.lang=ALL-UNNAMED",
                            "-Dasyncio.engine=" + System.getProperty("asyncio.engine", "auto"),
                            option,
                            "-cp",
                            System.getProperty("java.class.path"),
                            program.getName())
                    .redirectErrorStream(true)
                    .start();
            lines = process.inputReader(StandardCharsets.UTF_8);
        }

        void awaitLine(String expected) throws IOException {
            assertThat(lines.readLine()).isEqualTo(expected);
        }

        /// Everything up to the end.
        String rest() {
            return lines.lines().collect(Collectors.joining("\n"));
        }

        void terminate() {
            process.toHandle().destroy(); // SIGTERM; Process.destroy would close the streams, too
        }

        int exitCode() throws InterruptedException {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .as("ended")
                    .isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static void println(String line) {
        System.out.println(line);
    }

    private static void waitForever() {
        await(getRunningLoop().<Integer>createFuture());
    }

    /// Cleans up with an await when it is cancelled.
    static final class CleaningUp {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                println("ready");
                try {
                    waitForever();
                } catch (CancelledError e) {
                    println("cancelled: " + e.getMessage());
                    await(sleep(Duration.ofMillis(5)));
                    println("cleaned up");
                    throw e;
                }
            };
            run(async(main), RunOptions.defaults().gracePeriod(Duration.ofSeconds(LIMIT_SECONDS)));
        }
    }

    @Test
    @Spec("RUN-5")
    void terminate_programCleansUp_withinTheGracePeriod() throws Exception {
        try (Child child = new Child(CleaningUp.class)) {
            child.awaitLine("ready");
            child.terminate();
            child.awaitLine("cancelled: the JVM ends");
            child.awaitLine("cleaned up");
            assertThat(child.exitCode()).isEqualTo(TERMINATED);
        }
    }

    /// Does not want to end.
    static final class Stubborn {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                println("ready");
                while (true) {
                    try {
                        waitForever();
                    } catch (CancelledError e) {
                        println("ignored");
                    }
                }
            };
            run(async(main), RunOptions.defaults().gracePeriod(Duration.ofMillis(100)));
        }
    }

    @Test
    @Spec("RUN-5")
    void terminate_programDoesNotEnd_jvmEndsAfterTheGracePeriod() throws Exception {
        try (Child child = new Child(Stubborn.class)) {
            child.awaitLine("ready");
            child.terminate();
            child.awaitLine("ignored");
            assertThat(child.exitCode()).isEqualTo(TERMINATED);
        }
    }

    /// Ends the JVM from within a coroutine.
    static final class Exiting {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                println("exiting");
                System.exit(OWN_CODE);
            };
            run(async(main), RunOptions.defaults().gracePeriod(Duration.ofDays(1)));
        }
    }

    @Test
    @Spec("RUN-5")
    void exit_insideACoroutine_doesNotWaitForItself() throws Exception {
        try (Child child = new Child(Exiting.class)) {
            child.awaitLine("exiting");
            assertThat(child.exitCode()).isEqualTo(OWN_CODE);
        }
    }

    /// Ends the JVM from another thread, while the loop waits.
    static final class ExitingElsewhere {
        public static void main(String[] arguments) {
            CountDownLatch ready = new CountDownLatch(1);
            Thread.ofPlatform().start(() -> {
                try {
                    ready.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                System.exit(OWN_CODE);
            });
            VoidBody main = () -> {
                ready.countDown();
                try {
                    waitForever();
                } finally {
                    println("cleaned up");
                }
            };
            run(async(main), RunOptions.defaults().gracePeriod(Duration.ofDays(1)));
        }
    }

    @Test
    @Spec("RUN-5")
    void exit_onAnotherThread_programCleansUpFirst() throws Exception {
        try (Child child = new Child(ExitingElsewhere.class)) {
            child.awaitLine("cleaned up");
            assertThat(child.exitCode()).isEqualTo(OWN_CODE);
        }
    }

    /// Gets a third Ctrl-C while it ignores two.
    static final class InterruptedThrice {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                SignalSource signals =
                        ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();
                println("ready");
                for (int i = 0; i < 3; i++) {
                    signals.raise("INT");
                }
                while (true) {
                    Thread.onSpinWait();
                }
            };
            run(async(main));
        }
    }

    @Test
    @Spec("RUN-4")
    void interrupt_thirdTime_haltsTheJvm() throws Exception {
        try (Child child = new Child(InterruptedThrice.class)) {
            child.awaitLine("ready");
            assertThat(child.exitCode()).isEqualTo(INTERRUPTED);
        }
    }

    // Shutdown signals: RunOptions.shutdownSignals

    private static RunOptions graceful(Duration grace) {
        return RunOptions.defaults().gracePeriod(grace).shutdownSignals("TERM", "HUP");
    }

    /// Ends in an orderly way, and says what came out of run.
    static final class EndingInOrder {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                println("ready");
                try {
                    waitForever();
                } finally {
                    await(sleep(Duration.ofMillis(5)));
                    println("cleaned up");
                }
            };
            try {
                run(async(main), graceful(Duration.ofSeconds(LIMIT_SECONDS)));
            } catch (SystemExit e) {
                println("run threw " + e.code());
                System.exit(OWN_CODE);
            }
        }
    }

    @Test
    void shutdownSignal_programCleansUp_runThrowsSystemExit() throws Exception {
        try (Child child = new Child(EndingInOrder.class)) {
            child.awaitLine("ready");
            child.terminate();
            child.awaitLine("cleaned up");
            child.awaitLine("run threw " + TERMINATED);
            assertThat(child.exitCode()).isEqualTo(OWN_CODE);
        }
    }

    /// Refuses to end.
    static final class Hanging {
        public static void main(String[] arguments) {
            VoidBody main = () -> {
                createTask(() -> hang("task"), "stuck");
                await(sleep(Duration.ZERO));
                hang("ready");
            };
            run(async(main), graceful(Duration.ofMillis(Long.parseLong(System.getProperty("grace", "50")))));
        }

        private static void hang(String name) {
            println(name);
            while (true) {
                try {
                    waitForever();
                } catch (CancelledError e) {
                    println(name + " goes on");
                }
            }
        }
    }

    @Test
    void shutdownSignal_programHangs_isHaltedWithADumpAfterTheGracePeriod() throws Exception {
        try (Child child = new Child(Hanging.class)) {
            child.awaitLine("task");
            child.awaitLine("ready");
            child.terminate();
            String rest = child.rest();
            assertThat(child.exitCode()).isEqualTo(TERMINATED);
            assertThat(rest)
                    .contains("ready goes on")
                    .contains("did not end within the grace period of PT0.05S after SIGTERM")
                    .contains("left: 2 tasks")
                    .contains("name=stuck")
                    .contains("ShutdownTest$Hanging.hang");
        }
    }

    @Test
    void shutdownSignal_second_haltsAtOnce() throws Exception {
        try (Child child =
                new Child(Hanging.class, "-Dgrace=" + Duration.ofDays(1).toMillis())) {
            child.awaitLine("task");
            child.awaitLine("ready");
            child.terminate();
            child.awaitLine("ready goes on");
            child.terminate();
            String rest = child.rest();
            assertThat(child.exitCode()).isEqualTo(TERMINATED);
            assertThat(rest).contains("a second signal, SIGTERM, came before the program had ended");
        }
    }

    @Test
    void shutdownSignal_programThatDealsWithIt_returnsNormally() {
        SignalSource signals =
                ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();
        int result = run(
                async(() -> {
                    Task<?> self = currentTask();
                    try {
                        signals.raise("USR2");
                        waitForever();
                        return 1;
                    } catch (CancelledError e) {
                        assertThat(e.getMessage()).isEqualTo("shutdown signal");
                        assertThat(self == null ? -1 : self.uncancel()).isZero();
                        return 2;
                    }
                }),
                RunOptions.defaults().shutdownSignals("USR2"));
        assertThat(result).isEqualTo(2);
    }

    @Test
    void shutdownSignal_betweenTwoRuns_endsTheNextOne() {
        SignalSource signals =
                ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();
        try (Runner runner =
                Runner.create(graceful(Duration.ofSeconds(LIMIT_SECONDS)).shutdownSignals("USR2"))) {
            runner.run(async(() -> println("a run")));
            signals.raise("USR2"); // arrives on another thread, soon
            assertThatThrownBy(() -> runner.run(async(() -> waitForever()))).isInstanceOf(SystemExit.class);
        }
    }

    @Test
    void shutdownSignals_badNames_areRefused() {
        assertThatThrownBy(() -> RunOptions.defaults().shutdownSignals("SIGTERM"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SIGTERM")
                .hasMessageContaining("say TERM");
        assertThatThrownBy(() -> RunOptions.defaults().shutdownSignals(""))
                .isInstanceOf(IllegalArgumentException.class);
        VoidBody main = () -> println("not reached");
        assertThatThrownBy(() -> run(async(main), RunOptions.defaults().shutdownSignals("NOSUCH")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
