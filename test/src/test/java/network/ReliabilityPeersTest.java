package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.net.Server;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.StreamClosedException;
import asyncio.testing.NothingLeft;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Peers that do not behave, on loopback sockets.
@ExtendWith(NothingLeft.class)
class ReliabilityPeersTest {
    private static final String HOST = "127.0.0.1";
    private static final int MORE_THAN_THE_SYSTEM_HOLDS = 1 << 25;
    private static final Duration LIMIT = Duration.ofSeconds(60); // a hang fails, whatever the machine is doing

    /// Serves one connection by a handler, beside a peer on plain sockets.
    private static void play(Serving serving, Peer peer) {
        Asyncio.run(() -> {
            Future<@Nullable Void> served = getRunningLoop().createFuture();
            StreamHandler handler = stream -> {
                try {
                    serving.handle(stream);
                    served.setResult(null);
                } catch (Throwable e) {
                    served.setException(e);
                }
            };
            try (Server server = await(serve(handler, HOST, 0));
                    Socket socket = new Socket(
                            InetAddress.getLoopbackAddress(),
                            server.localAddress().getPort())) { // the system accepts
                await(timeout(LIMIT, () -> peer.play(socket, served)));
                await(timeout(LIMIT, () -> await(served)));
            }
        });
    }

    private static byte[] receiveExactly(ByteStream stream, int count) throws IOException {
        byte[] bytes = new byte[count];
        assertThat(stream.inputStream().readNBytes(bytes, 0, count)).isEqualTo(count);
        return bytes;
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void send_peerNeverReads_waitsAndFailsWhenThePeerIsGone() {
        ByteBuffer source = ByteBuffer.allocate(MORE_THAN_THE_SYSTEM_HOLDS);
        play(
                stream -> assertThatThrownBy(() -> await(stream.send(source)))
                        .isInstanceOf(ConnectionResetException.class),
                (socket, served) -> {
                    while (source.position() == 0) {
                        await(sleep(Duration.ZERO));
                    }
                    for (int i = 0; i < 10; i++) {
                        await(sleep(Duration.ofMillis(1)));
                        assertThat(served.isDone()).isFalse();
                    }
                    socket.close();
                });
        assertThat(source.position()).isLessThan(MORE_THAN_THE_SYSTEM_HOLDS);
    }

    @Test
    void receive_peerNeverWrites_endsAtItsTimeoutAndIsUsableAfterwards() {
        play(
                stream -> {
                    ByteBuffer buffer = ByteBuffer.allocate(10);
                    for (int i = 0; i < 5; i++) {
                        assertThatThrownBy(() -> await(timeout(Duration.ofMillis(2), () -> {
                                    await(stream.receive(buffer));
                                })))
                                .isInstanceOf(TimeoutException.class);
                    }
                    await(stream.send(utf8("go")));
                    assertThat(receiveExactly(stream, 4)).asString().isEqualTo("late");
                    assertThat(buffer.position()).isZero();
                },
                (socket, served) -> await(toThread(() -> {
                    assertThat(socket.getInputStream().readNBytes(2)).asString().isEqualTo("go");
                    socket.getOutputStream().write("late".getBytes(StandardCharsets.UTF_8));
                })));
    }

    @Test
    void receive_peerSendsOneByteAtATime_nothingIsMissing() {
        int count = 2_000;
        play(
                stream -> {
                    byte[] received = receiveExactly(stream, count);
                    for (int i = 0; i < count; i++) {
                        assertThat(received[i]).isEqualTo((byte) i);
                    }
                    assertThat(stream.inputStream().read()).isEqualTo(-1);
                },
                (socket, served) -> await(toThread(() -> {
                    socket.setTcpNoDelay(true);
                    for (int i = 0; i < count; i++) {
                        socket.getOutputStream().write(i);
                    }
                    socket.close();
                })));
    }

    @Test
    void receive_peerResetsInTheMiddleOfAMessage_fails() {
        play(
                stream -> assertThatThrownBy(() -> receiveExactly(stream, 100))
                        .isInstanceOf(ConnectionResetException.class)
                        .hasMessageStartingWith("Connection lost: "),
                (socket, served) -> {
                    socket.getOutputStream().write(new byte[10]);
                    socket.setSoLinger(true, 0);
                    socket.close();
                });
    }

    @Test
    void sendAfterReset_thenReceive_failsAndDoesNotPassForTheEnd() {
        play(
                stream -> {
                    assertThat(receiveExactly(stream, 1)).hasSize(1);
                    assertThatThrownBy(() -> {
                                while (true) {
                                    await(stream.send(utf8("x")));
                                    await(sleep(Duration.ofMillis(1)));
                                }
                            })
                            .isInstanceOf(ConnectionResetException.class);
                    assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(ConnectionResetException.class);
                    assertThatThrownBy(() -> stream.inputStream().read()).isInstanceOf(ConnectionResetException.class);
                },
                (socket, served) -> {
                    socket.getOutputStream().write(1);
                    await(sleep(Duration.ofMillis(1)));
                    socket.setSoLinger(true, 0);
                    socket.close();
                });
    }

    @Test
    void receive_peerHalfCloses_itGetsItsAnswer() {
        play(
                stream -> {
                    byte[] question = stream.inputStream().readAllBytes();
                    await(stream.send(ByteBuffer.wrap(question)));
                    await(stream.sendEof());
                    assertThat(stream.inputStream().read()).isEqualTo(-1);
                },
                (socket, served) -> {
                    socket.getOutputStream().write("question".getBytes(StandardCharsets.UTF_8));
                    socket.shutdownOutput();
                    assertThat(await(toThread(() -> socket.getInputStream().readAllBytes())))
                            .asString()
                            .isEqualTo("question");
                });
    }

    @Test
    void receive_peerFloods_othersAreServed() {
        AtomicBoolean enough = new AtomicBoolean();
        play(
                stream -> {
                    Task<Long> drained = createTask(() -> drain(stream));
                    pingElsewhere();
                    enough.set(true);
                    assertThat(await(drained)).isPositive();
                },
                (socket, served) -> await(toThread(() -> {
                    byte[] block = new byte[65536];
                    OutputStream output = socket.getOutputStream();
                    while (!enough.get()) {
                        output.write(block);
                    }
                    socket.close();
                })));
    }

    private static long drain(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        long total = 0;
        int count;
        while ((count = await(stream.receive(buffer.clear()))) >= 0) {
            total += count;
        }
        return total;
    }

    /// A hundred messages there and back, on another connection.
    private static void pingElsewhere() throws IOException {
        StreamHandler echo = stream -> stream.inputStream().transferTo(stream.outputStream());
        try (Server server = await(serve(echo, HOST, 0));
                ByteStream client = await(connect(HOST, server.localAddress().getPort()))) {
            for (int i = 0; i < 100; i++) {
                await(client.send(utf8("ping")));
                assertThat(receiveExactly(client, 4)).asString().isEqualTo("ping");
            }
        }
    }

    @Test
    void send_afterClose_failsAtOnce() {
        play(
                stream -> {
                    stream.close();
                    assertThatThrownBy(() -> await(stream.send(utf8("x")))).isInstanceOf(StreamClosedException.class);
                },
                (socket, served) -> assertThat(
                                await(toThread(() -> socket.getInputStream().read())))
                        .isEqualTo(-1));
    }

    @Test
    void close_withinAListener_isWithoutHarm() {
        play(
                stream -> {
                    Future<@Nullable Void> told = getRunningLoop().createFuture();
                    stream.onWritable(() -> told.setResult(null));
                    stream.onReadable(stream::close);
                    await(told);
                    Future<@Nullable Void> toldOfClose = getRunningLoop().createFuture();
                    ByteBuffer block = ByteBuffer.allocate(65536);
                    while (stream.trySend(block.clear()) > 0) {
                        // full, so that nobody is told of room
                    }
                    stream.onWritable(() -> {
                        if (!toldOfClose.isDone()) {
                            toldOfClose.setResult(null);
                        }
                    });
                    while (!stream.isClosed()) {
                        await(sleep(Duration.ofMillis(1)));
                    }
                    await(toldOfClose);
                },
                (socket, served) -> {
                    assertThat(await(toThread(() -> socket.getInputStream().read())))
                            .isZero(); // it fills the connection by now
                    socket.getOutputStream().write(1);
                    await(served);
                });
    }

    @Test
    void inputStream_onAnotherThread_isRefused() {
        play(
                stream -> assertThatThrownBy(
                                () -> await(toThread(() -> stream.inputStream().read())))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS202")
                        .hasMessageContaining("use a stream on its own loop, in a task"),
                (socket, served) -> {});
    }

    @Test
    void close_onAnotherThread_isRefusedAndChangesNothing() {
        play(
                stream -> {
                    assertThatThrownBy(() -> await(toThread(() -> {
                                stream.close();
                            })))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("AS201");
                    assertThat(stream.isClosed()).isFalse();
                },
                (socket, served) -> {});
    }

    /// The server's side.
    @FunctionalInterface
    private interface Serving {
        void handle(ByteStream stream) throws Exception;
    }

    /// The other side, in a task; may not block but on a thread.
    @FunctionalInterface
    private interface Peer {
        void play(Socket socket, Future<@Nullable Void> served) throws Exception;
    }
}
