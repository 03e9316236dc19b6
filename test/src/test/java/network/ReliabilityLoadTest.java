package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.net.Server;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.sync.Event;
import asyncio.sync.Semaphore;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many connections, one after the other and at once, on loopback sockets.
///
/// The numbers are reduced in the normal build; `-Dreliability.full=true` gives the full ones, as `./verify-peers`
/// does.
@ExtendWith(NothingLeft.class)
@Tag("load")
class ReliabilityLoadTest {
    private static final String HOST = "127.0.0.1";
    private static final boolean FULL = Boolean.getBoolean("reliability.full");
    private static final int CHURN = FULL ? 100_000 : 2_000;
    private static final int IDLE = FULL ? 10_000 : 2_000;
    private static final int STORM = 200;
    private static final int AT_ONCE = 32; // fewer than the system keeps for a server that has not accepted yet
    private static final int SPARE_DESCRIPTORS = 200;
    private static final Duration LIMIT = Duration.ofMinutes(5); // a hang fails, whatever the machine is doing

    /// One message there and back; then the client throws the connection away, so that no port waits for its end.
    @Test
    void connections_manyOneAfterTheOther_allAreServedAndGone() {
        long before = Descriptors.channels();
        int[] served = {0};
        int[] answered = {0};
        StreamHandler handler = stream -> {
            served[0]++;
            try {
                stream.inputStream().transferTo(stream.outputStream());
            } catch (ConnectionResetException e) {
                assertThat(e).isNotNull(); // the client's end
            }
        };
        long begin = System.nanoTime();

        Asyncio.run(() -> {
            try (Server server = await(serve(handler, HOST, 0))) {
                int port = server.localAddress().getPort();
                await(timeout(
                        LIMIT,
                        () -> await(taskGroup(group -> {
                            int[] begun = {0};
                            for (int i = 0; i < AT_ONCE; i++) {
                                group.createTask(() -> {
                                    while (begun[0]++ < CHURN) {
                                        ByteStream client = await(connect(HOST, port));
                                        try {
                                            await(client.send(ByteBuffer.wrap(new byte[16])));
                                            assertThat(client.inputStream().readNBytes(16))
                                                    .hasSize(16);
                                            answered[0]++;
                                        } finally {
                                            client.abort();
                                        }
                                    }
                                });
                            }
                        }))));
                await(timeout(LIMIT, () -> {
                    while (Asyncio.allTasks().size() > 1) { // handlers that have not met the reset yet
                        await(Asyncio.sleep(Duration.ofMillis(1)));
                    }
                }));
            }
        });

        System.out.println("reliability: " + CHURN + " connections one after the other, " + AT_ONCE + " at once, in "
                + (System.nanoTime() - begin) / 1_000_000 + " ms");
        assertThat(answered[0]).isEqualTo(CHURN);
        assertThat(served[0]).isEqualTo(CHURN);
        assertThat(Descriptors.channels()).isLessThanOrEqualTo(before);
    }

    /// More than the system keeps for a server that has not accepted yet: it may reset some, which try again.
    @Test
    void connections_manyAtTheSameMoment_allAreServed() {
        int[] answered = {0};
        int[] refused = {0};
        Asyncio.run(() -> {
            StreamHandler handler = stream -> stream.inputStream().transferTo(stream.outputStream());
            try (Server server = await(serve(handler, HOST, 0))) {
                int port = server.localAddress().getPort();
                await(timeout(
                        LIMIT,
                        () -> await(taskGroup(group -> {
                            for (int i = 0; i < STORM; i++) {
                                group.createTask(() -> {
                                    while (!askOnce(port)) {
                                        refused[0]++;
                                    }
                                    answered[0]++;
                                });
                            }
                        }))));
            }
        });
        System.out.println("reliability: " + STORM + " connections at the same moment, " + refused[0] + " tries again");
        assertThat(answered[0]).isEqualTo(STORM);
    }

    /// Whether there was an answer; false for a reset.
    private static boolean askOnce(int port) throws IOException {
        try (ByteStream client = await(connect(HOST, port))) {
            await(client.send(ByteBuffer.wrap(new byte[16])));
            await(client.sendEof());
            return client.inputStream().readAllBytes().length == 16;
        } catch (ConnectionResetException e) {
            return false;
        }
    }

    /// The clients are in a JVM of their own: two ends of a connection need two descriptors.
    @Test
    @Spec("IO-16") // asyncio's selector loop on Windows ends at 512
    void connections_manyIdle_areHeldAndThenServed() {
        int count = (int) Math.min(IDLE, Descriptors.free() - SPARE_DESCRIPTORS);
        assertThat(count)
                .as("connections that the limit of descriptors allows; raise the hard limit (ulimit -Hn)")
                .isEqualTo(IDLE);
        int[] waiting = {0};
        int[] served = {0};

        Asyncio.run(() -> {
            Event all = new Event();
            StreamHandler handler = stream -> {
                if (++waiting[0] == count) {
                    all.set();
                }
                assertThat((int) await(stream.receive(ByteBuffer.allocate(1)))).isEqualTo(1);
                served[0]++;
            };
            long before = usedMemory();
            try (Server server = await(serve(handler, HOST, 0));
                    Clients clients = new Clients(server.localAddress().getPort(), count)) {
                await(timeout(LIMIT, () -> await(all.awaitSet())));
                System.out.println("reliability: " + count + " idle connections, " + (usedMemory() - before) / count
                        + " bytes of heap for each on the server's side");
                clients.send();
                await(timeout(LIMIT, () -> {
                    while (served[0] < count) {
                        await(Asyncio.sleep(Duration.ofMillis(1)));
                    }
                }));
            }
        });

        assertThat(served[0]).isEqualTo(count);
    }

    private static long usedMemory() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /// A JVM with the clients.
    private static final class Clients implements AutoCloseable {
        private final Process process;

        Clients(int port, int count) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-opens=java.base/java.lang=ALL-UNNAMED",
                            "-Dasyncio.engine=" + System.getProperty("asyncio.engine", "auto"),
                            "-Xmx1g",
                            "-cp",
                            System.getProperty("java.class.path"),
                            IdleClients.class.getName(),
                            Integer.toString(port),
                            Integer.toString(count))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
        }

        void send() throws IOException {
            try (OutputStream input = process.getOutputStream()) {
                input.write("send\n".getBytes(StandardCharsets.UTF_8));
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /// The program of that JVM: connects, waits for a line, sends a byte on each connection and closes it.
    static final class IdleClients {
        private IdleClients() {}

        public static void main(String[] arguments) {
            int port = Integer.parseInt(arguments[0]);
            int count = Integer.parseInt(arguments[1]);
            Asyncio.run(() -> {
                Semaphore turns = new Semaphore(AT_ONCE);
                Event send = new Event();
                await(taskGroup(group -> {
                    for (int i = 0; i < count; i++) {
                        await(turns.acquire());
                        group.createTask(() -> {
                            try (ByteStream stream = connected(port, turns)) {
                                await(send.awaitSet());
                                await(stream.send(ByteBuffer.wrap(new byte[1])));
                            }
                        });
                    }
                    await(Asyncio.toThread(IdleClients::readLine));
                    send.set();
                }));
            });
        }

        private static ByteStream connected(int port, Semaphore turns) {
            try {
                return await(connect(HOST, port));
            } finally {
                turns.release();
            }
        }

        private static void readLine() throws IOException {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                reader.readLine();
            }
        }
    }
}
