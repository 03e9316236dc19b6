import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.testing.VirtualTime;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file server's deadlines: one connection through memory, in virtual time.
class FileServerTimeTest {
    private static final Duration IDLE_TIME = Duration.ofSeconds(15);
    private static final Duration REQUEST_TIME = Duration.ofSeconds(30);
    private static final String POST =
            "POST /api/sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n[1]";

    @TempDir Path directory;
    private final VirtualTime time = VirtualTime.create();
    private FileServerRun server;

    @FunctionalInterface
    private interface Client {
        void talk(ByteStream stream, Task<?> serving) throws Exception;
    }

    @BeforeEach
    void prepare() throws Exception {
        server = new FileServerRun(directory);
    }

    private void connect(Client client) {
        try (EventLoop loop = EventLoop.create(time.options())) {
            loop.runUntilComplete(
                    async(() -> {
                        loop.setDefaultExecutor(new SameThread());
                        List<MemoryStream> pair = MemoryStream.pair(loop);
                        Task<Void> serving =
                                createTask(() -> {
                                    try (ByteStream stream = pair.getLast()) {
                                        server.program.call("converse", stream);
                                    }
                                });
                        try (ByteStream stream = pair.getFirst()) {
                            client.talk(stream, serving);
                        }
                    }));
        }
    }

    @Test
    void idle_beforeAndAfterARequest_endsWhenItsTimeIsOver() {
        connect((stream, serving) -> {
            await(sleep(IDLE_TIME.minusSeconds(1)));
            send(stream, POST);
            assertThat(receive(stream)).startsWith("HTTP/1.1 200 ").endsWith("1.0");
            assertThat(receive(stream)).isEmpty();
            assertThat(time.now()).isEqualTo(IDLE_TIME.multipliedBy(2).minusSeconds(1));
        });
    }

    @Test
    void request_comesByteByByte_isCutOffWhenItsTimeIsOver() {
        for (String request :
                List.of("GET /hello.txt HTTP/1.1\r\nHost: x\r\nLong: ", POST.replace("3", "99"))) {
            Duration begin = time.now();
            connect((stream, serving) -> {
                send(stream, request);
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        await(sleep(Duration.ofSeconds(1)));
                                        send(stream, "1");
                                    }
                                })
                        .isInstanceOf(ConnectionResetException.class);
                assertThat(time.now().minus(begin)).isEqualTo(REQUEST_TIME);
            });
        }
    }

    @Test
    void answers_areNotRead_cutOffWhenTheTimeIsOver() {
        connect((stream, serving) -> {
            Task<Void> sender =
                    createTask(() -> {
                        while (true) {
                            send(stream, POST);
                        }
                    });
            await(serving);
            assertThat(time.now()).isEqualTo(REQUEST_TIME);
            assertThatThrownBy(() -> await(sender)).isInstanceOf(ConnectionResetException.class);
        });
    }

    @Test
    void file_isReadSlowly_allOfItHoweverLongThatTakes() {
        connect((stream, serving) -> {
            send(stream, "GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
            long count = 0;
            while (count < FileServerRun.big().length) {
                await(sleep(REQUEST_TIME.dividedBy(2)));
                String piece = receive(stream);
                assertThat(piece).isNotEmpty();
                count += piece.length();
            }
            assertThat(time.now()).isGreaterThan(REQUEST_TIME.multipliedBy(10));
        });
    }

    @Test
    void file_isNoLongerRead_cutOffWhenTheTimeIsOver() {
        connect((stream, serving) -> {
            send(stream, "GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
            await(sleep(Duration.ofSeconds(20)));
            receive(stream);
            await(serving);
            assertThat(time.now()).isEqualTo(Duration.ofSeconds(20).plus(REQUEST_TIME));
        });
    }

    @Test
    void file_becomesShorter_isReportedAndTheConnectionEnds() {
        connect((stream, serving) -> {
            send(stream, "GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(receive(stream)).contains("Content-Length: 2000000");
            try (FileChannel file =
                    FileChannel.open(server.root.resolve("big.bin"), StandardOpenOption.WRITE)) {
                file.truncate(500_000);
            }
            int count = 0;
            for (String piece = receive(stream); !piece.isEmpty(); piece = receive(stream)) {
                count += piece.length();
            }
            assertThat(count).isLessThanOrEqualTo(500_000);
            assertThatThrownBy(() -> await(serving)).hasRootCauseInstanceOf(EOFException.class);
        });
    }

    private static void send(ByteStream stream, String text) {
        await(stream.send(StandardCharsets.ISO_8859_1.encode(text)));
    }

    /// What is there, one character for each byte; empty at the end.
    private static String receive(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(100_000);
        await(stream.receive(buffer));
        return StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString();
    }

    /// Virtual time does not wait for threads, so there is none.
    private static final class SameThread extends AbstractExecutorService {
        private boolean shutdown;

        @Override
        public void execute(Runnable work) {
            work.run();
        }

        @Override
        public void shutdown() {
            shutdown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutdown;
        }

        @Override
        public boolean isTerminated() {
            return shutdown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
