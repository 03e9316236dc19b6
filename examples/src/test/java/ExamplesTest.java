import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the examples print. They run inside the test, on virtual time; one runs as its reader sees
/// it.
class ExamplesTest {
    private static final Duration SHORT = Duration.ofMillis(5); // a pause that blocks in real time

    @Test
    void greet_inAProcessOfItsOwn_printsItsGreeting() throws Exception {
        Process process =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "Greet")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).isEqualTo("Hello, World\n");
    }

    @Test
    void entryPoint_virtualTime_printsItsGreeting() throws Exception {
        assertThat(outputOf("EntryPoint")).isEqualTo("Hello, World\n");
    }

    @Test
    void workers_virtualTime_bothStartBeforeEitherIsDone() throws Exception {
        VirtualTime time = VirtualTime.create();

        String output = Example.of("Workers").output(time.options());

        assertThat(output.lines())
                .containsExactly(
                        "Worker 1 starting",
                        "Worker 2 starting",
                        "Worker 1 done",
                        "Worker 2 done",
                        "All workers finished");
        assertThat(time.now())
                .as("together, not one after the other")
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void backgroundWork_virtualTime_taskStartsAfterItsCreatorSuspends() throws Exception {
        assertThat(outputOf("BackgroundWork").lines())
                .containsExactly(
                        "scheduled, not started yet",
                        "background: starting",
                        "background: done",
                        "result: 42");
    }

    @Test
    void debugMode_slowStepAndForgottenCoroutine_bothAreReported() throws Exception {
        RecordingLogger log = new RecordingLogger();

        String output = runInDebugMode("DebugMode", log);

        assertThat(output).isEqualTo("done\n");
        assertThat(log.messagesWith("AS301"))
                .anySatisfy(text -> assertThat(text).contains("Executing", "name=slow", "took"));
        assertThat(log.messagesWith("AS101"))
                .singleElement()
                .asString()
                .contains("was never awaited", "Coroutine created at DebugMode.java:");
    }

    @Test
    void sleepVersusBlocking_virtualTime_onlyBlockingStarvesTheOtherTask() throws Exception {
        String output =
                Example.of("SleepVersusBlocking").with("pause", SHORT).output(virtualOptions());

        assertThat(output.lines())
                .containsExactly(
                        "wrong: begins",
                        "wrong: ends",
                        "  the other task runs",
                        "right: begins",
                        "  the other task runs",
                        "right: ends");
    }

    @Test
    void sleepVersusBlocking_debugMode_namesTheTaskThatBlocked() throws Exception {
        RecordingLogger log = new RecordingLogger();

        runInDebugMode("SleepVersusBlocking", log);

        assertThat(log.messagesWith("AS301"))
                .anySatisfy(text ->
                        assertThat(text)
                                .containsPattern(
                                        "Executing <Task finished .*created at"
                                                + " SleepVersusBlocking.java:\\d+ .*> took"
                                                + " \\d+ ms"));
    }

    @Test
    void sleepZero_everyHundredItems_othersGetATurn() throws Exception {
        assertThat(outputOf("SleepZero").lines())
                .containsExactly(
                        "another coroutine sees 1 items done",
                        "another coroutine sees 101 items done",
                        "another coroutine sees 201 items done",
                        "300 items done");
    }

    @Test
    void crawler_virtualTime_eachPageOnceAlsoWhenOneHangsAndOneFails() throws Exception {
        assertThat(outputOf("Crawler").lines())
                .containsExactly(
                        "/: 3 links",
                        "/news: 3 links",
                        "/help: 2 links",
                        "/news/1: 1 links",
                        "/news/2: 2 links",
                        "/lost: 404",
                        "/shop: no answer in 200 ms",
                        "7 pages, each visited once");
    }

    @Test
    void rateLimiter_virtualTime_twoAtOnceThenOneForEachInterval() throws Exception {
        assertThat(outputOf("RateLimiter").lines())
                .containsExactly(
                        "0.0 s: Ann, request 1",
                        "0.0 s: Ann, request 2",
                        "0.1 s: Ann, request 3",
                        "0.1 s: Eve gives up, and has cost nobody a token",
                        "0.2 s: Bob, request 1",
                        "0.3 s: Bob, request 2",
                        "0.4 s: Bob, request 3",
                        "0.4 s: all served; the group has ended the daemon");
    }

    @Test
    void producerConsumer_virtualTime_eachOrderIsPackedOrLeft() throws Exception {
        assertThat(outputOf("ProducerConsumer").lines())
                .containsExactly(
                        "--- a long day",
                        "packed: N1 by Ann, S1 by Bob, N2 by Ann, S2 by Bob,"
                                + " N3 by Ann, S3 by Bob, N4 by Ann, S4 by Bob",
                        "--- a short day, cut off",
                        "packed: N1 by Ann, S1 by Bob",
                        "left: N4 was never sent",
                        "left: S4 was never sent",
                        "left: N2 was in Ann's hands",
                        "left: S2 was in Bob's hands",
                        "left: N3 was in the channel",
                        "left: S3 was in the channel");
    }

    @Test
    void clusterSquares_aMemberIsTerminated_itsWorkIsDoneByTheOthers() throws Exception {
        String output = Example.of("ClusterSquares").output(LoopOptions.defaults());

        assertThat(output.lines())
                .containsExactly(
                        "members: 3",
                        "40 of 60 squares: 49220",
                        "work that was lost and done again: 20",
                        "60 squares: 73810");
    }

    @Test
    void examples_eachFile_hasATest() throws Exception {
        StringBuilder tests = new StringBuilder();
        try (Stream<Path> files = Files.list(Path.of("src/test/java"))) {
            for (Path file : files.toList()) {
                tests.append(Files.readString(file));
            }
        }
        try (Stream<Path> files = Files.list(Path.of("."))) {
            List<String> programs =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java"))
                            .map(name -> name.substring(0, name.length() - ".java".length()))
                            .filter(name ->
                                    DocumentsTest.PROGRAMS.values().stream()
                                            .noneMatch(quoted -> quoted.contains(name)))
                            .toList();

            assertThat(programs).hasSizeGreaterThanOrEqualTo(7);
            assertThat(programs).allSatisfy(name -> assertThat(tests).contains("\"" + name + "\""));
        }
    }

    private static LoopOptions virtualOptions() {
        return VirtualTime.create().options();
    }

    private static String outputOf(String program) throws ReflectiveOperationException {
        return Example.of(program).output(virtualOptions());
    }

    /// With a pause of a few milliseconds, and a limit that it exceeds.
    private static String runInDebugMode(String program, RecordingLogger log)
            throws ReflectiveOperationException {
        LoopOptions options = virtualOptions().debug(true).logger(log).name("Loop-1");
        try (EventLoop loop = EventLoop.create(options)) {
            loop.setSlowCallbackDuration(SHORT.dividedBy(2));
            return Example.of(program).with("pause", SHORT).output(loop);
        }
    }
}
