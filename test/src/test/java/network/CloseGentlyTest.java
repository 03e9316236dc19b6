package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.VoidBody;
import asyncio.net.ConnectionHandler;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamClosedException;
import asyncio.stream.StreamPair;
import asyncio.sync.Event;
import asyncio.testing.NothingLeft;
import asyncio.tls.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A stream that is closed while its peer still sends: what was sent to it arrives.
@ExtendWith(NothingLeft.class)
class CloseGentlyTest {
    private static final int MUCH = 4_000_000; // more than the system keeps on the way

    private static void refuse(ByteStream stream, Duration limit) {
        Streams.send(stream, "refused");
        stream.closeGently(limit);
        assertThat(stream.isClosed()).isTrue();
        assertThatThrownBy(() -> await(stream.receive(ByteBuffer.allocate(1))))
                .isInstanceOf(StreamClosedException.class);
        stream.closeGently(limit); // nothing more
        stream.close(); // as above
    }

    @Test
    void closeGently_peerStillSends_answerIsRead() {
        run(() -> {
            try (Server server = await(serve(stream -> refuse(stream, Streams.FOR_EVER), HOST, 0))) {
                try (ByteStream client = await(connect(HOST, server.port()))) {
                    await(client.send(new byte[MUCH]));
                    assertThat(Streams.receiveAll(client)).isEqualTo("refused");
                    assertThat(server.connectionCount()).isEqualTo(1); // until the peer's end
                }
                await(server.aclose());
            }
        });
    }

    @Test
    void closeGently_overTls_answerIsRead() {
        TlsContext serverContext = TlsLab.SERVER;
        NetworkRun.run(() -> {
            try (Server server = await(serve(
                    plain -> refuse(await(serverContext.server().over(plain)), Streams.FOR_EVER), HOST, 0))) {
                try (ByteStream client =
                        await(TlsLab.CLIENT.client("localhost").over(await(connect(HOST, server.port()))))) {
                    await(client.send(new byte[MUCH]));
                    assertThat(Streams.receiveAll(client)).isEqualTo("refused");
                }
                await(server.aclose());
            }
        });
    }

