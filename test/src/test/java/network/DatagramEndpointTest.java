package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.openDatagramEndpoint;
import static network.NetworkRun.anyPort;
import static network.NetworkRun.bytes;
import static network.NetworkRun.loopback;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.net.Datagram;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.stream.StreamClosedException;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Datagrams by tasks: an endpoint that sends, receives and is iterated over.
@ExtendWith(NothingLeft.class)
@Spec("IO-13")
class DatagramEndpointTest {
    private static DatagramEndpoint open() {
        return await(openDatagramEndpoint(DatagramOptions.at(anyPort())));
    }

    private static DatagramEndpoint openTo(DatagramEndpoint server) {
        return await(openDatagramEndpoint(DatagramOptions.to(server.localAddress())));
    }

    @Test
    void send_toAnAddress_arrivesWithTheSender() {
        run(() -> {
            try (DatagramEndpoint one = open();
                    DatagramEndpoint two = open()) {
                ByteBuffer data = bytes("hello");
                await(one.send(data, two.localAddress()));
                Datagram received = await(two.receive());

                assertThat(data.hasRemaining()).isFalse();
                assertThat(text(received.data())).isEqualTo("hello");
                assertThat(received.bytes()).containsExactly(bytes("hello").array());
                assertThat(received.data().remaining()).isEqualTo(5);
                assertThat(received.address()).isEqualTo(one.localAddress());
            }
        });
    }

    @Test
    void receive_nothingThere_waits() {
        run(() -> {
            try (DatagramEndpoint one = open();
                    DatagramEndpoint two = open()) {
                Task<Datagram> receiving = createTask(two.receive());
                await(sleep(Duration.ZERO));
                assertThat(receiving.isDone()).isFalse();
                await(one.send(bytes("late"), two.localAddress()));
                assertThat(text(await(receiving).data())).isEqualTo("late");
            }
        });
    }

    @Test
    void values_untilClosedByAnotherTask_givesAllAndEnds() {
        List<String> got = new ArrayList<>();
        run(() -> {
            DatagramEndpoint server = open();
            try (DatagramEndpoint client = openTo(server)) {
                Task<@Nullable Void> echo = createTask(() -> {
                    try (var datagrams = server.values()) {
                        for (Datagram datagram : datagrams) {
                            await(server.send(datagram.data(), datagram.address()));
                        }
                    }
                });
                for (String word : List.of("one", "", "three")) {
                    await(client.send(bytes(word)));
                    got.add(text(await(client.receive()).data()));
                }
                server.close();
                await(echo);
                assertThat(await(server.anext())).isEmpty();
            }
            assertThat(server.isClosed()).isTrue();
        });

        assertThat(got).containsExactly("one", "", "three");
    }

    @Test
    void send_emptyOnAConnectedEndpoint_arrivesFromItsAddress() {
        run(() -> {
            try (DatagramEndpoint server = open();
                    DatagramEndpoint client = openTo(server)) {
                await(client.send(bytes("")));
                Datagram empty = await(server.receive());
                assertThat(empty.data().remaining()).isZero();
                assertThat(empty.address()).isEqualTo(client.localAddress());

                await(server.send(bytes("still connected"), client.localAddress()));
                assertThat(text(await(client.receive()).data())).isEqualTo("still connected");
            }
        });
    }

    @Test
    @Spec("F-TR-3")
    void receive_nobodyListensThere_failsAndTheEndpointStaysUsable() {
        run(() -> {
            DatagramEndpoint server = open();
            try (DatagramEndpoint client = openTo(server)) {
                InetSocketAddress address = server.localAddress();
                server.close();
                await(client.send(bytes("nobody there")));
                assertThatThrownBy(() -> await(client.receive())).isInstanceOf(PortUnreachableException.class);

                try (DatagramEndpoint again = await(openDatagramEndpoint(DatagramOptions.at(address)))) {
                    await(client.send(bytes("somebody")));
                    assertThat(text(await(again.receive()).data())).isEqualTo("somebody");
                }
            }
        });
    }

