package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamHandler;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The orderly end of a server, in virtual time.
@Spec("IO-5")
@ExtendWith(NothingLeft.class)
class ServerStopTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final FakeListener listener = new FakeListener();
    private final List<String> log = new ArrayList<>();

    private void inVirtualTime(VoidBody body) {
        run(body, FakeListener.options(logger));
    }

    private Server started(int connections, StreamHandler handler) throws Exception {
        listener.connections(connections);
        Server server = await(serve(handler, listener, ServerOptions.DEFAULT));
        await(sleep(Duration.ofMillis(1)));
        assertThat(server.connectionCount()).isEqualTo(connections);
        return server;
    }

    private static long millis() {
        return getRunningLoop().time().toMillis();
    }

    private void note(String what) {
        log.add(what + " at " + millis());
    }

    @Test
    void stop_withoutConnections_endsAtOnce() {
        inVirtualTime(() -> {
            Server server = started(0, stream -> {});
            assertThat(await(server.stop(Streams.FOR_EVER))).isZero();
            assertThat(await(server.stop(Duration.ZERO))).isZero();
            assertThat(millis()).isEqualTo(1);
            assertThat(listener.isOpen()).isFalse();
            await(server.waitClosed());
        });
    }

    @Test
    void stop_handlersThatFinishInTime_areLeftAlone() {
        inVirtualTime(() -> {
            Server server = started(2, stream -> {
                await(sleep(Duration.ofSeconds(4)));
                note("done");
            });
            assertThat(await(server.stop(Duration.ofSeconds(5)))).isZero();
            assertThat(server.connectionCount()).isZero();
        });

        assertThat(log).containsExactly("done at 4000", "done at 4000");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void stop_handlersThatDoNotFinish_areCancelledAndMayCleanUp() {
        inVirtualTime(() -> {
            Server server = started(2, stream -> {
                try {
                    await(sleep(Streams.FOR_EVER));
                } catch (CancelledError e) {
                    await(sleep(Duration.ofMillis(500)));
                    note("cleaned up, open: " + !stream.isClosed());
                    throw e;
                }
            });
            assertThat(await(server.stop(Duration.ofSeconds(5)))).isEqualTo(2);
            note("stopped");
            assertThat(server.connectionCount()).isZero();
        });

        assertThat(log)
                .containsExactly("cleaned up, open: true at 5501", "cleaned up, open: true at 5501", "stopped at 5501");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void stop_handlerThatCleansUpForTooLong_losesItsConnection() {
        inVirtualTime(() -> {
            Server server = started(1, stream -> {
                try {
                    await(sleep(Streams.FOR_EVER));
                } finally {
                    try {
                        await(sleep(Streams.FOR_EVER));
                    } finally {
                        note("cut off, open: " + !stream.isClosed());
                    }
                }
            });
            assertThat(await(server.stop(Duration.ofSeconds(5)))).isEqualTo(1);
        });

        assertThat(log).containsExactly("cut off, open: false at 6001");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void stop_handlerThatNeverEnds_isReported() {
        inVirtualTime(() -> {
            boolean[] enough = {false};
            Server server = started(1, stream -> {
                while (!enough[0]) {
                    try {
                        await(sleep(Duration.ofHours(1)));
                    } catch (CancelledError e) {
                        note("does not care");
                    }
                }
            });
            assertThat(await(server.stop(Duration.ofSeconds(5)))).isEqualTo(1);
            assertThat(millis()).isEqualTo(7001);
            assertThat(server.connectionCount()).isZero();
            enough[0] = true;
            await(sleep(Duration.ofHours(2)));
        });

        assertThat(log).containsExactly("does not care at 5001", "does not care at 6001");
        assertThat(logger.messagesWith("1 of its handlers did not end although they were cancelled"))
                .hasSize(1);
    }

    @Test
    void stop_connectionWithoutHandler_isCutOff() {
        List<StreamWriter> writers = new ArrayList<>();
        inVirtualTime(() -> {
            listener.connections(1);
            Server server =
                    await(startServer((reader, writer) -> writers.add(writer), listener, ServerOptions.DEFAULT));
            await(sleep(Duration.ofMillis(1)));
            assertThat(await(server.stop(Duration.ofSeconds(5)))).isEqualTo(1);
            assertThat(millis()).isEqualTo(5001);
            assertThat(server.connectionCount()).isZero();
        });

        assertThat(writers).hasSize(1);
    }

    @Test
    void stop_cancelled_skipsTheGrace() {
        inVirtualTime(() -> {
            Server server = started(2, stream -> {
                try {
                    await(sleep(Streams.FOR_EVER));
                } finally {
                    note("ended");
                }
            });
            Task<Integer> stop = createTask(server.stop(Streams.FOR_EVER));
            await(sleep(Duration.ofMillis(9)));
            stop.cancel();
            await(asyncio.Asyncio.waitUntil(List.of(stop), ReturnWhen.ALL_COMPLETED));
            assertThat(stop.isCancelled()).isTrue();
            assertThat(server.connectionCount()).isZero();
            await(server.waitClosed());
        });

        assertThat(log).containsExactly("ended at 10", "ended at 10");
    }

    @Test
    void stop_inAHandler_isRefused() {
        Server[] holder = new Server[1];
        inVirtualTime(() -> {
            Server server = started(1, stream -> {
                await(sleep(Duration.ofSeconds(1)));
                assertThatThrownBy(() -> await(holder[0].stop(Duration.ZERO)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("which would wait for itself");
                note("refused");
            });
            holder[0] = server;
            await(sleep(Duration.ofSeconds(2)));
            assertThat(server.isServing()).isTrue();
            server.close();
        });

        assertThat(log).containsExactly("refused at 1000");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void stop_inATaskThatAHandlerStarted_ends() {
        Server[] holder = new Server[1];
        inVirtualTime(() -> {
            List<Task<Integer>> stops = new ArrayList<>();
            Server server = started(1, stream -> {
                await(sleep(Duration.ofSeconds(1)));
                stops.add(createTask(holder[0].stop(Duration.ofSeconds(1))));
            });
            holder[0] = server;
            await(server.waitClosed());
            assertThat(await(stops.getFirst())).isZero();
            assertThat(millis()).isEqualTo(1000);
        });
    }

    @Test
    void serveForever_withAGrace_letsHandlersFinishAndThenCancelsThem() {
        inVirtualTime(() -> {
            int[] number = {0};
            Server server = started(2, stream -> {
                boolean quick = number[0]++ == 0;
                await(sleep(quick ? Duration.ofSeconds(4) : Streams.FOR_EVER));
                note("done");
            });
            Task<?> forever = createTask(server.serveForever(Duration.ofSeconds(5)));
            Streams.yieldTurns(2);
            forever.cancel("a signal");
            assertThatThrownBy(() -> await(forever))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("a signal");
            note("stopped");
            assertThat(server.connectionCount()).isZero();
        });

        assertThat(log).containsExactly("done at 4000", "stopped at 5001");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void serveForever_cancelledTwice_skipsTheGrace() {
        inVirtualTime(() -> {
            Server server = started(1, stream -> await(sleep(Streams.FOR_EVER)));
            Task<?> forever = createTask(server.serveForever(Streams.FOR_EVER));
            Streams.yieldTurns(2);
            forever.cancel();
            Streams.yieldTurns(2);
            forever.cancel();
            assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
            Streams.yieldTurns(3);
            assertThat(server.connectionCount()).isZero();
            assertThat(millis()).isEqualTo(1);
        });
    }

    @Test
    void serveForever_closedElsewhere_stillStopsTheHandlers() {
        inVirtualTime(() -> {
            Server server = started(1, stream -> await(sleep(Streams.FOR_EVER)));
            Task<?> forever = createTask(server.serveForever(Duration.ofSeconds(5)));
            Streams.yieldTurns(2);
            server.close();
            assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
            assertThat(server.connectionCount()).isZero();
            assertThat(millis()).isEqualTo(5001);
            assertThatThrownBy(() -> server.serveForever(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void stop_serveForeverIsAwaited_endsIt() {
        inVirtualTime(() -> {
            Server server = started(1, stream -> await(sleep(Streams.FOR_EVER)));
            Task<?> forever = createTask(server.serveForever());
            Streams.yieldTurns(2);
            assertThat(await(server.stop(Duration.ofSeconds(1)))).isEqualTo(1);
            Streams.yieldTurns(3);
            assertThat(forever.isCancelled()).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "aclose", "waitClosed", "serveForever"})
    void anyEnd_cancelledAtEachMoment_losesNothing(String kind) {
        for (int moment = 0; moment < 40; moment++) {
            int current = moment;
            FakeListener fresh = new FakeListener();
            run(() -> endCancelledAt(current, kind, fresh), FakeListener.options(logger));
        }

        assertThat(Streams.findings(logger)).isEmpty();
    }

    private static void endCancelledAt(int moment, String kind, FakeListener fresh) throws Exception {
        fresh.connections(3);
        int[] handlers = {0};
        StreamHandler handler = stream -> {
            int number = ++handlers[0];
            await(sleep(Duration.ofMillis(10L * number)));
        };
        Server server = await(serve(handler, fresh, ServerOptions.DEFAULT));
        await(sleep(Duration.ofMillis(1)));
        Task<?> end = switch (kind) {
            case "stop" -> createTask(server.stop(Duration.ofMillis(15)));
            case "aclose" -> createTask(server.aclose());
            case "waitClosed" -> createTask(server.waitClosed());
            default -> createTask(server.serveForever());
        };
        for (int i = 0; i < moment; i++) {
            await(sleep(Duration.ofMillis(i % 2)));
        }
        boolean accepted = end.cancel();
        await(asyncio.Asyncio.waitUntil(List.of(asFuture(end)), ReturnWhen.ALL_COMPLETED));
        assertThat(end.isCancelled()).isEqualTo(accepted);
        server.close();
        await(server.waitClosed());
        assertThat(server.connectionCount()).isZero();
        assertThat(fresh.isOpen()).isFalse();
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static Future<Object> asFuture(Task<?> task) {
        return (Future<Object>) task;
    }

    @Test
    void stop_negativeGrace_isRefusedAtOnce() {
        inVirtualTime(() -> {
            Server server = started(0, stream -> {});
            assertThatThrownBy(() -> server.stop(Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("grace must not be negative");
            server.close();
        });
    }
}
