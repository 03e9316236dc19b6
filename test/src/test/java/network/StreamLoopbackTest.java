package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.moveOnAfter;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.createConnection;
import static asyncio.net.Net.createServer;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.ExtraInfo;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import asyncio.stream.Transport;
import asyncio.sync.Event;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Readers, writers and protocols on sockets, with peers that behave badly.
@ExtendWith(NothingLeft.class)
class StreamLoopbackTest {
    private static final String HOST = "127.0.0.1";

    private interface Use {
        void of(StreamPair pair) throws Exception;
    }

    /// A bare peer at the other end of a reader and writer.
    private static void against(StreamHandler peer, Use use) {
        Asyncio.run(() -> {
            try (Server server = await(serve(peer, HOST, 0));
                    StreamPair pair =
                            await(openConnection(HOST, server.localAddress().getPort()))) {
                use.of(pair);
            }
        });
    }

    @Test
    @Spec("ST-2")
    void peer_sendsOneByteAtATime_linesAreWhole() {
        against(
                peer -> {
                    for (byte each : bytes("first line\nsecond line\n")) {
                        await(peer.send(ByteBuffer.wrap(new byte[] {each})));
                        await(Asyncio.sleep(Duration.ZERO));
                    }
                },
                pair -> {
                    assertThat(text(await(pair.reader().readLine()))).isEqualTo("first line\n");
                    assertThat(text(await(pair.reader().readLine()))).isEqualTo("second line\n");
                    assertThat(await(pair.reader().readLine())).isEmpty();
                });
    }

    @Test
    @Spec({"ST-4", "F-ST-5"})
    void peer_resetsInTheMiddle_everyReadFails() {
        Event mayReset = new Event();
        against(
                peer -> {
                    await(peer.send(ByteBuffer.wrap(bytes("half a mess"))));
                    await(mayReset.awaitSet());
                    peer.abort();
                },
                pair -> {
                    assertThat(text(await(pair.reader().readExactly(4)))).isEqualTo("half");
                    mayReset.set();
                    for (int i = 0; i < 2; i++) {
                        assertThatThrownBy(() -> await(pair.reader().readLine()))
                                .isInstanceOf(ConnectionResetException.class);
                    }
                    assertThatThrownBy(() -> await(pair.writer().drain())).isInstanceOf(ConnectionResetException.class);
                    assertThatThrownBy(() -> await(pair.writer().waitClosed()))
                            .isInstanceOf(ConnectionResetException.class);
                });
    }

    @Test
    @Spec({"ST-3", "ST-5"})
    void peer_neverReads_writerIsHeldAndCanGiveUp() {
        Event over = new Event();
        against(peer -> await(over.awaitSet()), pair -> {
            byte[] chunk = new byte[100_000];
            assertThat(await(moveOnAfter(Duration.ofMillis(200), () -> {
                        for (int i = 0; i < 1_000_000; i++) {
                            pair.writer().write(chunk);
                            await(pair.writer().drain());
                        }
                    })))
                    .isFalse();
            assertThat(pair.writer().transport().writeBufferSize())
                    .isPositive()
                    .isLessThanOrEqualTo(65536 + chunk.length);
            pair.writer().transport().abort();
            await(pair.writer().waitClosed());
            over.set();
        });
    }

    @Test
    @Spec("ST-3")
    void peer_floods_nothingIsReceivedUntilItIsRead() {
        int size = 8 << 20;
        against(peer -> await(peer.send(ByteBuffer.allocate(size))), pair -> {
            await(pair.reader().read(1));
            assertThat(pair.reader().tryRead().length).isLessThanOrEqualTo(65535);
            await(pair.reader().read());
            assertThat(pair.reader().atEof()).isTrue();
        });
    }

