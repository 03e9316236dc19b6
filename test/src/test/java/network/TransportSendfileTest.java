package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.moveOnAfter;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static asyncio.stream.Sendfile.sendfile;
import static network.StreamsInMemory.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.SendfileNotAvailableException;
import asyncio.stream.StreamClosedException;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Files over plain sockets, which the system sends, and over other streams, which need a buffer.
@ExtendWith(NothingLeft.class)
@Spec("IO-12")
class TransportSendfileTest {
    private static final int SIZE = 3_000_017; // more than the buffers of a socket hold

    @TempDir
    private Path directory;

    private Path path;
    private byte[] content;

    @BeforeEach
    void writeFile() throws IOException {
        content = new byte[SIZE];
        new Random(1).nextBytes(content);
        path = Files.write(directory.resolve("file"), content);
    }

    private interface Use {
        void of(ByteStream stream, ByteStream peer, FileChannel file) throws Exception;
    }

    private void overLoopback(Use use) {
        Asyncio.run(() -> {
            Future<ByteStream> accepted = Asyncio.getRunningLoop().createFuture();
            Future<Integer> done = Asyncio.getRunningLoop().createFuture();
            try (Server server = await(serve(
                            stream -> {
                                accepted.setResult(stream);
                                await(done);
                            },
                            "127.0.0.1",
                            0));
                    ByteStream stream =
                            await(connect("127.0.0.1", server.localAddress().getPort()));
                    FileChannel file = FileChannel.open(path)) {
                try {
                    use.of(stream, await(accepted), file);
                } finally {
                    done.setResult(0);
                }
            }
        });
    }

    private void inMemory(Use use) {
        Asyncio.run(() -> {
            List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 100_000);
            try (MemoryStream stream = ends.getFirst();
                    MemoryStream peer = ends.getLast();
                    FileChannel file = FileChannel.open(path)) {
                use.of(stream, peer, file);
            }
        });
    }

    private static Task<byte[]> readAll(ByteStream peer) {
        return createTask(() -> {
            try (StreamPair pair = StreamPair.over(peer, 100)) {
                return await(pair.reader().read());
            }
        });
    }

    @Test
    void wholeFile_overASocket_arrivesByTheSystemsWay() {
        overLoopback((stream, peer, file) -> {
            assertThat(stream).isInstanceOf(ChannelStream.class);
            Task<byte[]> reading = readAll(peer);
            assertThat(await(sendfile(stream, file, 0, Long.MAX_VALUE, false))).isEqualTo(SIZE);
            assertThat(file.position()).isEqualTo(SIZE);
            stream.close();

            assertThat(await(reading)).isEqualTo(content);
        });
    }

    @Test
    void wholeFile_inMemory_arrivesThroughABuffer() {
        inMemory((stream, peer, file) -> {
            assertThatThrownBy(() -> await(sendfile(stream, file, 0, 10, false)))
                    .isInstanceOf(SendfileNotAvailableException.class);
            Task<byte[]> reading = readAll(peer);
            assertThat(await(sendfile(stream, file, 0, Long.MAX_VALUE, true))).isEqualTo(SIZE);
            assertThat(file.position()).isEqualTo(SIZE);
            stream.close();

            assertThat(await(reading)).isEqualTo(content);
        });
    }

    @Test
    void parts_betweenWrites_keepTheOrder() {
        Use use = (stream, peer, file) -> {
            try (StreamPair pair = StreamPair.over(stream, 100)) {
                Task<byte[]> reading = readAll(peer);
                StreamWriter writer = pair.writer();
                writer.write(Arrays.copyOf(content, 2_000_000)); // some of it is kept
                Task<Long> sending = createTask(sendfile(writer.transport(), file, 1000, 500, true));
                await(Asyncio.sleep(Duration.ZERO));
                assertThatThrownBy(() -> writer.write(bytes("x")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("unable to write; sendfile is in progress");
                assertThat(await(sending)).isEqualTo(500);
                assertThat(file.position()).isEqualTo(1500);
                writer.write(bytes("end"));
                assertThat(await(sendfile(writer.transport(), file, SIZE - 3, 10, true)))
                        .isEqualTo(3);
                assertThat(await(sendfile(writer.transport(), file, SIZE + 3, 10, true)))
                        .isZero();
                await(writer.aclose());

                ByteBuffer expected = ByteBuffer.allocate(2_000_506);
                expected.put(content, 0, 2_000_000).put(content, 1000, 500).put(bytes("end"));
                expected.put(content, SIZE - 3, 3);
                assertThat(Arrays.equals(await(reading), expected.array())).isTrue();
            }
        };
        overLoopback(use);
        inMemory(use);
    }

    @Test
    void whileItSends_otherSendersAreRefusedAndCancellationStops() {
        Use use = (stream, peer, file) -> {
            assertThat(await(moveOnAfter(Duration.ofMillis(50), () -> {
                        Task<Long> sending = createTask(sendfile(stream, file, 0, Long.MAX_VALUE, true));
                        try {
                            await(Asyncio.sleep(Duration.ZERO));
                            assertThatThrownBy(() -> await(stream.send(ByteBuffer.wrap(bytes("x")))))
                                    .isInstanceOf(IllegalStateException.class);
                            await(sending);
                        } finally {
                            sending.cancel();
                        }
                    })))
                    .as("sent all to a peer that does not read")
                    .isFalse();
            assertThat(file.position()).isLessThan(SIZE);
            stream.close();

            byte[] arrived = await(readAll(peer));
            assertThat(arrived).isEqualTo(Arrays.copyOf(content, arrived.length));
        };
        inMemory(use);
    }

    @Test
    void closedMeanwhile_failsAndMovesThePosition() {
        Use use = (stream, peer, file) -> {
            StreamTransport transport = StreamTransport.attach(stream, new Recorder());
            Task<Long> sending = createTask(sendfile(transport, file, 0, Long.MAX_VALUE, true));
            ByteBuffer target = ByteBuffer.allocate(10_000);
            while (target.hasRemaining()) {
                await(peer.receive(target));
            }
            transport.close();
            assertThatThrownBy(() -> await(sending)).isInstanceOf(StreamClosedException.class);
            assertThat(file.position()).isBetween(10_000L, SIZE - 1L);
            assertThatThrownBy(() -> await(sendfile(transport, file)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Transport is closing");
        };
        inMemory(use);
    }

    @Test
    void closedFile_failsAndTheConnectionLives() {
        Use use = (stream, peer, file) -> {
            StreamTransport transport = StreamTransport.attach(stream, new Recorder());
            file.close();
            assertThatThrownBy(() -> await(sendfile(transport, file)))
                    .isInstanceOf(java.nio.channels.ClosedChannelException.class);
            assertThat(transport.isClosing()).isFalse();
            transport.write(bytes("x"));
            ByteBuffer target = ByteBuffer.allocate(1);
            await(peer.receive(target));
            transport.writeEof();
            assertThatThrownBy(() -> await(sendfile(transport, file)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Cannot call sendfile() after writeEof()");
            transport.close();
            await(transport.waitLost());
        };
        overLoopback(use);
        inMemory(use);
    }

    @Test
    void badArguments_areRefusedAtOnce() {
        inMemory((stream, peer, file) -> {
            assertThatThrownBy(() -> sendfile(stream, file, -1, 10, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("offset must be a non-negative integer: got -1");
            for (long count : new long[] {0, -1}) {
                assertThatThrownBy(() -> sendfile(stream, file, 0, count, true))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("count must be a positive integer: got " + count);
            }
        });
    }
}
