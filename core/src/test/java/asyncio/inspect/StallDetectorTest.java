package asyncio.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Rows DBG-5, AS301 and AS305, on a clock that the test moves.
class StallDetectorTest {
    private final FakeLoop loop = new FakeLoop();
    private long cpuNanos; // what the loop's thread has used; -1: unknown
    private final StallDetector detector = new StallDetector(loop, thread -> cpuNanos);

    private void look() {
        assertThat(detector.look()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(25));
    }

    private void beginStep() {
        loop.beginStep();
        look();
    }

    private void lookAfterMillis(long millis) {
        loop.advanceMillis(millis);
        look();
    }

    @Test
    void look_noStep_reportsNothing() {
        look();
        lookAfterMillis(1_000);

        assertThat(loop.reports).isEmpty();
    }

    @Test
    void look_stepBelowTheLimit_reportsNothing() {
        beginStep();
        lookAfterMillis(99);

        assertThat(loop.reports).isEmpty();
    }

    @Test
    void look_stepAtTheLimit_reportsTaskTimeAndTheUsersLine() {
        loop.stack(FakeLoop.JDK, FakeLoop.USER, FakeLoop.LIBRARY);
        beginStep();
        lookAfterMillis(100);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report)
                        .startsWith("AS301 <Task ingest> has been running for 100 ms without an await")
                        .contains(" at app.Ingest.load(Ingest.java:44), in java.util.HashMap.get")
                        .contains(
                                "\n    at java.util.HashMap.get(HashMap.java:2)\n    at app.Ingest.load(Ingest.java:44)")
                        .doesNotContain("Task.java")
                        .contains("move blocking work to toThread(...)"));
    }

    @Test
    void look_stepGoesOn_reportsAgainAtDoublings() {
        beginStep();
        for (int millis = 0; millis < 900; millis += 50) {
            lookAfterMillis(50);
        }

        assertThat(loop.reports)
                .extracting(report -> report.replaceAll("(?s).*running for (\\d+) ms.*", "$1"))
                .containsExactly("100", "200", "400", "800");
    }

    @Test
    void look_seldom_reportsOnceForEachLook() {
        beginStep();
        lookAfterMillis(5_000);
        lookAfterMillis(1);

        assertThat(loop.reports).hasSize(1);
    }

    @Test
    void look_nextStep_isMeasuredFromItsOwnBegin() {
        beginStep();
        lookAfterMillis(150);
        loop.beginStep();
        lookAfterMillis(99);
        assertThat(loop.reports).hasSize(1);

        lookAfterMillis(1);
        assertThat(loop.reports).hasSize(2);
    }

    @Test
    void look_stepEndsWhileItsStackIsTaken_reportsNothing() {
        beginStep();
        loop.endsWhileSampled = true;
        lookAfterMillis(100);

        assertThat(loop.reports).isEmpty();
    }

    @Test
    void look_threadHolds_isBlocked() {
        loop.holding = true;
        beginStep();
        lookAfterMillis(100);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report).contains("; it is blocked at app.Ingest.load(Ingest.java:44)"));
    }

    @Test
    void look_threadBurns_isComputing() {
        loop.stack(FakeLoop.NATIVE, FakeLoop.USER);
        beginStep();
        cpuNanos += TimeUnit.MILLISECONDS.toNanos(90);
        lookAfterMillis(100);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report).contains("; it is computing (90 % CPU) at app.Ingest"));
    }

    @Test
    void look_threadIsInNativeCodeAndIdle_isBlockedThere() {
        loop.stack(FakeLoop.NATIVE, FakeLoop.USER);
        beginStep();
        cpuNanos += TimeUnit.MILLISECONDS.toNanos(3);
        lookAfterMillis(100);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report)
                        .contains("; it is blocked in native code (3 % CPU) at app.Ingest")
                        .contains("in java.io.FileInputStream.read0"));
    }

    @Test
    void look_threadIsInJavaCodeButGotNoProcessor_isComputing() {
        beginStep();
        cpuNanos += TimeUnit.MILLISECONDS.toNanos(3);
        lookAfterMillis(100);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report).contains("; it is computing (3 % CPU) at app.Ingest"));
    }

    @Test
    void look_processorTimeUnknown_saysWhatTheStackTells() {
        cpuNanos = -1;
        loop.stack(FakeLoop.NATIVE, FakeLoop.USER);
        beginStep();
        lookAfterMillis(100);
        loop.stack(FakeLoop.USER);
        lookAfterMillis(100);

        assertThat(loop.reports.get(0)).contains("; it is computing, or blocked in native code at app.Ingest");
        assertThat(loop.reports.get(1)).contains("; it is computing at app.Ingest");
    }

    @Test
    void look_firstStepForASecond_isReportedOnceAsNeverYielded() {
        loop.firstStep = true;
        beginStep();
        lookAfterMillis(999);
        assertThat(loop.reports).noneMatch(report -> report.startsWith("AS305"));

        lookAfterMillis(1);
        lookAfterMillis(5_000);
        assertThat(loop.reports)
                .filteredOn(report -> report.startsWith("AS305"))
                .hasSize(1);
    }

    @Test
    void look_laterStepForASecond_isNotNeverYielded() {
        beginStep();
        lookAfterMillis(2_000);

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report).startsWith("AS301"));
    }
}