    @Test
    @Spec({"ST-2", "ST-5"})
    void manyConnections_randomPieces_echoEverything() {
        Asyncio.run(() -> {
            try (Server server = await(startServer(
                    (reader, writer) -> {
                        for (byte[] line : reader.values()) {
                            writer.write(line);
                            await(writer.drain());
                        }
                        writer.close();
                    },
                    HOST,
                    0))) {
                int port = server.localAddress().getPort();
                List<Task<?>> clients = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    int seed = i;
                    clients.add(createTask(() -> talk(port, new Random(seed))));
                }
                for (Task<?> client : clients) {
                    await(client);
                }
            }
        });
    }

    private static void talk(int port, Random random) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            all.append("x".repeat(random.nextInt(200))).append(i).append('\n');
        }
        try (StreamPair pair = await(openConnection(HOST, port))) {
            Task<?> writing = createTask(() -> {
                byte[] bytes = bytes(all.toString());
                int at = 0;
                while (at < bytes.length) {
                    int count = Math.min(1 + random.nextInt(3000), bytes.length - at);
                    pair.writer().write(ByteBuffer.wrap(bytes, at, count));
                    at += count;
                    await(pair.writer().drain());
                }
                pair.writer().writeEof();
            });
            assertThat(text(await(pair.reader().read()))).isEqualTo(all.toString());
            await(writing);
        }
    }

    @Test
    @Spec({"ST-5", "IO-7"})
    void handlerCloses_withMuchKept_everythingArrives() {
        int size = 20 << 20;
        Asyncio.run(() -> {
            try (Server server = await(startServer(
                            (reader, writer) -> {
                                writer.write(new byte[size]);
                                writer.close();
                            },
                            HOST,
                            0));
                    StreamPair pair =
                            await(openConnection(HOST, server.localAddress().getPort()))) {
                await(Asyncio.sleep(Duration.ofMillis(20)));
                assertThat(await(pair.reader().readExactly(size))).hasSize(size);
                assertThat(await(pair.reader().read())).isEmpty();
            }
        });
    }

    @Test
    @Spec({"IO-3", "IO-9"})
    void protocols_onBothSides_exchangeMuch() {
        int size = 30 << 20;
        Asyncio.run(() -> {
            List<EchoProtocol> served = new ArrayList<>();
            try (Server server = await(createServer(
                    () -> {
                        served.add(new EchoProtocol());
                        return served.getLast();
                    },
                    HOST,
                    0))) {
                ProtocolPair<Recorder> pair = await(createConnection(
                        () -> new Recorder() {
                            @Override
                            public void dataReceived(ByteBuffer data) {
                                receivedBytes += data.remaining();
                            }
                        },
                        HOST,
                        server.localAddress().getPort()));
                StreamTransport transport = pair.transport();
                InetSocketAddress peer = (InetSocketAddress) transport.extraInfo(ExtraInfo.PEER_ADDRESS);
                assertThat(peer).isEqualTo(server.localAddress());
                transport.write(new byte[size]);
                transport.writeEof();
                await(transport.waitLost());

                assertThat(pair.protocol().receivedBytes).isEqualTo(size);
                assertThat(served.getFirst().log).startsWith("made").endsWith("lost null");
                assertThat(served.getFirst().mostKept).isLessThanOrEqualTo(2 * 65536);
            }
        });
    }

    /// Sends back what comes, and does not read while too much is kept.
    private static final class EchoProtocol extends Recorder {
        private Transport transport = null;
        private int mostKept;

        @Override
        public void connectionMade(Transport newTransport) {
            super.connectionMade(newTransport);
            transport = newTransport;
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            transport.write(data);
            mostKept = Math.max(mostKept, transport.writeBufferSize());
        }

        @Override
        public void pauseWriting() {
            transport.pauseReading();
        }

        @Override
        public void resumeWriting() {
            transport.resumeReading();
        }
    }

    @Test
    @Spec("IO-3")
    void createConnection_factoryFails_closesTheConnection() {
        against(peer -> assertThat(await(peer.receive(ByteBuffer.allocate(1)))).isEqualTo(-1), pair -> {
            int port = ((InetSocketAddress) pair.writer().extraInfo(ExtraInfo.PEER_ADDRESS)).getPort();
            assertThatThrownBy(() -> await(createConnection(
                            () -> {
                                throw new IllegalArgumentException("no protocol");
                            },
                            HOST,
                            port)))
                    .hasMessage("no protocol");
        });
    }

    @Test
    void twoTasks_onOneBareStream_areIndependent() {
        against(
                peer -> {
                    ByteBuffer buffer = ByteBuffer.allocate(1000);
                    while (await(peer.receive(buffer.clear())) >= 0) {
                        await(peer.send(buffer.flip()));
                    }
                },
                pair -> {
                    int port = ((InetSocketAddress) pair.writer().extraInfo(ExtraInfo.PEER_ADDRESS)).getPort();
                    try (ByteStream second = await(connect(HOST, port))) {
                        await(gather(createTask(() -> exchange(pair)), createTask(() -> {
                            await(second.send(ByteBuffer.wrap(bytes("x"))));
                            return await(second.receive(ByteBuffer.allocate(1)));
                        })));
                    }
                });
    }

    private static Integer exchange(StreamPair pair) {
        pair.writer().write(bytes("ping"));
        return await(pair.reader().readExactly(4)).length;
    }
}
