package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.openPipe;
import static network.NetworkRun.bytes;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.net.PipePair;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamClosedException;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pipes as streams: one direction each.
@ExtendWith(NothingLeft.class)
@Spec("IO-14")
class PipeStreamTest {
    private static PipePair open() {
        return await(openPipe());
    }

    private static String receive(ByteStream source) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        int count = await(source.receive(buffer));
        return count < 0 ? "end" : text(buffer.flip());
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    @Test
    void send_bytes_arriveAtTheOtherEnd() {
        run(() -> {
            try (PipePair pipe = open()) {
                Task<String> receiving = createTask(() -> receive(pipe.source()));
                turn();
                await(pipe.sink().send(bytes("hello")));
                assertThat(await(receiving)).isEqualTo("hello");
            }
        });
    }

    @Test
    void close_ofTheSink_isTheEndAfterAllBytes() {
        run(() -> {
            try (PipePair pipe = open()) {
                await(pipe.sink().send(bytes("last words")));
                pipe.sink().close();
                assertThat(receive(pipe.source())).isEqualTo("last words");
                assertThat(receive(pipe.source())).isEqualTo("end");
                assertThat(receive(pipe.source())).isEqualTo("end");
            }
        });
    }

    @Test
    void sendEof_ofTheSink_wakesTheReceiver() {
        run(() -> {
            try (PipePair pipe = open()) {
                assertThat(pipe.sink().canSendEof()).isTrue();
                Task<String> receiving = createTask(() -> receive(pipe.source()));
                turn();
                await(pipe.sink().sendEof());
                assertThat(await(receiving)).isEqualTo("end");
                assertThat(pipe.sink().isClosed()).isTrue();
                assertThatThrownBy(() -> await(pipe.sink().send(bytes("x")))).isInstanceOf(StreamClosedException.class);
            }
        });
    }

    @Test
    void wrongDirection_refused() {
        run(() -> {
            try (PipePair pipe = open()) {
                assertThatThrownBy(() -> await(pipe.source().send(bytes("x"))))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("only receives");
                assertThatThrownBy(() -> await(pipe.sink().receive(ByteBuffer.allocate(1))))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("only sends");
                assertThatThrownBy(() -> await(pipe.source().sendEof()))
                        .isInstanceOf(UnsupportedOperationException.class);
                assertThat(pipe.source().canSendEof()).isFalse();
            }
        });
    }

    @Test
    void send_readerGone_isALostConnection() {
        run(() -> {
            try (PipePair pipe = open()) {
                pipe.source().close();
                turn(); // the descriptor is given back
                assertThatThrownBy(() -> await(pipe.sink().send(bytes("x"))))
                        .isInstanceOf(ConnectionResetException.class);
            }
        });
    }

    @Test
    void send_readerGoesWhileTheSenderWaits_isALostConnection() {
        run(() -> {
            try (PipePair pipe = open()) {
                Task<@Nullable Void> sending = createTask(pipe.sink().send(ByteBuffer.allocate(1 << 20)));
                turn();
                assertThat(sending.isDone()).isFalse();
                pipe.source().close();
                assertThatThrownBy(() -> await(sending)).isInstanceOf(ConnectionResetException.class);
            }
        });
    }

    @Test
    void send_pipeFull_waitsForTheReader() {
        run(() -> {
            try (PipePair pipe = open()) {
                int size = 1 << 20;
                Task<@Nullable Void> sending = createTask(() -> {
                    await(pipe.sink().send(ByteBuffer.allocate(size)));
                    pipe.sink().close();
                });
                ByteBuffer buffer = ByteBuffer.allocate(size + 1);
                while (await(pipe.source().receive(buffer)) >= 0) {
                    assertThat(buffer.hasRemaining()).isTrue();
                }
                await(sending);
                assertThat(buffer.position()).isEqualTo(size);
            }
        });
    }

    @Test
    void close_whileATaskReceives_tellsIt() {
        run(() -> {
            try (PipePair pipe = open()) {
                Task<String> receiving = createTask(() -> receive(pipe.source()));
                turn();
                pipe.source().abort();
                assertThatThrownBy(() -> await(receiving)).isInstanceOf(StreamClosedException.class);
            }
        });
    }

    @Test
    void close_ofThePair_closesBothChannels() {
        run(() -> {
            PipePair pipe = open();
            SelectableChannel source = pipe.source().extraInfo(ExtraInfo.CHANNEL);
            SelectableChannel sink = pipe.sink().extraInfo(ExtraInfo.CHANNEL);
            assertThat(pipe.source().extraInfo(ExtraInfo.PEER_ADDRESS)).isNull();
            pipe.close();
            pipe.close();
            turn();
            turn();
            assertThat(source)
                    .isNotNull()
                    .satisfies(channel -> assertThat(channel.isOpen()).isFalse());
            assertThat(sink)
                    .isNotNull()
                    .satisfies(channel -> assertThat(channel.isRegistered()).isFalse());
        });
    }

    @Test
    void stream_channelThatCarriesNoBytes_refused() {
        run(() -> {
            try (ServerSocketChannel server = ServerSocketChannel.open()) {
                server.configureBlocking(false);
                assertThatThrownBy(() -> new ChannelStream(getRunningLoop(), server))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("reading or writing bytes");
                assertThat(server.isRegistered()).isFalse();
            }
            Pipe pipe = Pipe.open();
            assertThatThrownBy(() -> new ChannelStream(getRunningLoop(), pipe.source()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("non-blocking");
            pipe.source().close();
            pipe.sink().close();
        });
    }

    @Test
    void receive_cancelledAnywhere_losesNothing() {
        int moments = SocketSweep.run(victim -> {
            try (PipePair pipe = open()) {
                StringBuilder got = new StringBuilder();
                Task<@Nullable Void> receiving = createTask(() -> {
                    while (got.length() < 6) {
                        got.append(receive(pipe.source()));
                    }
                });
                victim.is(receiving);
                turn();
                await(pipe.sink().send(bytes("abc")));
                turn();
                await(pipe.sink().send(bytes("def")));
                victim.isAndEnds(receiving);
                while (got.length() < 6) {
                    got.append(receive(pipe.source()));
                }
                assertThat(got.toString()).isEqualTo("abcdef");
            }
        });

        assertThat(moments).isGreaterThan(1);
    }

    @Test
    void send_cancelledAnywhere_positionSaysWhatWasSent() {
        SocketSweep.run(victim -> {
            try (PipePair pipe = open()) {
                ByteBuffer much = ByteBuffer.allocate(300_000);
                Task<@Nullable Void> sending = createTask(pipe.sink().send(much));
                ByteBuffer read = ByteBuffer.allocate(much.capacity() + 1);
                Task<@Nullable Void> reading = createTask(() -> {
                    while (await(pipe.source().receive(read)) >= 0) {
                        assertThat(read.hasRemaining()).isTrue();
                    }
                });
                victim.isAndEnds(sending);
                pipe.sink().close();
                await(reading);
                assertThat(read.position()).isEqualTo(much.position());
            }
        });
    }
}
