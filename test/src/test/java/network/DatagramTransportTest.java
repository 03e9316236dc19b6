package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.createDatagramEndpoint;
import static network.NetworkRun.anyPort;
import static network.NetworkRun.bytes;
import static network.NetworkRun.loopback;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramPair;
import asyncio.net.DatagramProtocol;
import asyncio.net.DatagramTransport;
import asyncio.stream.ExtraInfo;
import asyncio.stream.WaterMarks;
import asyncio.sync.Queue;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Datagrams by callbacks: transport and protocol.
@ExtendWith(NothingLeft.class)
@Spec("IO-13")
class DatagramTransportTest {
    private static final InetSocketAddress TARGET = loopback(9);

    /// Notes what it is told.
    private static class Notes implements DatagramProtocol {
        final Queue<String> told = new Queue<>();
        final Future<@Nullable Void> lost = getRunningLoop().createFuture();

        @Override
        public void connectionMade(DatagramTransport transport) {
            told.tryPut("made");
        }

        @Override
        public void datagramReceived(ByteBuffer data, InetSocketAddress address) {
            told.tryPut("got " + text(data));
        }

        @Override
        public void errorReceived(IOException error) {
            told.tryPut("error " + error.getClass().getSimpleName());
        }

        @Override
        public void pauseWriting() {
            told.tryPut("pause");
        }

        @Override
        public void resumeWriting() {
            told.tryPut("resume");
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            told.tryPut("lost " + error);
            lost.setResult(null);
        }

        List<String> all() {
            List<String> all = new ArrayList<>();
            while (!told.isEmpty()) {
                told.tryGet().ifPresent(all::add);
            }
            return all;
        }
    }

    private static DatagramPair<Notes> open(DatagramOptions options) {
        return await(createDatagramEndpoint(Notes::new, options));
    }

    private static InetSocketAddress address(DatagramTransport transport) {
        return (InetSocketAddress) transport.extraInfo(ExtraInfo.LOCAL_ADDRESS);
    }