    @Test
    @Spec("F-TR-3")
    void anext_nobodyListensThere_goesOn() {
        run(() -> {
            DatagramEndpoint server = open();
            InetSocketAddress address = server.localAddress();
            try (DatagramEndpoint client = openTo(server);
                    var datagrams = client.values()) {
                server.close();
                await(client.send(bytes("nobody there")));
                try (DatagramEndpoint again = await(openDatagramEndpoint(DatagramOptions.at(address)))) {
                    Task<@Nullable Void> answering = createTask(() -> {
                        await(sleep(Duration.ZERO));
                        await(again.send(bytes("answer"), client.localAddress()));
                    });
                    assertThat(text(datagrams.iterator().next().data())).isEqualTo("answer");
                    await(answering);
                }
            }
        });
    }

    @Test
    void send_badAddress_refusedAtOnce() {
        run(() -> {
            try (DatagramEndpoint server = open();
                    DatagramEndpoint client = openTo(server)) {
                InetSocketAddress other = loopback(9);
                assertThatThrownBy(() -> client.send(bytes("x"), other))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("Invalid address: must be null or");
                assertThatThrownBy(() -> server.send(bytes("x")))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("not connected");
                assertThatThrownBy(() -> server.send(bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must be resolved");
                assertThatThrownBy(() -> server.send(bytes("x"), loopback(0)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("have a port");
                await(client.send(bytes("x"), server.localAddress()));
                assertThat(await(server.receive()).data().remaining()).isEqualTo(1);
            }
        });
    }

    @Test
    void send_tooLong_failsAndTheEndpointStaysUsable() {
        run(() -> {
            try (DatagramEndpoint server = open();
                    DatagramEndpoint client = openTo(server)) {
                assertThatThrownBy(() -> await(client.send(ByteBuffer.allocate(70_000))))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("too long for the system: 70000 bytes");
                await(client.send(ByteBuffer.allocate(60_000)));
                assertThat(await(server.receive()).data().remaining()).isEqualTo(60_000);
            }
        });
    }

    @Test
    void receive_longerThanAllowed_droppedAndCounted() {
        run(() -> {
            try (DatagramEndpoint server = await(
                            openDatagramEndpoint(DatagramOptions.at(anyPort()).maxBytes(3)));
                    DatagramEndpoint client = openTo(server)) {
                await(client.send(bytes("long")));
                await(client.send(bytes("fit")));
                assertThat(text(await(server.receive()).data())).isEqualTo("fit");
                assertThat(server.droppedCount()).isEqualTo(1);
            }
        });
    }

    @Test
    void receive_bySecondTask_refusedAtOnce() {
        run(() -> {
            try (DatagramEndpoint endpoint = open()) {
                Task<Datagram> first = createTask(endpoint.receive());
                await(sleep(Duration.ZERO));
                assertThatThrownBy(() -> await(endpoint.receive()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("one task receives at a time");
                first.cancel();
                assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            }
        });
    }

    @Test
    void close_whileATaskReceives_tellsIt() {
        run(() -> {
            DatagramEndpoint endpoint = open();
            Task<Datagram> receiving = createTask(endpoint.receive());
            await(sleep(Duration.ZERO));
            endpoint.close();
            endpoint.close();
            assertThatThrownBy(() -> await(receiving)).isInstanceOf(StreamClosedException.class);
            assertThatThrownBy(() -> await(endpoint.send(bytes("x"), loopback(9))))
                    .isInstanceOf(StreamClosedException.class);
            assertThatThrownBy(() -> await(endpoint.receive())).isInstanceOf(StreamClosedException.class);
            assertThat(endpoint.toString()).contains("closed");
        });
    }

    @Test
    void close_frees_theAddressAtOnce() {
        run(() -> {
            DatagramEndpoint first = open();
            first.close();
            try (DatagramEndpoint second = await(openDatagramEndpoint(DatagramOptions.at(first.localAddress())))) {
                assertThat(second.localAddress()).isEqualTo(first.localAddress());
            }
        });
    }

    @Test
    void open_addressInUse_failsWithTheAddress() {
        run(() -> {
            try (DatagramEndpoint first = open()) {
                assertThatThrownBy(() -> await(openDatagramEndpoint(DatagramOptions.at(first.localAddress()))))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("error while attempting to bind on address " + first.localAddress());
            }
        });
    }

    @Test
    void open_reusePort_sharesTheAddress() {
        run(() -> {
            DatagramOptions options = DatagramOptions.at(anyPort())
                    .reusePort(true)
                    .receiveBufferBytes(8192)
                    .broadcast(true);
            try (DatagramEndpoint first = await(openDatagramEndpoint(options));
                    DatagramEndpoint second = await(openDatagramEndpoint(options.local(first.localAddress())))) {
                assertThat(second.localAddress()).isEqualTo(first.localAddress());
            }
        });
    }

    @Test
    void open_names_areLookedUp() {
        run(() -> {
            InetSocketAddress name = InetSocketAddress.createUnresolved("127.0.0.1", 0);
            try (DatagramEndpoint server = await(openDatagramEndpoint(DatagramOptions.at(name)))) {
                InetSocketAddress port = InetSocketAddress.createUnresolved(
                        "127.0.0.1", server.localAddress().getPort());
                try (DatagramEndpoint client =
                        await(openDatagramEndpoint(DatagramOptions.to(port).local(name)))) {
                    assertThat(client.remoteAddress()).isEqualTo(server.localAddress());
                    assertThat(server.remoteAddress()).isNull();
                }
            }
        });
    }

    @Test
    void open_addressesOfDifferentFamilies_fails() {
        run(() -> {
            InetAddress six = InetAddress.ofLiteral("::1");
            InetAddress four = InetAddress.ofLiteral("127.0.0.1");
            DatagramOptions options =
                    DatagramOptions.at(new InetSocketAddress(four, 0)).remote(new InetSocketAddress(six, 9));
            assertThatThrownBy(() -> await(openDatagramEndpoint(options)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no address of the same family");
        });
    }

    @Test
    void options_outOfRange_refused() {
        DatagramOptions options = DatagramOptions.at(anyPort());
        assertThatThrownBy(() -> new DatagramOptions(null, null, 1, 0, false, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("local or remote must be given");
        assertThatThrownBy(() -> options.remote(loopback(0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.maxBytes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.maxBytes(65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> options.receiveBufferBytes(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void open_channelOfTheUser_mustBeBoundOpenAndNonBlocking() {
        run(() -> {
            DatagramChannel channel = DatagramChannel.open();
            assertThatThrownBy(() -> openDatagramEndpoint(channel))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("non-blocking");
            channel.configureBlocking(false);
            assertThatThrownBy(() -> openDatagramEndpoint(channel))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bound");
            channel.bind(anyPort());
            await(openDatagramEndpoint(channel)).close();
            assertThat(channel.isOpen()).isFalse();
            assertThatThrownBy(() -> openDatagramEndpoint(channel))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("open");
        });
    }

    @Test
    void join_group_receivesWhatIsSentToIt() {
        run(() -> {
            InetAddress group = InetAddress.ofLiteral("239.255.77.77");
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            NetworkInterface network = NetworkInterface.getByInetAddress(loopback);
            InetSocketAddress everywhere = new InetSocketAddress((Inet4Address) InetAddress.ofLiteral("0.0.0.0"), 0);
            try (DatagramEndpoint endpoint = await(openDatagramEndpoint(DatagramOptions.at(everywhere)))) {
                MembershipKey membership = await(endpoint.join(group, network));
                assertThat(membership.isValid()).isTrue();
                membership.drop();
                assertThatThrownBy(() -> await(endpoint.join(loopback, network)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    // A channel that takes nothing: what loopback never does

    private static void runSluggish(SluggishBody body) {
        CountingPoller poller = new CountingPoller();
        run(LoopOptions.defaults().poller(() -> poller), () -> {
            SluggishChannel channel = new SluggishChannel();
            try (DatagramEndpoint endpoint = await(openDatagramEndpoint(channel))) {
                body.run(endpoint, channel, poller);
            }
        });
    }

    private interface SluggishBody {
        void run(DatagramEndpoint endpoint, SluggishChannel channel, CountingPoller poller) throws Exception;
    }

    private static void room(SluggishChannel channel, CountingPoller poller, int room) {
        channel.room = room;
        poller.tellReady(channel, SelectionKey.OP_WRITE);
        for (int i = 0; i < 5; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    @Test
    void send_channelFull_sendersWaitInTurn() {
        runSluggish((endpoint, channel, poller) -> {
            InetSocketAddress target = loopback(9);
            List<Task<@Nullable Void>> senders = new ArrayList<>();
            for (String word : List.of("a", "b", "c")) {
                senders.add(createTask(endpoint.send(bytes(word), target)));
            }
            await(sleep(Duration.ZERO));
            assertThat(channel.sent).isEmpty();
            room(channel, poller, 2);
            assertThat(channel.sent).containsExactly("a", "b");
            senders.add(createTask(endpoint.send(bytes("d"), target)));
            room(channel, poller, 2);
            for (Task<@Nullable Void> sender : senders) {
                await(sender);
            }
            assertThat(channel.sent).containsExactly("a", "b", "c", "d");
        });
    }

    @Test
    void send_cancelledWhileTheChannelIsFull_theNextOneIsSent() {
        runSluggish((endpoint, channel, poller) -> {
            InetSocketAddress target = loopback(9);
            Task<@Nullable Void> first = createTask(endpoint.send(bytes("cancelled"), target));
            Task<@Nullable Void> second = createTask(endpoint.send(bytes("sent"), target));
            await(sleep(Duration.ZERO));
            first.cancel();
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            await(sleep(Duration.ZERO));
            room(channel, poller, 1);
            await(second);
            assertThat(channel.sent).containsExactly("sent");
        });
    }

    @Test
    void close_whileTasksWaitToSend_tellsAll() {
        runSluggish((endpoint, channel, poller) -> {
            InetSocketAddress target = loopback(9);
            List<Task<@Nullable Void>> senders = List.of(
                    createTask(endpoint.send(bytes("a"), target)), createTask(endpoint.send(bytes("b"), target)));
            await(sleep(Duration.ZERO));
            endpoint.close();
            for (Task<@Nullable Void> sender : senders) {
                assertThatThrownBy(() -> await(sender)).isInstanceOf(StreamClosedException.class);
            }
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    void receive_alwaysSomethingThere_othersRunNevertheless() {
        run(() -> {
            try (DatagramEndpoint server = open();
                    DatagramEndpoint client = openTo(server)) {
                EventLoop loop = getRunningLoop();
                for (int i = 0; i < 40; i++) {
                    await(client.send(bytes("x")));
                }
                boolean[] ran = {false};
                loop.callSoon(() -> ran[0] = true);
                int received = 0;
                while (!ran[0]) {
                    await(server.receive());
                    received++;
                }
                assertThat(received).isLessThan(40);
            }
        });
    }

    // Cancellation

    @Test
    void receive_cancelledAnywhere_losesNothing() {
        int moments = SocketSweep.run(victim -> {
            try (DatagramEndpoint server = open();
                    DatagramEndpoint client = openTo(server)) {
                List<String> got = new ArrayList<>();
                Task<@Nullable Void> receiving = createTask(() -> {
                    for (int i = 0; i < 2; i++) {
                        got.add(text(await(server.receive()).data()));
                    }
                });
                victim.is(receiving);
                await(sleep(Duration.ZERO));
                await(client.send(bytes("one")));
                await(client.send(bytes("two")));
                victim.isAndEnds(receiving);
                while (got.size() < 2) {
                    got.add(text(await(server.receive()).data()));
                }
                assertThat(got).containsExactly("one", "two");
            }
        });

        assertThat(moments).isGreaterThan(1);
    }

    @Test
    void open_cancelledAnywhere_leavesTheAddressFree() {
        SocketSweep.run(victim -> {
            InetSocketAddress address;
            try (DatagramEndpoint probe = open()) {
                address = probe.localAddress();
            }
            InetSocketAddress name = InetSocketAddress.createUnresolved("127.0.0.1", address.getPort());
            victim.isAndEnds(createTask(() -> {
                try (DatagramEndpoint opened = await(openDatagramEndpoint(DatagramOptions.at(name)))) {
                    await(sleep(Duration.ZERO));
                    assertThat(opened.isClosed()).isFalse();
                }
            }));
            await(openDatagramEndpoint(DatagramOptions.at(address))).close();
        });
    }
}