    @Test
    void closeGently_peerNeverEnds_isClosedAfterTheLimit() {
        run(() -> {
            try (Server server = await(serve(stream -> refuse(stream, Duration.ofMillis(20)), HOST, 0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                assertThat(Streams.receiveAll(client)).isEqualTo("refused");
                await(server.aclose()); // waits for the limit
                assertThatThrownBy(() -> {
                            while (true) { // the first one may still be taken by the system
                                await(client.send(new byte[100]), IOException.class);
                            }
                        })
                        .isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    void closeGently_thenAbortOrStop_endsAtOnce() {
        run(() -> {
            Event refused = new Event();
            try (Server server = await(serve(
                            stream -> {
                                refuse(stream, Streams.FOR_EVER);
                                stream.abort();
                                refused.set();
                            },
                            HOST,
                            0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                await(refused.awaitSet());
                await(server.aclose());
                assertThat(client.isClosed()).isFalse();
            }
            try (Server server = await(serve(stream -> refuse(stream, Streams.FOR_EVER), HOST, 0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                assertThat(Streams.receiveAll(client)).isEqualTo("refused");
                assertThat(await(server.stop(Duration.ZERO))).isEqualTo(1);
                assertThat(server.connectionCount()).isZero();
            }
        });
    }

    @Test
    void closeGently_whileATaskReceives_tellsIt() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                Task<@Nullable Object> waiting = createTask(() -> {
                    assertThatThrownBy(() -> await(client.receive(ByteBuffer.allocate(1))))
                            .isInstanceOf(StreamClosedException.class);
                    return null;
                });
                Streams.yieldTurns(2);
                client.closeGently(Streams.FOR_EVER);
                await(waiting);
                await(server.aclose()); // the echo has met the end
            }
        });
    }

    /// The extension would tell of a channel that was left open.
    @Test
    void loopThatEndsMeanwhile_isNoForgottenChannel() {
        run(() -> {
            Server server = await(serve(stream -> await(Asyncio.sleep(Streams.FOR_EVER)), HOST, 0));
            ByteStream client = await(connect(HOST, server.port()));
            client.closeGently(Streams.FOR_EVER);
            server.close();
        });
    }

    @Test
    void closeGently_underAWriterThatIsClosed_answerIsRead() {
        run(() -> {
            ConnectionHandler handler = (reader, writer) -> {
                writer.write("refused".getBytes(StandardCharsets.UTF_8));
                writer.transport().stream().closeGently(Streams.FOR_EVER);
                await(writer.aclose());
            };
            try (Server server = await(startServer(handler, HOST, 0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                await(client.send(new byte[MUCH]));
                assertThat(Streams.receiveAll(client)).isEqualTo("refused");
                await(client.aclose());
                await(server.aclose());
            }
        });
    }

    @Test
    void closeGentlyOrAbort_onAnotherThread_isRefusedBeforeAnythingHappens() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client = await(connect(HOST, server.port()))) {
                for (VoidBody call :
                        List.<VoidBody>of(() -> client.closeGently(Streams.FOR_EVER), client::abort, client::close)) {
                    assertThatThrownBy(() -> await(Asyncio.toThread(call))).isInstanceOf(IllegalStateException.class);
                }
                assertThat(client.isClosed()).isFalse();
                assertThat(Streams.ask(client, "still there")).isEqualTo("still there");
                await(client.aclose());
                await(server.aclose());
            }
        });
    }

    /// The peer takes nothing before it is rid of its own.
    @Test
    void closeGently_overTlsToAPeerThatSendsFirst_goesOn() {
        TlsLab.inVirtualTime(() -> {
            try (TlsLab.Ends ends = TlsLab.connect(TlsLab.CLIENT, TlsLab.SERVER, 20_000)) {
                ByteStream server = ends.server();
                Task<?> sending = createTask(ends.client().send(new byte[100_000]));
                int sent = server.trySend(ByteBuffer.allocate(100_000)); // more than the stream below takes
                assertThat(sent).isPositive();
                server.closeGently(Streams.FOR_EVER);
                await(sending);
                assertThat(Streams.receiveAll(ends.client())).hasSize(sent);
            }
        });
    }

    @Test
    void acloseOverTls_ofWhatThePeerNeverTakes_saysSo() {
        TlsContext limited = TlsLab.CLIENT.shutdownTimeout(Duration.ofSeconds(3));
        TlsLab.inVirtualTime(() -> {
            try (TlsLab.Ends ends = TlsLab.connect(limited, TlsLab.SERVER, 1000)) {
                StreamPair pair = StreamPair.over(ends.client(), StreamPair.DEFAULT_LIMIT);
                pair.writer().write(new byte[10_000]); // fits into one batch, which the peer does not take
                assertThatThrownBy(() -> await(pair.writer().aclose())).isInstanceOf(TimeoutException.class);
            }
            try (TlsLab.Ends ends = TlsLab.connect(limited, TlsLab.SERVER, 1000)) {
                ends.client().trySend(ByteBuffer.allocate(10_000));
                ends.client().close();
                Task<?> waiting = createTask(ends.client().aclose());
                Streams.yieldTurns(3);
                ends.client().abort();
                assertThatThrownBy(() -> await(waiting))
                        .isInstanceOf(ConnectionResetException.class)
                        .hasMessageContaining("before everything was sent");
            }
        });
    }

    @Test
    void closeGently_badLimitOrOtherStreams() {
        run(() -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop());
            assertThatThrownBy(() -> ends.get(0).closeGently(Duration.ofNanos(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("limit must not be negative: got PT-0.000000001S");
            assertThat(ends.get(0).isClosed()).isFalse();
            ends.get(0).closeGently(Duration.ZERO);
            assertThat(ends.get(0).isClosed()).isTrue();
            assertThat(Streams.receiveAll(ends.get(1))).isEmpty();
            ends.get(1).close();
        });
    }
}