    @Test
    void loopThatIsClosed_tellsTheProtocolOnce() {
        List<String> log = new ArrayList<>();
        RecordingLogger logger = new RecordingLogger();
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger))) {
            loop.runUntilComplete(createDatagramEndpoint(
                    () -> new DatagramProtocol() {
                        @Override
                        public void connectionLost(@Nullable Throwable error) {
                            log.add(String.valueOf(error));
                        }
                    },
                    DatagramOptions.at(anyPort())));
        }
        assertThat(log).singleElement().asString().contains("StreamClosedException", "the event loop was closed");
        assertThat(logger.messagesWith("AS401")).hasSize(1);
    }

    @Test
    void createDatagramEndpoint_returns_afterConnectionMade() {
        run(() -> {
            DatagramPair<Notes> pair = open(DatagramOptions.at(anyPort()));
            assertThat(pair.protocol().all()).containsExactly("made");
            assertThat(pair.transport().protocol()).isSameAs(pair.protocol());
            assertThat(pair.transport().extraInfo(ExtraInfo.PEER_ADDRESS)).isNull();
            assertThat(pair.transport().extraInfo(ExtraInfo.CHANNEL)).isNotNull();
            assertThat(pair.transport().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isNull();
            pair.transport().close();
            pair.transport().close();
            assertThat(pair.transport().isClosing()).isTrue();
            await(pair.protocol().lost);
            assertThat(pair.protocol().all()).containsExactly("lost null");
        });
    }

    @Test
    void datagramReceived_burst_inOrder() {
        run(() -> {
            DatagramPair<Notes> server = open(DatagramOptions.at(anyPort()));
            DatagramPair<Notes> client = open(DatagramOptions.to(address(server.transport())));
            List<String> expected = new ArrayList<>(List.of("made"));
            for (int i = 0; i < 50; i++) {
                client.transport().sendto(bytes("" + i));
                expected.add("got " + i);
            }
            List<String> told = new ArrayList<>();
            while (told.size() < expected.size()) {
                told.add(await(server.protocol().told.get()));
            }
            assertThat(told).isEqualTo(expected);
            client.transport().close();
            server.transport().abort();
            await(client.protocol().lost);
            await(server.protocol().lost);
        });
    }

    @Test
    void datagramReceived_fails_reportedAndTheTransportGoesOn() {
        RecordingLogger logger = new RecordingLogger();
        class Failing extends Notes {
            @Override
            public void datagramReceived(ByteBuffer data, InetSocketAddress address) {
                super.datagramReceived(data, address);
                throw new IllegalStateException("broken");
            }
        }
        Asyncio.run(
                async(() -> {
                    DatagramPair<Failing> server =
                            await(createDatagramEndpoint(Failing::new, DatagramOptions.at(anyPort())));
                    DatagramPair<Notes> client = open(DatagramOptions.to(address(server.transport())));
                    client.transport().sendto(bytes("1"));
                    client.transport().sendto(bytes("2"));
                    assertThat(await(server.protocol().told.get())).isEqualTo("made");
                    assertThat(await(server.protocol().told.get())).isEqualTo("got 1");
                    assertThat(await(server.protocol().told.get())).isEqualTo("got 2");
                    client.transport().close();
                    server.transport().close();
                    await(client.protocol().lost);
                    await(server.protocol().lost);
                }),
                new RunOptions(LoopOptions.defaults().logger(logger), Duration.ZERO, false));

        assertThat(logger.messagesWith("Exception in callback")).hasSize(2);
    }

    @Test
    void datagram_longerThanAllowed_isAnError() {
        run(() -> {
            DatagramPair<Notes> server = open(DatagramOptions.at(anyPort()).maxBytes(2));
            DatagramPair<Notes> client = open(DatagramOptions.to(address(server.transport())));
            client.transport().sendto(bytes("long"));
            client.transport().sendto(bytes("ok"));
            assertThat(await(server.protocol().told.get())).isEqualTo("made");
            assertThat(await(server.protocol().told.get())).isEqualTo("error IOException");
            assertThat(await(server.protocol().told.get())).isEqualTo("got ok");
            client.transport().close();
            server.transport().close();
            await(client.protocol().lost);
            await(server.protocol().lost);
        });
    }

    @Test
    void factory_fails_nothingIsLeftOpen() {
        run(() -> {
            InetSocketAddress address;
            DatagramPair<Notes> probe = open(DatagramOptions.at(anyPort()));
            address = address(probe.transport());
            probe.transport().close();
            await(probe.protocol().lost);
            assertThatThrownBy(() -> await(createDatagramEndpoint(
                            () -> {
                                throw new IllegalStateException("no protocol");
                            },
                            DatagramOptions.at(address))))
                    .hasMessage("no protocol");
            DatagramPair<Notes> again = open(DatagramOptions.at(address));
            again.transport().close();
            await(again.protocol().lost);
        });
    }

    // A channel that takes nothing

    private interface SluggishBody {
        void run(DatagramTransport transport, Notes protocol, SluggishChannel channel, CountingPoller poller)
                throws Exception;
    }

    private static void runSluggish(SluggishBody body) {
        CountingPoller poller = new CountingPoller();
        run(LoopOptions.defaults().poller(() -> poller), () -> {
            SluggishChannel channel = new SluggishChannel();
            DatagramPair<Notes> pair = await(createDatagramEndpoint(Notes::new, channel));
            assertThat(await(pair.protocol().told.get())).isEqualTo("made");
            body.run(pair.transport(), pair.protocol(), channel, poller);
            pair.transport().abort();
            await(pair.protocol().lost);
            assertThat(channel.isOpen()).isFalse();
        });
    }

    private static void room(SluggishChannel channel, CountingPoller poller, int room) {
        channel.room = room;
        poller.tellReady(channel, SelectionKey.OP_WRITE);
        await(sleep(Duration.ZERO));
        await(sleep(Duration.ZERO));
    }

    @Test
    void sendto_channelFull_keptInOrderAndPausedByBytesAndHeaders() {
        runSluggish((transport, protocol, channel, poller) -> {
            transport.setWaterMarks(new WaterMarks(30, 10));
            ByteBuffer reused = bytes("aa");
            transport.sendto(reused, TARGET);
            reused.clear().put((byte) 'x');
            transport.sendto(bytes("bb"), TARGET);
            transport.sendto(bytes("cc"), TARGET);
            assertThat(transport.writeBufferSize()).isEqualTo(30);
            assertThat(protocol.all()).isEmpty();
            transport.sendto(bytes("d"), TARGET);
            assertThat(protocol.all()).containsExactly("pause");
            room(channel, poller, 2);
            assertThat(protocol.all()).isEmpty();
            assertThat(transport.writeBufferSize()).isEqualTo(19);
            room(channel, poller, 1);
            assertThat(protocol.all()).containsExactly("resume");
            room(channel, poller, 5);
            assertThat(channel.sent).containsExactly("aa", "bb", "cc", "d");
            assertThat(transport.writeBufferSize()).isZero();
        });
    }

    @Test
    void close_withSomethingKept_sendsItFirst() {
        runSluggish((transport, protocol, channel, poller) -> {
            transport.sendto(bytes("kept"), TARGET);
            transport.close();
            transport.sendto(bytes("too late"), TARGET);
            await(sleep(Duration.ZERO));
            assertThat(protocol.all()).isEmpty();
            room(channel, poller, 5);
            await(protocol.lost);
            assertThat(channel.sent).containsExactly("kept");
            assertThat(protocol.all()).containsExactly("lost null");
            protocol.told.tryPut("nothing more");
        });
    }

    @Test
    void abort_withSomethingKept_dropsIt() {
        runSluggish((transport, protocol, channel, poller) -> {
            transport.sendto(bytes("dropped"), TARGET);
            transport.abort();
            assertThat(transport.writeBufferSize()).isZero();
            assertThat(protocol.all()).isEmpty();
            await(protocol.lost);
            assertThat(channel.sent).isEmpty();
        });
    }

    @Test
    void sendto_failingDatagram_isAnErrorAndTheOthersAreSent() {
        runSluggish((transport, protocol, channel, poller) -> {
            channel.failure = new IOException("at once");
            transport.sendto(bytes("one"), TARGET);
            assertThat(protocol.all()).containsExactly("error IOException");
            transport.sendto(bytes("two"), TARGET);
            transport.sendto(bytes("three"), TARGET);
            channel.failure = new IOException("later");
            room(channel, poller, 5);
            assertThat(protocol.all()).containsExactly("error IOException");
            assertThat(channel.sent).containsExactly("three");
            assertThat(transport.isClosing()).isFalse();
        });
    }

    @Test
    void sendto_badAddress_refused() {
        runSluggish((transport, protocol, channel, poller) -> {
            assertThatThrownBy(() -> transport.sendto(bytes("x"))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> transport.sendto(bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(transport.toString()).contains("DatagramTransport").contains("kept=0");
            assertThat(transport.waterMarks()).isEqualTo(WaterMarks.DEFAULT);
        });
    }

    @Test
    void sendto_afterTheEnd_droppedAndReportedFromTheFifthOn() {
        RecordingLogger logger = new RecordingLogger();
        Asyncio.run(
                async(() -> {
                    DatagramPair<Notes> pair = open(DatagramOptions.at(anyPort()));
                    pair.transport().close();
                    for (int i = 0; i < 6; i++) {
                        pair.transport().sendto(bytes("x"), TARGET);
                    }
                    await(pair.protocol().lost);
                }),
                new RunOptions(LoopOptions.defaults().logger(logger), Duration.ZERO, false));

        assertThat(logger.messagesWith("a datagram was dropped")).hasSize(2);
    }

    @Test
    void createDatagramEndpoint_cancelledAnywhere_leavesTheAddressFree() {
        SocketSweep.run(victim -> {
            DatagramPair<Notes> probe = open(DatagramOptions.at(anyPort()));
            InetSocketAddress address = address(probe.transport());
            probe.transport().close();
            await(probe.protocol().lost);
            List<Notes> made = new ArrayList<>();
            victim.isAndEnds(createTask(() -> {
                DatagramPair<Notes> pair = await(createDatagramEndpoint(
                        () -> {
                            Notes notes = new Notes();
                            made.add(notes);
                            return notes;
                        },
                        DatagramOptions.at(address)));
                pair.transport().close();
            }));
            for (Notes notes : made) {
                await(notes.lost);
                assertThat(notes.all()).containsExactly("made", "lost null");
            }
            await(sleep(Duration.ZERO)); // connectionLost, then the channel
            DatagramPair<Notes> again = open(DatagramOptions.at(address));
            again.transport().close();
            await(again.protocol().lost);
        });
    }
}
