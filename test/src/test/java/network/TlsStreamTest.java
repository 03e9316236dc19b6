package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.bytes;
import static network.TlsLab.connect;
import static network.TlsLab.inVirtualTime;
import static network.TlsLab.receive;
import static network.TlsLab.receiveEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.ExtraInfo;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamClosedException;
import asyncio.testing.Spec;
import asyncio.tls.TlsContext;
import asyncio.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Bytes over an established connection, and its end.
class TlsStreamTest {
    private static final int MEBI = 1024 * 1024;

    /// Bytes that tell where they belong.
    private static ByteBuffer pattern(int count) {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            buffer.put((byte) (i * 31 + (i >> 8)));
        }
        return buffer.flip();
    }

    private static Task<Integer> sending(ByteStream stream, int count) {
        return createTask(() -> {
            await(stream.send(pattern(count)));
            return count;
        });
    }

    /// Receives exactly that many bytes of the pattern, in pieces.
    private static Task<Integer> receiving(ByteStream stream, int count, int pieceBytes) {
        return createTask(() -> {
            ByteBuffer all = ByteBuffer.allocate(count);
            ByteBuffer piece = ByteBuffer.allocate(pieceBytes);
            while (all.hasRemaining()) {
                assertThat(await(stream.receive(piece.clear()))).isPositive();
                all.put(piece.flip());
            }
            assertThat(all.flip()).isEqualTo(pattern(count));
            return count;
        });
    }

    private static void exchange(TlsLab.Ends ends, int count, int pieceBytes) {
        await(gather(
                sending(ends.client(), count),
                sending(ends.server(), count),
                receiving(ends.client(), count, pieceBytes),
                receiving(ends.server(), count, pieceBytes)));
    }

    // Bytes

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void bytes_tenMebibytesBothWaysAtTheSameTime_arriveWhole(TlsVersion version) {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.versions(version), SERVER)) {
                exchange(ends, 10 * MEBI, 50_000);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void bytes_oneByteAtATimeInTheNetwork_arriveWhole(TlsVersion version) {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.versions(version), SERVER, 1)) {
                exchange(ends, 3_000, 100);
                await(gather(ends.client().aclose(), ends.server().aclose()));
            }
        });
    }

    @Test
    void bytes_bufferOfOneByte_arriveWhole() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER, 700)) {
                exchange(ends, 40_000, 1);
            }
        });
    }

    @Test
    void bytes_severalRecordsAtOnceForSmallBuffers_arriveWhole() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                for (int i = 0; i < 100; i++) {
                    await(ends.client().send(bytes("0123456789")));
                }
                assertThat(receive(ends.server(), 1000)).isEqualTo("0123456789".repeat(100));
                assertThat(ends.server().tryReceive(ByteBuffer.allocate(10))).isZero();
            }
        });
    }

    @Test
    void send_lastRecordThatDoesNotFit_leavesByItself() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER, 100)) {
                await(ends.client().send(pattern(5_000)));
                await(receiving(ends.server(), 5_000, 333));
                assertThat(ends.client().trySend(ByteBuffer.allocate(0))).isZero();
            }
        });
    }

    @Test
    void onReadable_restOfARecordIsThere_tells() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                await(ends.client().send(bytes("hello")));
                assertThat(ends.server().tryReceive(ByteBuffer.allocate(2))).isEqualTo(2);
                boolean[] told = new boolean[2];
                ends.server().onReadable(() -> told[0] = true);
                ends.client().onWritable(() -> told[1] = true);
                assertThat(told).containsExactly(false, false);

                await(sleep(Duration.ofMillis(1)));

                assertThat(told).containsExactly(true, true);
                assertThat(receive(ends.server(), 3)).isEqualTo("llo");
            }
        });
    }

    @Test
    void receive_secondTask_isRefused() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                Task<String> first = createTask(() -> receive(ends.server(), 2));
                await(sleep(Duration.ZERO));
                assertThatThrownBy(() -> receiveEnd(ends.server()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("TlsStream");
                await(ends.client().send(bytes("ok")));
                assertThat(await(first)).isEqualTo("ok");
            }
        });
    }

    @Test
    void tlsInTls_overTheSameLoop_works() {
        inVirtualTime(() -> {
            try (var outer = connect(CLIENT, SERVER);
                    var inner = connect(CLIENT, SERVER, List.of(outer.client(), outer.server()))) {
                exchange(inner, 300_000, 7_000);
                await(gather(inner.client().aclose(), inner.server().aclose()));
                assertThat(outer.client().isClosed()).isTrue();
            }
        });
    }

    // New keys

    @Test
    void keyUpdate_fromBothSidesWhileBytesFlow_losesNothing() {
        TlsTap client = new TlsTap();
        TlsTap server = new TlsTap();
        inVirtualTime(() -> {
            try (var ends = connect(client.context(), server.context())) {
                Task<?> updates = createTask(() -> {
                    for (int i = 0; i < 20; i++) {
                        client.engines.getFirst().beginHandshake();
                        server.engines.getFirst().beginHandshake();
                        await(sleep(Duration.ZERO));
                    }
                });
                exchange(ends, MEBI, 20_000);
                await(updates);
            }
        });
    }

    @Test
    void keyUpdate_thousandsWhoseAnswersNobodyTakes_costBoundedMemory() {
        TlsTap client = new TlsTap();
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 1_000);
            try (var ends = connect(client.context(), SERVER, pair)) {
                SSLEngine engine = client.engines.getFirst();
                Task<?> flood = createTask(() -> {
                    while (true) {
                        engine.beginHandshake();
                        await(ends.client().send(bytes("x")));
                    }
                });
                assertThatThrownBy(() -> {
                            while (true) {
                                await(ends.server().receive(ByteBuffer.allocate(10)));
                            }
                        })
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("takes none");
                ends.server().abort();
                assertThatThrownBy(() -> await(flood)).isInstanceOf(java.io.IOException.class);
            }
        });
    }

    @Test
    void renegotiation_askedForByClient_isRefused() {
        TlsTap client = new TlsTap();
        inVirtualTime(() -> {
            try (var ends = connect(client.context().versions(TlsVersion.TLS_1_2), SERVER)) {
                client.engines.getFirst().beginHandshake();
                await(ends.client().send(bytes("x")));

                assertThatThrownBy(() -> {
                            while (true) {
                                await(ends.server().receive(ByteBuffer.allocate(10)));
                            }
                        })
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("renegotiation refused");
            }
        });
    }

    @Test
    void renegotiation_askedForByServer_clientGoesOn() {
        TlsTap server = new TlsTap();
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.versions(TlsVersion.TLS_1_2), server.context())) {
                server.engines.getFirst().beginHandshake(); // our servers never do; others may
                await(ends.server().send(bytes("hello")));
                assertThat(receive(ends.client(), 5)).isEqualTo("hello");
                await(ends.server().send(bytes("again")));
                assertThat(receive(ends.client(), 5)).isEqualTo("again");
            }
        });
    }

    // The end

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void close_peerReceives_everythingThenTheEnd(TlsVersion version) {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.versions(version), SERVER)) {
                await(ends.client().send(bytes("last")));
                ends.client().close();
                assertThat(receive(ends.server(), 4)).isEqualTo("last");
                assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                assertThatThrownBy(() -> await(ends.server().send(bytes("x"))))
                        .isInstanceOf(ConnectionResetException.class);
                assertThatThrownBy(() -> receiveEnd(ends.client())).isInstanceOf(StreamClosedException.class);
                assertThatThrownBy(() -> await(ends.client().send(bytes("x"))))
                        .isInstanceOf(StreamClosedException.class);
            }
        });
    }

    @Test
    void close_bytesThatDidNotFitYet_stillArrive() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 100);
            try (var ends = connect(CLIENT, SERVER, pair)) {
                await(ends.client().send(pattern(5_000)));
                ends.client().close();
                assertThat(ends.client().isClosed()).isTrue();
                assertThat(pair.get(0).isClosed()).isFalse();

                await(receiving(ends.server(), 5_000, 64));
                assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                await(sleep(Duration.ofSeconds(1)));
                assertThat(pair.get(0).isClosed()).isTrue();
            }
        });
    }

    @Test
    @Spec("IO-10")
    void close_peerThatTakesNothing_isAbortedAfterTheShutdownTimeout() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 100);
            try (var ends = connect(CLIENT, SERVER, pair)) {
                await(ends.client().send(pattern(5_000)));
                ends.client().close();
                await(sleep(Duration.ofSeconds(29)));
                assertThat(pair.get(0).isClosed()).isFalse();
                await(sleep(Duration.ofSeconds(2)));
                assertThat(pair.get(0).isClosed()).isTrue();
            }
        });
    }

    @Test
    void close_taskThatReceives_isTold() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                Task<Integer> receiving = createTask(() -> receiveEnd(ends.client()));
                await(sleep(Duration.ZERO));
                ends.client().close();
                ends.client().close();
                assertThatThrownBy(() -> await(receiving)).isInstanceOf(StreamClosedException.class);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void aclose_bothSides_endInGoodForm(TlsVersion version) {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 300);
            try (var ends = connect(CLIENT.versions(version), SERVER, pair)) {
                await(ends.client().send(pattern(10)));
                await(gather(ends.client().aclose(), ends.server().aclose()));
                await(ends.client().aclose());
                assertThat(pair).allMatch(MemoryStream::isClosed);
            }
        });
    }

    @Test
    void aclose_peerThatStillSends_isDrained() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                Task<Integer> sending = sending(ends.server(), MEBI);
                Task<?> closing = createTask(ends.client().aclose());
                await(sending);
                assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                ends.server().close();
                await(closing);
            }
        });
    }

    @Test
    void aclose_peerThatHangsUpWithoutGoodbye_isContent() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (var ends = connect(CLIENT, SERVER, pair)) {
                Task<?> closing = createTask(ends.client().aclose());
                await(sleep(Duration.ZERO));
                pair.get(1).close();
                await(closing);
                assertThat(pair.get(0).isClosed()).isTrue();
            }
        });
    }

    @Test
    @Spec("IO-10")
    void aclose_silentPeer_isAbortedAfterTheShutdownTimeout() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (var ends = connect(CLIENT, SERVER, pair)) {
                Duration start = getRunningLoop().time();
                assertThatThrownBy(() -> await(ends.client().aclose()))
                        .isInstanceOf(TimeoutException.class)
                        .hasMessageContaining("SSL shutdown timed out");
                assertThat(getRunningLoop().time().minus(start)).isEqualTo(Duration.ofSeconds(30));
                assertThat(pair.get(0).isClosed()).isTrue();
            }
        });
    }

    @Test
    void abort_peer_seesAReset() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                ends.client().abort();
                ends.client().abort();
                assertThatThrownBy(() -> receiveEnd(ends.server())).isInstanceOf(ConnectionResetException.class);
            }
        });
    }

    // Truncation

    private static void cut(TlsContext client, boolean tolerated) {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (var ends = connect(client, SERVER, pair)) {
                await(ends.server().send(bytes("part")));
                pair.get(1).close();
                assertThat(receive(ends.client(), 4)).isEqualTo("part");
                for (int i = 0; i < 2; i++) {
                    if (tolerated) {
                        assertThat(receiveEnd(ends.client())).isEqualTo(-1);
                    } else {
                        assertThatThrownBy(() -> receiveEnd(ends.client()))
                                .isInstanceOf(ConnectionResetException.class)
                                .hasMessageContaining("close_notify")
                                .hasMessageContaining("truncationTolerated()");
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void receive_connectionCutOff_isNoCleanEnd(TlsVersion version) {
        cut(CLIENT.versions(version), false);
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void receive_connectionCutOffAndTolerated_isTheEnd(TlsVersion version) {
        cut(CLIENT.versions(version).truncationTolerated(), true);
    }

    @Test
    void receive_connectionCutOffInsideARecord_isNoCleanEnd() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (var ends = connect(CLIENT, SERVER, pair)) {
                await(pair.get(1).send(ByteBuffer.wrap(new byte[] {23, 3, 3, 1, 0, 7, 7})));
                pair.get(1).close();
                assertThatThrownBy(() -> receiveEnd(ends.client())).isInstanceOf(ConnectionResetException.class);
            }
        });
    }

    // Half-close

    @Test
    @Spec({"IO-10", "F-ST-8"})
    void sendEof_unlessAskedFor_isUnsupported() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER);
                    var older = connect(CLIENT.versions(TlsVersion.TLS_1_2).halfClose(), SERVER)) {
                for (ByteStream stream : List.of(ends.client(), older.client())) {
                    assertThat(stream.canSendEof()).isFalse();
                    assertThatThrownBy(() -> await(stream.sendEof()))
                            .isInstanceOf(UnsupportedOperationException.class)
                            .hasMessageContaining("halfClose()");
                }
            }
        });
    }

    @Test
    void sendEof_inTls13IfAskedFor_receivingGoesOn() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.halfClose(), SERVER.halfClose())) {
                assertThat(ends.client().canSendEof()).isTrue();
                await(ends.client().send(bytes("question")));
                await(ends.client().sendEof());
                await(ends.client().sendEof());
                assertThatThrownBy(() -> await(ends.client().send(bytes("x"))))
                        .isInstanceOf(IllegalStateException.class);

                assertThat(receive(ends.server(), 8)).isEqualTo("question");
                assertThat(receiveEnd(ends.server())).isEqualTo(-1);
                Task<Integer> sending = sending(ends.server(), MEBI);
                await(receiving(ends.client(), MEBI, 10_000));
                await(sending);
                await(ends.server().sendEof());
                assertThat(receiveEnd(ends.client())).isEqualTo(-1);
            }
        });
    }

    @Test
    void extraInfo_ofTheLowerStream_isPassedOn() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER)) {
                assertThat(ends.client().extraInfo(ExtraInfo.PEER_ADDRESS)).isNull();
                assertThat(ends.client().loop()).isSameAs(Asyncio.getRunningLoop());
            }
        });
    }
}
