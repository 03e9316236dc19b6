package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.sockAccept;
import static asyncio.net.Net.sockConnect;
import static asyncio.net.Net.sockRecv;
import static asyncio.net.Net.sockRecvFrom;
import static asyncio.net.Net.sockRecvFromInto;
import static asyncio.net.Net.sockRecvInto;
import static asyncio.net.Net.sockSendAll;
import static asyncio.net.Net.sockSendTo;
import static asyncio.net.Net.sockSendfile;
import static network.NetworkRun.anyPort;
import static network.NetworkRun.bytes;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.net.Datagram;
import asyncio.stream.ChannelStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// asyncio's sock functions, on channels of the test's own.
@ExtendWith(NothingLeft.class)
@Spec("IO-2")
class SockFunctionsTest {
    /// Two connected sockets in non-blocking mode.
    record Sockets(SocketChannel client, SocketChannel server) implements AutoCloseable {
        static Sockets open() throws IOException {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort())) {
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel server = listener.accept();
                client.configureBlocking(false);
                server.configureBlocking(false);
                return new Sockets(client, server);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    static DatagramChannel datagrams() throws IOException {
        DatagramChannel channel =
                DatagramChannel.open(StandardProtocolFamily.INET).bind(anyPort());
        channel.configureBlocking(false);
        return channel;
    }

    static InetSocketAddress address(DatagramChannel channel) throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    // Bytes

    @Test
    void sockRecv_somethingThere_takesItWithoutASuspension() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                sockets.client().configureBlocking(true);
                sockets.client().write(bytes("hello"));
                Task<byte[]> first = createTask(sockRecv(sockets.server(), 3)); // waits until it has arrived
                assertThat(text(await(first))).isEqualTo("hel");

                EventLoop loop = getRunningLoop();
                long before = loop.iterationCount();
                assertThat(text(await(sockRecv(sockets.server(), 100)))).isEqualTo("lo");
                assertThat(loop.iterationCount()).isEqualTo(before);
            }
        });
    }

    @Test
    void sockRecv_nothingThere_waitsAndLeavesNoWatch() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                Task<byte[]> receiving = createTask(sockRecv(sockets.server(), 100));
                turn();
                assertThat(sockets.server().isRegistered()).isTrue();
                await(sockSendAll(sockets.client(), bytes("late")));
                assertThat(text(await(receiving))).isEqualTo("late");
                assertThat(sockets.server().isRegistered()).isFalse();
                sockets.server().configureBlocking(true);
            }
        });
    }

    @Test
    void sockRecv_end_givesNothing() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                sockets.client().shutdownOutput();
                assertThat(await(sockRecv(sockets.server(), 100))).isEmpty();
                assertThat(await(sockRecvInto(sockets.server(), ByteBuffer.allocate(1))))
                        .isEqualTo(-1);
            }
        });
    }

    @Test
    void sockRecvInto_buffer_getsTheBytesBehindItsPosition() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                ByteBuffer buffer = ByteBuffer.allocate(10).put((byte) '>');
                Task<Integer> receiving = createTask(sockRecvInto(sockets.server(), buffer));
                await(sockSendAll(sockets.client(), bytes("abc")));
                assertThat(await(receiving)).isEqualTo(3);
                assertThat(text(buffer.flip())).isEqualTo(">abc");
            }
        });
    }

    @Test
    void sockSendAll_moreThanTheSystemTakes_waitsForTheReader() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                ByteBuffer much = ByteBuffer.allocate(8 << 20);
                for (int i = 0; i < much.capacity(); i += 4) {
                    much.putInt(i, i);
                }
                Task<@Nullable Void> sending = createTask(sockSendAll(sockets.client(), much.duplicate()));
                turn();
                assertThat(sending.isDone()).isFalse();
                ByteBuffer all = ByteBuffer.allocate(much.capacity());
                while (all.hasRemaining()) {
                    await(sockRecvInto(sockets.server(), all));
                }
                await(sending);
                assertThat(all.flip()).isEqualTo(much);
                assertThat(sockets.client().isRegistered()).isFalse();
            }
        });
    }

    @Test
    void sockRecvAndSendAll_onPipesAndConnectedDatagramChannels_work() {
        run(() -> {
            Pipe pipe = Pipe.open();
            try (Pipe.SourceChannel source = pipe.source();
                    Pipe.SinkChannel sink = pipe.sink();
                    DatagramChannel one = datagrams();
                    DatagramChannel two = datagrams()) {
                source.configureBlocking(false);
                sink.configureBlocking(false);
                await(sockSendAll(sink, bytes("pipe")));
                assertThat(text(await(sockRecv(source, 100)))).isEqualTo("pipe");

                one.connect(two.getLocalAddress());
                await(sockSendTo(two, bytes(""), address(one)));
                assertThat(await(sockRecv(one, 100))).isEmpty();
                await(sockSendAll(one, bytes("datagram")));
                assertThat(text(await(sockRecvFrom(two, 100)).data())).isEqualTo("datagram");
            }
        });
    }

    // Connections

    @Test
    void sockConnectAndAccept_nameAndPort_connected() {
        run(() -> {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort());
                    SocketChannel client = SocketChannel.open()) {
                listener.configureBlocking(false);
                client.configureBlocking(false);
                int port = listener.socket().getLocalPort();
                Task<SocketChannel> accepting = createTask(sockAccept(listener));
                turn();
                await(sockConnect(client, InetSocketAddress.createUnresolved("127.0.0.1", port)));
                try (SocketChannel accepted = await(accepting)) {
                    assertThat(client.isConnected()).isTrue();
                    assertThat(accepted.isBlocking()).isFalse();
                    assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
                    assertThat(listener.isRegistered()).isFalse();
                    assertThat(client.isRegistered()).isFalse();
                    assertThatThrownBy(() -> await(sockConnect(client, listener.getLocalAddress())))
                            .isInstanceOf(IllegalStateException.class);
                }
            }
        });
    }

    @Test
    void sockConnect_nobodyListens_refused() {
        run(() -> {
            InetSocketAddress address;
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort())) {
                address = (InetSocketAddress) listener.getLocalAddress();
            }
            try (SocketChannel client = SocketChannel.open()) {
                client.configureBlocking(false);
                assertThatThrownBy(() -> await(sockConnect(client, address))).isInstanceOf(ConnectException.class);
                assertThat(client.isOpen()).isFalse();
            }
        });
    }

    @Test
    void sockConnect_unixSocket_connected(@TempDir Path directory) {
        run(() -> {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
            try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                            .bind(address);
                    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                listener.configureBlocking(false);
                client.configureBlocking(false);
                await(sockConnect(client, address));
                await(sockAccept(listener)).close();
                assertThat(await(sockRecv(client, 1))).isEmpty();
            }
        });
    }

    // Datagrams

    @Test
    void sockSendToAndRecvFrom_datagrams_withTheSender() {
        run(() -> {
            try (DatagramChannel one = datagrams();
                    DatagramChannel two = datagrams()) {
                Task<Datagram> receiving = createTask(sockRecvFrom(two, 100));
                turn();
                assertThat(await(sockSendTo(one, bytes("hello"), address(two)))).isEqualTo(5);
                Datagram received = await(receiving);
                assertThat(text(received.data())).isEqualTo("hello");
                assertThat(received.address()).isEqualTo(address(one));

                assertThat(await(sockSendTo(one, bytes(""), address(two)))).isZero();
                assertThat(await(sockRecvFrom(two, 100)).data().remaining()).isZero();

                await(sockSendTo(one, bytes("cut off"), address(two)));
                ByteBuffer buffer = ByteBuffer.allocate(3);
                assertThat(await(sockRecvFromInto(two, buffer))).isEqualTo(address(one));
                assertThat(text(buffer.flip())).isEqualTo("cut");
            }
        });
    }

    @Test
    void sockSendTo_channelFull_waits() {
        CountingPoller poller = new CountingPoller();
        run(LoopOptions.defaults().poller(() -> poller), () -> {
            SluggishChannel channel = new SluggishChannel();
            Task<Integer> sending = createTask(sockSendTo(channel, bytes("later"), NetworkRun.loopback(9)));
            turn();
            assertThat(sending.isDone()).isFalse();
            channel.room = 1;
            poller.tellReady(channel, SelectionKey.OP_WRITE);
            assertThat(await(sending)).isEqualTo(5);
            assertThat(poller.cancellations).isEqualTo(1);
            channel.close();
        });
    }

    // Files

    @Test
    @Spec("IO-12")
    void sockSendfile_partOfAFile_arrives(@TempDir Path directory) {
        run(() -> {
            byte[] content = new byte[3 << 20];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) (i * 31);
            }
            Path path = Files.write(directory.resolve("file"), content);
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
                    Sockets sockets = Sockets.open()) {
                int count = content.length - 15;
                Task<Long> sending = createTask(sockSendfile(sockets.client(), file, 10, count));
                ByteBuffer all = ByteBuffer.allocate(count);
                while (all.hasRemaining()) {
                    await(sockRecvInto(sockets.server(), all));
                }
                assertThat(await(sending)).isEqualTo(count);
                assertThat(file.position()).isEqualTo(10 + count);
                assertThat(all.array()).isEqualTo(Arrays.copyOfRange(content, 10, 10 + count));

                assertThat(await(sockSendfile(sockets.client(), file, content.length - 4, Long.MAX_VALUE)))
                        .isEqualTo(4);
                assertThat(await(sockSendfile(sockets.client(), file, content.length + 4, 1)))
                        .isZero();
                assertThat(sockets.client().isRegistered()).isFalse();
            }
        });
    }

    // Refused

    @Test
    void sockFunctions_blockingChannel_refusedAtOnce() throws IOException {
        try (SocketChannel socket = SocketChannel.open();
                ServerSocketChannel listener = ServerSocketChannel.open();
                DatagramChannel datagrams = DatagramChannel.open()) {
            List<Runnable> calls = List.of(
                    () -> sockRecv(socket, 1),
                    () -> sockRecvInto(socket, ByteBuffer.allocate(1)),
                    () -> sockSendAll(socket, bytes("x")),
                    () -> sockConnect(socket, anyPort()),
                    () -> sockAccept(listener),
                    () -> sockRecvFrom(datagrams, 1),
                    () -> sockRecvFromInto(datagrams, ByteBuffer.allocate(1)),
                    () -> sockSendTo(datagrams, bytes("x"), anyPort()));
            for (Runnable call : calls) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("non-blocking");
            }
        }
    }

    @Test
    void sockFunctions_badArguments_refusedAtOnce(@TempDir Path directory) throws IOException {
        Path path = Files.writeString(directory.resolve("file"), "x");
        try (Sockets sockets = Sockets.open();
                DatagramChannel channel = datagrams();
                FileChannel file = FileChannel.open(path)) {
            SocketChannel socket = sockets.client();
            List<Runnable> calls = List.of(
                    () -> sockRecv(socket, 0),
                    () -> sockRecv(socket, -1),
                    () -> sockRecvInto(socket, ByteBuffer.allocate(0)),
                    () -> sockRecvInto(socket, ByteBuffer.allocate(1).asReadOnlyBuffer()),
                    () -> sockRecvFrom(channel, 0),
                    () -> sockRecvFromInto(channel, ByteBuffer.allocate(0)),
                    () -> sockSendTo(channel, bytes("x"), InetSocketAddress.createUnresolved("localhost", 9)),
                    () -> sockSendfile(socket, file, -1, 1),
                    () -> sockSendfile(socket, file, 0, 0));
            for (Runnable call : calls) {
                assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void sockFunctions_closedChannel_failWhenAwaited() {
        run(() -> {
            Sockets sockets = Sockets.open();
            sockets.close();
            assertThatThrownBy(() -> await(sockRecv(sockets.client(), 1))).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> await(sockSendAll(sockets.client(), bytes("x"))))
                    .isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> await(sockConnect(sockets.client(), anyPort())))
                    .isInstanceOf(ClosedChannelException.class);
        });
    }

    @Test
    void sockRecv_bySecondTask_refusedWhileTheOtherDirectionIsFree() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                Task<byte[]> first = createTask(sockRecv(sockets.server(), 100));
                turn();
                assertThatThrownBy(() -> await(sockRecvInto(sockets.server(), ByteBuffer.allocate(1))))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("sockRecvInto() called while another coroutine is in sockRecv()");
                await(sockSendAll(sockets.server(), bytes("other way")));
                first.cancel();
                assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
                assertThat(sockets.server().isRegistered()).isFalse();
                assertThat(text(await(sockRecv(sockets.client(), 100)))).isEqualTo("other way");
            }
        });
    }

    @Test
    void sockRecv_bothDirectionsWait_watchEndsWithTheLast() {
        run(() -> {
            try (Sockets sockets = Sockets.open()) {
                ByteBuffer much = ByteBuffer.allocate(8 << 20);
                Task<@Nullable Void> sending = createTask(sockSendAll(sockets.client(), much));
                Task<byte[]> receiving = createTask(sockRecv(sockets.client(), 100));
                turn();
                await(sockSendAll(sockets.server(), bytes("x")));
                await(receiving);
                assertThat(sockets.client().isRegistered()).isTrue();
                sending.cancel();
                assertThatThrownBy(() -> await(sending)).isInstanceOf(CancelledError.class);
                assertThat(sockets.client().isRegistered()).isFalse();
                assertThat(much.position()).isPositive();
            }
        });
    }

    @Test
    void sockRecv_channelOfAStreamOrWithAReader_refusedBeforeAnythingIsRead() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            try (Sockets sockets = Sockets.open()) {
                sockets.server().write(bytes("for the stream"));
                loop.addReader(sockets.client(), () -> loop.removeReader(sockets.client()));
                assertThatThrownBy(() -> await(sockRecv(sockets.client(), 100)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is used by")
                        .hasMessageContaining("addReader");
                loop.removeReader(sockets.client());
                ChannelStream stream = new ChannelStream(loop, sockets.client());
                assertThatThrownBy(() -> await(sockRecv(sockets.client(), 100)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is used by");
                ByteBuffer buffer = ByteBuffer.allocate(100);
                await(stream.receive(buffer));
                assertThat(text(buffer.flip())).isEqualTo("for the stream");
                stream.close();
            }
        });
    }

    // Cancellation

    @Test
    void sockRecv_cancelledAnywhere_losesNothing() {
        int moments = SocketSweep.run(victim -> {
            try (Sockets sockets = Sockets.open()) {
                StringBuilder got = new StringBuilder();
                Task<@Nullable Void> receiving = createTask(() -> {
                    while (got.length() < 4) {
                        got.append(text(await(sockRecv(sockets.server(), 2))));
                    }
                });
                victim.is(receiving);
                turn();
                await(sockSendAll(sockets.client(), bytes("abcd")));
                victim.isAndEnds(receiving);
                assertThat(sockets.server().isRegistered()).isFalse();
                while (got.length() < 4) {
                    got.append(text(await(sockRecv(sockets.server(), 2))));
                }
                assertThat(got.toString()).isEqualTo("abcd");
            }
        });

        assertThat(moments).isGreaterThan(1);
    }

    @Test
    void sockSendAll_cancelledAnywhere_positionSaysWhatWasSent() {
        SocketSweep.run(victim -> {
            Pipe pipe = Pipe.open();
            try (Pipe.SourceChannel source = pipe.source();
                    Pipe.SinkChannel sink = pipe.sink()) {
                source.configureBlocking(false);
                sink.configureBlocking(false);
                ByteBuffer much = ByteBuffer.allocate(200_000);
                Task<@Nullable Void> sending = createTask(sockSendAll(sink, much));
                victim.is(sending);
                turn();
                ByteBuffer read = ByteBuffer.allocate(much.capacity());
                source.read(read);
                turn();
                source.read(read);
                sending.cancel();
                victim.isAndEnds(sending);
                assertThat(sink.isRegistered()).isFalse();
                while (source.read(read) > 0) {
                    turn();
                }
                assertThat(read.position()).isEqualTo(much.position());
            }
        });
    }

    @Test
    void sockAcceptAndConnect_cancelledAnywhere_losesNoConnection() {
        for (boolean accepting : new boolean[] {true, false}) {
            SocketSweep.run(victim -> {
                try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort());
                        SocketChannel client = SocketChannel.open()) {
                    listener.configureBlocking(false);
                    client.configureBlocking(false);
                    List<SocketChannel> accepted = new ArrayList<>();
                    Task<@Nullable Void> server = createTask(() -> {
                        accepted.add(await(sockAccept(listener)));
                    });
                    InetSocketAddress name = InetSocketAddress.createUnresolved(
                            "127.0.0.1", listener.socket().getLocalPort());
                    Task<@Nullable Void> connecting = createTask(sockConnect(client, name));
                    victim.isAndEnds(accepting ? server : connecting);
                    assertThat(accepting ? listener.isRegistered() : client.isRegistered())
                            .isFalse();
                    if (accepting) {
                        await(connecting);
                    } else {
                        server.cancel();
                    }
                    await(asyncio.Asyncio.waitUntil(List.of(server), asyncio.ReturnWhen.ALL_COMPLETED));
                    if (accepting && accepted.isEmpty()) {
                        accepted.add(await(sockAccept(listener)));
                    }
                    for (SocketChannel each : accepted) {
                        each.close();
                    }
                    assertThat(listener.isRegistered()).isFalse();
                }
            });
        }
    }

    @Test
    void sockRecvFrom_cancelledAnywhere_losesNoDatagram() {
        SocketSweep.run(victim -> {
            try (DatagramChannel one = datagrams();
                    DatagramChannel two = datagrams()) {
                List<String> got = new ArrayList<>();
                Task<@Nullable Void> receiving = createTask(() -> {
                    got.add(text(await(sockRecvFrom(two, 100)).data()));
                });
                victim.is(receiving);
                turn();
                await(sockSendTo(one, bytes("datagram"), address(two)));
                victim.isAndEnds(receiving);
                if (got.isEmpty()) {
                    got.add(text(await(sockRecvFrom(two, 100)).data()));
                }
                assertThat(got).containsExactly("datagram");
                assertThat(two.isRegistered()).isFalse();
            }
        });
    }

    @Test
    void sockSendfile_cancelledAnywhere_filePositionSaysWhatWasSent(@TempDir Path directory) throws IOException {
        Path path = Files.write(directory.resolve("file"), new byte[1 << 20]);
        SocketSweep.run(victim -> {
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
                    Sockets sockets = Sockets.open()) {
                Task<Long> sending = createTask(sockSendfile(sockets.client(), file, 0, 1 << 20));
                Task<Integer> receiving = createTask(() -> {
                    int total = 0;
                    int count;
                    do {
                        count = await(sockRecv(sockets.server(), 1 << 16)).length;
                        total += count;
                    } while (count > 0);
                    return total;
                });
                victim.isAndEnds(sending);
                sockets.client().shutdownOutput();
                assertThat(await(receiving)).isEqualTo((int) file.position());
                assertThat(sockets.client().isRegistered()).isFalse();
            }
        });
    }
}
