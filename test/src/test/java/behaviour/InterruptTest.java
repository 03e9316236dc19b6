package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Body;
import asyncio.CancelledError;
import asyncio.KeyboardInterrupt;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.spi.SignalSource;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Ctrl-C while a program runs. Each program raises the signal itself.
class InterruptTest {
    private final SignalSource signals =
            ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();
    private final RecordingLogger logger = new RecordingLogger();
    private final List<String> log = new CopyOnWriteArrayList<>();

    private <T> T runInterruptible(Body<T> main) {
        return run(async(main), new RunOptions(InVirtualTime.loop(logger), Duration.ZERO, true));
    }

    /// Waits until something cancels the task.
    private static int waitForever() {
        return await(getRunningLoop().<Integer>createFuture());
    }

    @Test
    @Spec({"RUN-4", "F-R-4"})
    void run_firstInterrupt_cancelsMainWhichCleansUp() {
        assertThatThrownBy(() -> runInterruptible(() -> {
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        log.add("cancelled: " + e.getMessage());
                        throw e;
                    } finally {
                        await(asyncio.Asyncio.sleep(Duration.ofSeconds(1)));
                        log.add("cleaned up");
                    }
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        assertThat(log).containsExactly("cancelled: Ctrl-C", "cleaned up");
    }

    @Test
    @Spec({"RUN-4", "F-R-4"})
    void run_mainSwallowsTheInterrupt_itsValueIsReturned() {
        assertThat(runInterruptible(() -> {
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        return 7;
                    }
                }))
                .isEqualTo(7);
    }

    @Test
    @Spec("RUN-4")
    void run_mainFailsInItsCleanUp_thatFailureComesOut() {
        IllegalStateException failure = new IllegalStateException("clean-up failed");
        assertThatThrownBy(() -> runInterruptible(() -> {
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        throw failure;
                    }
                }))
                .isSameAs(failure);
    }

    @Test
    @Spec("RUN-4")
    void run_somebodyElseCancelsToo_isACancellation() {
        assertThatThrownBy(() -> runInterruptible(() -> {
                    Task<?> self = currentTask();
                    assertThat(self).isNotNull();
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        self.cancel();
                        throw e;
                    }
                }))
                .isInstanceOf(CancelledError.class);
    }

    @Test
    @Spec({"RUN-4", "F-R-4"})
    void run_secondInterrupt_stopsAtOnceAndMainEndsInTheShutdown() {
        assertThatThrownBy(() -> runInterruptible(() -> {
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        log.add("ignored");
                    }
                    signals.raise("INT");
                    try {
                        return waitForever();
                    } catch (CancelledError e) {
                        log.add("shutdown: " + e.getMessage());
                        throw e;
                    }
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        assertThat(log).containsExactly("ignored", "shutdown: the program ends");
    }

    @Test
    @Spec({"RUN-4", "F-R-4"})
    void run_secondInterruptWhileAStepBlocks_interruptsTheStep() {
        assertThatThrownBy(() -> runInterruptible(() -> {
                    signals.raise("INT");
                    signals.raise("INT");
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        log.add("interrupted");
                    }
                    return waitForever();
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        assertThat(log).containsExactly("interrupted");
    }

    @Test
    @Spec("RUN-4")
    void run_signalHandledBySomebodyElse_isNotOurs() throws InterruptedException {
        CountDownLatch theirs = new CountDownLatch(1);
        try (SignalSource.Registration registration = signals.handle("INT", theirs::countDown)) {
            assertThat(runInterruptible(() -> {
                        signals.raise("INT");
                        theirs.await();
                        Task<?> self = currentTask();
                        assertThat(self).isNotNull();
                        return self.cancelling();
                    }))
                    .isZero();
            assertThat(registration).isNotNull();
        }
    }

    @Test
    @Spec("RUN-4")
    void run_ends_restoresWhatWasThere() throws InterruptedException {
        runInterruptible(() -> {
            assertThatThrownBy(() -> signals.handle("INT", () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("handled by somebody else");
            return 1;
        });
        CountDownLatch next = new CountDownLatch(1);
        try (SignalSource.Registration registration = signals.handle("INT", next::countDown)) {
            signals.raise("INT");
            next.await();
            assertThat(registration).isNotNull();
        }
    }
}
