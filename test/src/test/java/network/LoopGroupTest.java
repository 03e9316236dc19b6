package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.SystemExit;
import asyncio.net.LoopGroup;
import asyncio.net.LoopGroupOptions;
import asyncio.net.Net;
import asyncio.net.ServerOptions;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several loops that serve one address.
@Spec({"IO-4", "IO-5"})
@ExtendWith(NothingLeft.class)
class LoopGroupTest {
    private static final int LOOPS = 3;
    private static final int CLIENTS = 60;

    private final RecordingLogger logger = new RecordingLogger();

    private LoopGroupOptions options(boolean sharedPort) {
        return LoopGroupOptions.DEFAULT
                .loops(LOOPS)
                .sharedPort(sharedPort)
                .loop(LoopOptions.defaults().logger(logger));
    }

    /// Tells the number of the loop that serves, and checks that it is the one that made the handler.
    private static StreamHandler teller(AtomicInteger counter) {
        EventLoop home = getRunningLoop();
        int number = counter.getAndIncrement();
        int[] served = {0}; // confined to this loop
        return stream -> {
            assertThat(getRunningLoop()).isSameAs(home);
            served[0]++;
            Streams.send(stream, number + " " + served[0]);
        };
    }

    private static SocketChannel open(LoopGroup group) throws IOException {
        return SocketChannel.open(group.localAddress());
    }

