package network;

import static asyncio.Asyncio.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.stream.MemoryStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.VirtualTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Code made for blocking streams runs in tasks.
@ExtendWith(NothingLeft.class)
class BlockingViewsTest {
    private static final int LINES = 5_000;

    private static void run(Scenario scenario) {
        Asyncio.run(
                () -> {
                    List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), 100);
                    try (MemoryStream first = ends.get(0);
                            MemoryStream second = ends.get(1)) {
                        scenario.play(first, second);
                    }
                    return null;
                },
                RunOptions.defaults().loop(VirtualTime.create().options()));
    }

    @Test
    void gzipAndReader_overATinyBuffer_letTheOthersRun() {
        run((first, second) -> {
            Task<Integer> reading = Asyncio.createTask(() -> countLines(second));
            List<String> others = new ArrayList<>();
            Task<?> other = Asyncio.createTask(() -> {
                while (!reading.isDone()) {
                    others.add("turn");
                    await(Asyncio.sleep(Duration.ZERO));
                }
            });

            try (Writer writer =
                    new OutputStreamWriter(new GZIPOutputStream(first.outputStream()), StandardCharsets.UTF_8)) {
                for (int i = 0; i < LINES; i++) {
                    writer.write("line " + i + "\n");
                }
            }

            assertThat(await(reading)).isEqualTo(LINES);
            await(other);
            assertThat(others).hasSizeGreaterThan(10);
        });
    }

    private static int countLines(MemoryStream stream) throws IOException {
        BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(stream.inputStream()), StandardCharsets.UTF_8));
        int count = 0;
        String line;
        while ((line = reader.readLine()) != null) {
            assertThat(line).isEqualTo("line " + count++);
        }
        return count;
    }

    @Test
    void read_cancelled_nothingIsLost() {
        run((first, second) -> {
            InputStream input = second.inputStream();
            Task<Integer> reading = Asyncio.createTask(() -> input.read());
            await(Asyncio.sleep(Duration.ZERO));
            reading.cancel();
            assertThatThrownBy(() -> await(reading)).isInstanceOf(CancelledError.class);

            await(first.send(ByteBuffer.wrap(new byte[] {(byte) 200})));

            assertThat(input.read()).isEqualTo(200);
        });
    }

    @Test
    void read_whileAnotherTaskReceives_isRefused() {
        run((first, second) -> {
            Task<Integer> reading =
                    Asyncio.createTask(() -> second.inputStream().read());
            await(Asyncio.sleep(Duration.ZERO));

            assertThatThrownBy(() -> second.inputStream().read())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("read() called while another coroutine is already waiting");

            try (OutputStream output = first.outputStream()) {
                output.write(7);
            }
            assertThat(await(reading)).isEqualTo(7);
            assertThat(second.inputStream().read()).isEqualTo(-1);
            assertThat(second.inputStream().read(new byte[0])).isZero();
        });
    }

    @Test
    void socket_silentPeer_timesOutAndGoesOn() {
        run((first, second) -> {
            Socket socket = second.socket();
            socket.setSoTimeout(500);

            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("Read timed out");

            await(first.send(ByteBuffer.wrap(new byte[] {1, 2})));
            assertThat(socket.getInputStream().readNBytes(2)).containsExactly(1, 2);
            assertThat(socket.getSoTimeout()).isEqualTo(500);
        });
    }

    @Test
    void socket_halfCloseAndClose_reachThePeer() {
        run((first, second) -> {
            Socket socket = second.socket();
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(new byte[] {1});
            socket.shutdownOutput();

            assertThat(first.inputStream().readAllBytes()).containsExactly(1);
            assertThat(socket.isOutputShutdown()).isTrue();
            assertThatThrownBy(socket::shutdownInput).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> socket.setSoTimeout(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThat(socket.isConnected() && socket.isBound() && !socket.isClosed())
                    .isTrue();
            assertThat(socket.getRemoteSocketAddress()).isNull();
            assertThat(socket.getPort()).isZero();

            await(first.send(ByteBuffer.wrap(new byte[] {2})));
            assertThat(socket.getInputStream().read()).isEqualTo(2);
            socket.close();

            assertThat(second.isClosed()).isTrue();
            assertThat(socket.isClosed()).isTrue();
            assertThat(first.inputStream().read()).isEqualTo(-1);
        });
    }

    /// What happens between two ends.
    @FunctionalInterface
    private interface Scenario {
        void play(MemoryStream first, MemoryStream second) throws Exception;
    }
}
