package asyncio.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private final Watchdog watchdog = new Watchdog();

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("asyncio-watchdog"))
                .toList();
    }

    @Test
    void started_severalLoops_areWatchedByOneDaemonThreadThatEndsWithTheLast() throws InterruptedException {
        FakeLoop a = new FakeLoop();
        FakeLoop b = new FakeLoop();
        watchdog.started(a);
        watchdog.started(b);
        List<Thread> threads = threads();
        assertThat(threads).singleElement().matches(Thread::isDaemon);

        watchdog.stopped(a);
        assertThat(threads.getFirst().isAlive()).isTrue();
        watchdog.stopped(b);
        threads.getFirst().join();
        assertThat(threads()).isEmpty();
    }

    @Test
    void started_stepThatDoesNotEnd_isReportedUntilStopped() throws InterruptedException {
        FakeLoop loop = new FakeLoop();
        loop.beginStep();
        watchdog.started(loop);
        loop.advanceMillis(100);
        loop.reported.await();
        List<Thread> threads = threads();
        watchdog.stopped(loop);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(loop.reports)
                .singleElement()
                .satisfies(report -> assertThat(report).startsWith("AS301 <Task ingest> has been running for 100 ms"));
    }

    @Test
    void started_afterTheLastWasStopped_watchesAgain() throws InterruptedException {
        FakeLoop first = new FakeLoop();
        watchdog.started(first);
        watchdog.stopped(first);

        FakeLoop second = new FakeLoop();
        second.beginStep();
        watchdog.started(second);
        second.advanceMillis(100);
        second.reported.await();
        watchdog.stopped(second);
        for (Thread thread : threads()) {
            thread.join();
        }
        assertThat(first.reports).isEmpty();
    }
}
