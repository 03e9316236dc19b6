package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.KeyboardInterrupt;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.SignalReceiver;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.spi.SignalSource;
import asyncio.sync.Event;
import asyncio.sync.Queue;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Signals that this program raises itself, as callbacks and as values.
@Spec({"SIG-1", "F-LOOP-20"})
@ExtendWith(NothingLeft.class)
class SignalHandlerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30); // for what is certain to happen

    private final SignalSource signals =
            ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();

    private static <T> T within(asyncio.Coroutine<T> coroutine) {
        return await(timeout(LIMIT, () -> await(coroutine)));
    }

    private void assertNobodyHandles(String name) {
        assertThatThrownBy(() -> signals.raise(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Unhandled signal");
    }

    // Callbacks

    @Test
    void handler_signalComes_runsInItsContextEachTime() {
        ContextVar<String> user = ContextVar.withDefault("user", "nobody");
        run(() -> {
            EventLoop loop = getRunningLoop();
            Queue<String> queue = new Queue<>();
            user.set("ann");
            loop.addSignalHandler("USR2", () -> queue.tryPut(user.get()));
            user.set("bob");
            for (int i = 0; i < 2; i++) {
                signals.raise("USR2");
                assertThat(within(queue.get())).isEqualTo("ann");
            }
            assertThat(loop.removeSignalHandler("USR2")).isTrue();
            assertThat(loop.removeSignalHandler("USR2")).isFalse();
        });
        assertNobodyHandles("USR2");
    }

    @Test
    void handler_loopEnds_isRemoved() {
        run(() -> getRunningLoop().addSignalHandler("USR2", () -> {}));

        assertNobodyHandles("USR2");
    }

    @Test
    void handler_twoLoops_bothAreTold() throws InterruptedException {
        run(() -> {
            Queue<String> queue = new Queue<>();
            Event ready = new Event();
            EventLoop here = getRunningLoop();
            here.addSignalHandler("USR2", () -> queue.tryPut("first"));
            Thread other = Thread.ofPlatform()
                    .start(() -> run(() -> {
                        Event told = new Event();
                        getRunningLoop().addSignalHandler("USR2", told::set);
                        here.callSoonThreadsafe(ready::set);
                        within(told.awaitSet());
                        here.callSoonThreadsafe(() -> queue.tryPut("second"));
                    }));
            within(ready.awaitSet());
            signals.raise("USR2");
            assertThat(List.of(within(queue.get()), within(queue.get()))).containsExactlyInAnyOrder("first", "second");
            await(asyncio.Asyncio.toThread(() -> other.join()));
        });
        assertNobodyHandles("USR2");
    }

    @Test
    void handler_badSignals_areRefused() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            for (String name : List.of("KILL", "STOP", "QUIT", "SEGV", "PIPE", "NOSUCH")) {
                assertThatThrownBy(() -> loop.addSignalHandler(name, () -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("signal must be one that a program may handle: got " + name);
                assertThat(loop.removeSignalHandler(name)).isFalse();
            }
            for (String name : List.of("", "SIGTERM")) {
                assertThatThrownBy(() -> loop.addSignalHandler(name, () -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("without the prefix SIG");
            }
            try (SignalSource.Registration foreign = signals.handle("WINCH", () -> {})) {
                assertThat(foreign).isNotNull();
                assertThatThrownBy(() -> loop.addSignalHandler("WINCH", () -> {}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("handled by somebody else");
            }
        });
        EventLoop closed = asyncio.Asyncio.newEventLoop();
        closed.close();
        assertThatThrownBy(() -> closed.addSignalHandler("USR2", () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Event loop is closed");
        assertNobodyHandles("USR2");
    }

    @Test
    void handler_thatFails_isReportedAndStays() {
        RecordingLogger logger = new RecordingLogger();
        run(
                async(() -> {
                    Queue<String> queue = new Queue<>();
                    getRunningLoop().addSignalHandler("USR2", () -> {
                        queue.tryPut("told");
                        throw new IllegalStateException("from the handler");
                    });
                    for (int i = 0; i < 2; i++) {
                        signals.raise("USR2");
                        within(queue.get());
                    }
                }),
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        assertThat(logger.entries())
                .hasSize(2)
                .allSatisfy(entry -> assertThat(entry.message()).contains("Exception in callback"));
    }

    // With a runner

    @Test
    @Spec("RUN-4")
    void handlerOfInt_takesThePlaceOfCtrlC_andGivesItBack() {
        List<String> log = new ArrayList<>();
        assertThatThrownBy(() -> run(() -> {
                    Queue<String> queue = new Queue<>();
                    EventLoop loop = getRunningLoop();
                    loop.addSignalHandler("INT", () -> queue.tryPut("int"));
                    signals.raise("INT");
                    log.add(within(queue.get()));
                    loop.removeSignalHandler("INT");
                    signals.raise("INT");
                    within(new Event().awaitSet());
                }))
                .isInstanceOf(KeyboardInterrupt.class);
        assertThat(log).containsExactly("int");
    }

    @Test
    void handlerOfAShutdownSignal_takesItsPlace_andGivesItBack() {
        List<String> log = new ArrayList<>();
        assertThatThrownBy(() -> run(
                        async(() -> {
                            try (SignalReceiver receiver = SignalReceiver.open("USR2")) {
                                signals.raise("USR2");
                                log.add(within(receiver.anext()).orElseThrow());
                            }
                            signals.raise("USR2");
                            within(new Event().awaitSet());
                        }),
                        RunOptions.defaults().shutdownSignals("USR2")))
                .isInstanceOfSatisfying(
                        SystemExit.class, e -> assertThat(e.code()).isEqualTo(128 + signals.number("USR2")));
        assertThat(log).containsExactly("USR2");
        assertNobodyHandles("USR2");
    }

    // Values

    @Test
    void receiver_values_comeInTheirOrderUntilClosed() {
        run(() -> {
            List<String> received = new ArrayList<>();
            SignalReceiver receiver = SignalReceiver.open("USR2", "WINCH");
            signals.raise("WINCH");
            try (var values = receiver.values()) {
                for (String name : values) {
                    received.add(name);
                    if (received.size() == 3) {
                        break;
                    }
                    signals.raise(received.size() == 1 ? "USR2" : "WINCH");
                }
            }
            assertThat(received).containsExactly("WINCH", "USR2", "WINCH");
            assertThat(within(receiver.anext())).isEmpty();
            assertThat(receiver.toString()).isEqualTo("<SignalReceiver USR2 WINCH closed>");
        });
        assertNobodyHandles("USR2");
        assertNobodyHandles("WINCH");
    }

    @Test
    void receiver_cancelledWait_losesNoSignal() {
        run(() -> {
            try (SignalReceiver receiver = SignalReceiver.open("USR2")) {
                Task<Optional<String>> waiting = createTask(receiver.anext());
                await(sleep(Duration.ZERO));
                waiting.cancel();
                assertThatThrownBy(() -> await(waiting)).isInstanceOf(CancelledError.class);
                signals.raise("USR2");
                assertThat(within(receiver.anext())).contains("USR2");
            }
        });
    }

    @Test
    void receiver_closedWhileATaskWaits_endsTheValues() {
        run(() -> {
            SignalReceiver receiver = SignalReceiver.open("USR2");
            Task<List<String>> reading = createTask(receiver.toList());
            await(sleep(Duration.ZERO));
            receiver.close();
            assertThat(await(reading)).isEmpty();
        });
    }

    @Test
    void receiver_unreadAtTheClose_isGivenBack() {
        RecordingLogger logger = new RecordingLogger();
        run(
                async(() -> {
                    Queue<String> queue = new Queue<>();
                    SignalReceiver receiver = SignalReceiver.open("USR2");
                    SignalReceiver probe = SignalReceiver.open("USR2");
                    signals.raise("USR2");
                    within(probe.anext()); // so the other one has it as well
                    receiver.close(); // the probe was told: nothing is raised
                    signals.raise("USR2");
                    while (!probe.toString().contains("pending=[USR2]")) {
                        await(sleep(Duration.ofMillis(1)));
                    }
                    probe.close();
                    assertThat(queue.isEmpty()).isTrue();
                }),
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        assertThat(logger.entries())
                .hasSize(1)
                .allSatisfy(entry -> assertThat(entry.message()).contains("signal USR2 came, but nobody had read it"));
    }

    @Test
    void receiver_leftOpen_isClosedWithItsLoop() {
        run(() -> {
            SignalReceiver.open("USR2");
        });

        assertNobodyHandles("USR2");
    }

    @Test
    void receiver_badNames_areRefusedAndNothingIsKept() {
        run(() -> {
            assertThatThrownBy(() -> SignalReceiver.open()).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> SignalReceiver.open("USR2", "NOSUCH"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertNobodyHandles("USR2");
        });
    }
}