    private static String receiveAll(SocketChannel client) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(1000);
        while (client.read(answer) >= 0) {
            assertThat(answer.hasRemaining()).isTrue();
        }
        return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }

    /// How many connections each loop served, by its own count.
    private static Map<Integer, Integer> spread(LoopGroup group) throws IOException {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int i = 0; i < CLIENTS; i++) {
            try (SocketChannel client = open(group)) {
                String[] words = receiveAll(client).split(" ", 2);
                counts.put(Integer.valueOf(words[0]), Integer.valueOf(words[1]));
            }
        }
        return counts;
    }

    @Test
    void serve_oneLoopAccepts_eachGetsTheSameNumber() throws IOException {
        AtomicInteger counter = new AtomicInteger();
        try (LoopGroup group =
                LoopGroup.serve(() -> teller(counter), HOST, 0, options(false)).join()) {
            assertThat(group.loops()).hasSize(LOOPS).doesNotHaveDuplicates();
            assertThat(spread(group).values()).containsExactly(20, 20, 20);
        }
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void serve_sharedPort_allLoopsServe() throws IOException {
        AtomicInteger counter = new AtomicInteger();
        try (LoopGroup group =
                LoopGroup.serve(() -> teller(counter), HOST, 0, options(true)).join()) {
            Map<Integer, Integer> counts = spread(group);
            assertThat(counts).hasSize(LOOPS);
            assertThat(counts.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(CLIENTS);
        }
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void startServer_readersAndWriters_areServed() throws IOException {
        try (LoopGroup group = LoopGroup.startServer(
                                () -> (reader, writer) -> {
                                    writer.write(await(reader.readLine()));
                                    writer.close();
                                },
                                HOST,
                                0)
                        .join();
                SocketChannel client = open(group)) {
            client.write(ByteBuffer.wrap("line\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(receiveAll(client)).isEqualTo("line\n");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_grace_letsHandlersFinish(boolean sharedPort) throws IOException {
        LoopGroup group = LoopGroup.serve(() -> Streams::echo, HOST, 0, options(sharedPort))
                .join();
        InetSocketAddress address = group.localAddress();
        SocketChannel client = open(group);
        client.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
        assertThat(client.read(ByteBuffer.allocate(10))).isEqualTo(5);
        CompletableFuture<Integer> stopped = group.stop(Streams.FOR_EVER);
        assertThat(group.termination()).isNotDone();
        client.close();

        assertThat(stopped.join()).isZero();
        assertThat(group.termination()).isCompleted();
        assertThat(group.loops()).allMatch(EventLoop::isClosed);
        assertThat(group.localAddress()).isEqualTo(address);
        assertThatThrownBy(() -> SocketChannel.open(address)).isInstanceOf(IOException.class);
        group.close();
    }

    @Test
    void stop_withoutGrace_countsWhatWasCutOff() throws IOException {
        LoopGroup group =
                LoopGroup.serve(() -> Streams::echo, HOST, 0, options(false)).join();
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SocketChannel client = open(group);
            client.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(1);
            clients.add(client);
        }

        assertThat(group.stop(Duration.ZERO).join()).isEqualTo(5);
        for (SocketChannel client : clients) {
            client.close();
        }
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stop_whileConnectionsCome_leavesNoneOpen(boolean sharedPort) throws IOException {
        for (int round = 0; round < 5; round++) {
            LoopGroup group = LoopGroup.serve(() -> Streams::echo, HOST, 0, options(sharedPort))
                    .join();
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(open(group));
            }
            CompletableFuture<Integer> stopped = group.stop(Duration.ZERO);
            for (SocketChannel client : clients) {
                assertThat(isAtItsEnd(client)).isTrue(); // accepted, on its way to a loop, or neither
                client.close();
            }
            assertThat(stopped.join()).isBetween(0, clients.size());
        }
    }

    private static boolean isAtItsEnd(SocketChannel client) {
        try {
            return client.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true; // reset
        }
    }

    @Test
    void group_ofALoop_isStartedAndStoppedByAwaiting() {
        run(() -> {
            LoopGroup group = await(LoopGroup.serve(() -> Streams::echo, HOST, 0, options(true)));
            assertThatThrownBy(group::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("await(group.stop(...))");
            try (ByteStream client =
                    await(Net.connect(HOST, group.localAddress().getPort()))) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
            await(group.stop(Streams.FOR_EVER));
            await(group.termination());
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loop_fails_isReportedAndEndsTheGroup(boolean sharedPort) throws IOException {
        LoopGroup group = LoopGroup.serve(
                        () -> stream -> {
                            throw new SystemExit(3);
                        },
                        HOST,
                        0,
                        options(sharedPort))
                .join();
        CompletableFuture<?> termination = group.termination();
        open(group).close();

        assertThatThrownBy(termination::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(SystemExit.class);
        assertThat(group.loops()).allMatch(EventLoop::isClosed);
        assertThat(logger.messagesWith("a loop of a group failed, which ends the group"))
                .hasSize(1);
        group.close();
    }

    @Test
    void handlerFails_isReportedAndTheGroupGoesOn() throws IOException {
        AtomicInteger counter = new AtomicInteger();
        try (LoopGroup group = LoopGroup.serve(
                        () -> stream -> {
                            if (counter.getAndIncrement() == 0) {
                                throw new IOException("broken");
                            }
                            Streams.send(stream, "served");
                        },
                        HOST,
                        0,
                        options(false))
                .join()) {
            try (SocketChannel client = open(group)) {
                assertThat(receiveAll(client)).isEmpty();
            }
            try (SocketChannel client = open(group)) {
                assertThat(receiveAll(client)).isEqualTo("served");
            }
        }
        assertThat(logger.messagesWith("Unhandled exception in client_connected_cb"))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void start_handlerCannotBeMade_fails(boolean sharedPort) {
        AtomicInteger counter = new AtomicInteger();
        CompletableFuture<LoopGroup> started = LoopGroup.serve(
                () -> {
                    if (counter.incrementAndGet() == LOOPS) {
                        throw new IOException("no database");
                    }
                    return Streams::echo;
                },
                HOST,
                0,
                options(sharedPort));

        assertThatThrownBy(started::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("no database");
        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void start_addressInUse_fails() throws IOException {
        try (ServerSocketChannel taken = ServerSocketChannel.open()) {
            taken.bind(Streams.loopback(0));
            int port = ((InetSocketAddress) Objects.requireNonNull(taken.getLocalAddress())).getPort();
            CompletableFuture<LoopGroup> started = LoopGroup.serve(() -> Streams::echo, HOST, port, options(true));

            assertThatThrownBy(started::join)
                    .hasCauseInstanceOf(BindException.class)
                    .hasMessageContaining("127.0.0.1:" + port);
        }
    }

    @Test
    void start_cancelled_endsTheLoops() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<EventLoop> loop = new AtomicReference<>();
        CompletableFuture<LoopGroup> started = LoopGroup.serve(
                () -> {
                    loop.set(getRunningLoop());
                    begun.countDown();
                    await(sleep(Duration.ofMillis(20)));
                    return Streams::echo;
                },
                HOST,
                0,
                options(true).loops(1));
        begun.await();
        started.cancel(false);

        assertThat(started).isCancelled();
        while (!loop.get().isClosed()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void limit_oneLoopAccepts_isThatOfEachLoop() throws IOException {
        ServerOptions server = ServerOptions.DEFAULT.maxConnections(1);
        try (LoopGroup group = LoopGroup.serve(
                        () -> Streams::echo, HOST, 0, options(false).loops(2).server(server))
                .join()) {
            for (int round = 0; round < 3; round++) {
                SocketChannel first = open(group);
                try (SocketChannel second = open(group);
                        SocketChannel third = open(group)) {
                    assertThat(echoed(first)).isTrue();
                    assertThat(echoed(second)).isTrue();
                    first.close();
                    assertThat(echoed(third)).isTrue(); // waited for the first one
                }
            }
        }
    }

    private static boolean echoed(SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
        return client.read(ByteBuffer.allocate(1)) == 1;
    }

    @Test
    void create_badInput_isRefusedAtOnce() {
        assertThatThrownBy(() -> LoopGroup.serve(() -> Streams::echo, "", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host must not be empty");
        assertThatThrownBy(() -> LoopGroup.serve(() -> Streams::echo, HOST, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port must be 0 to 65535: got -1");
        assertThatThrownBy(() -> LoopGroupOptions.DEFAULT.loops(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loops must be positive: got 0");
        LoopGroup group =
                LoopGroup.serve(() -> Streams::echo, HOST, 0, options(true)).join();
        assertThatThrownBy(() -> group.stop(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("grace must not be negative");
        assertThat(group.toString()).startsWith("<LoopGroup serving loops=3 [");
        group.close();
        assertThat(group.toString()).startsWith("<LoopGroup terminated ");
        assertThat(Asyncio.run(async(() -> 1))).isEqualTo(1);
    }
}
