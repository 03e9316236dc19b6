import static asyncio.Asyncio.*;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.net.Server;
import asyncio.net.StreamHandler;
import asyncio.process.Process;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.MemoryStream;
import asyncio.testing.CancelSweep;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The proxy: what it carries with memory at both sides, where time is virtual; the rest over
/// sockets.
class ProxyTest {
    private static final String HOST = "127.0.0.1";

    private final List<String> log = new ArrayList<>();
    private final VirtualTime time = VirtualTime.create();
    private Example proxy;

    @BeforeEach
    void setUp() throws ReflectiveOperationException {
        proxy = newProxy();
    }

    private Example newProxy() throws ReflectiveOperationException {
        Consumer<String> logging = log::add;
        return Example.of("Proxy").with("log", logging);
    }

    // In memory

    @Test
    void relay_oneSideEnds_theOtherGoesOn() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Relay relay = new Relay(1000);

                    await(relay.client.send(bytes(10)));
                    await(relay.client.sendEof());
                    assertThat(relay.upstream.inputStream().readAllBytes()).hasSize(10);
                    await(relay.upstream.send(bytes(500)));
                    await(relay.upstream.send(bytes(500)));
                    await(relay.upstream.sendEof());
                    assertThat(relay.client.inputStream().readAllBytes()).hasSize(1000);
                    await(relay.task);

                    assertThat(log).containsExactly("client: up 10 (ended), down 1000 (ended)");
                });
    }

    @Test
    void relay_anySideMoves_isNotIdle() {
        Peers.inVirtualTime(
                time,
                () -> {
                    proxy.with("idleTime", Duration.ofSeconds(60));
                    Relay relay = new Relay(1000);

                    for (int i = 0; i < 3; i++) {
                        await(sleep(Duration.ofSeconds(59)));
                        await(relay.client.send(bytes(1)));
                        await(sleep(Duration.ofSeconds(59)));
                        await(relay.upstream.send(bytes(2)));
                    }
                    await(relay.task);

                    assertThat(time.now()).isEqualTo(Duration.ofSeconds(6 * 59 + 60));
                    assertThat(log)
                            .containsExactly("client: up 3 (cut off), down 6 (cut off), idle");
                });
    }

    @Test
    void relay_byteAtTheVeryEndOfTheIdleTime_isNoFailure() {
        Peers.inVirtualTime(
                time,
                () -> {
                    proxy.with("idleTime", Duration.ofSeconds(60));
                    Relay relay = new Relay(1000);

                    getRunningLoop().callLater(Duration.ofSeconds(60), () -> trySend(relay.client));
                    await(relay.task);

                    assertThat(log).singleElement().asString().endsWith(", idle");
                });
    }

    @Test
    void relay_slowReader_holdsTheSenderBack() {
        Peers.inVirtualTime(
                time,
                () -> {
                    proxy.with("bufferBytes", 1000);
                    Relay relay = new Relay(1000);
                    byte[] data = random(1 << 20);
                    ByteBuffer sent = ByteBuffer.wrap(data);
                    Task<Void> sending =
                            createTask(() -> {
                                await(relay.client.send(sent));
                                await(relay.client.sendEof());
                            });

                    await(sleep(Duration.ofSeconds(30))); // nobody reads
                    assertThat(sent.position()).as("two streams, one buffer").isEqualTo(3000);

                    assertThat(relay.upstream.inputStream().readAllBytes()).isEqualTo(data);
                    await(sending);
                    relay.upstream.close();
                    await(relay.task);
                });
    }

    @Test
    void relay_rateLimit_isKept() {
        Peers.inVirtualTime(
                time,
                () -> {
                    proxy.with("maxBytesPerSecond", 10_000);
                    Relay relay = new Relay(1 << 20);

                    await(relay.client.send(bytes(100_000)));
                    await(relay.client.sendEof());
                    assertThat(relay.upstream.inputStream().readAllBytes()).hasSize(100_000);

                    assertThat(time.now()).isEqualTo(Duration.ofSeconds(10));
                    relay.upstream.close();
                    await(relay.task);
                });
    }

    @Test
    void relay_oneSideIsReset_theOtherIsToldAtOnce() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Relay relay = new Relay(1000);

                    relay.client.abort();

                    assertThatThrownBy(() -> await(relay.upstream.receive(ByteBuffer.allocate(1))))
                            .isInstanceOf(ConnectionResetException.class);
                    await(relay.task);
                    assertThat(time.now()).isZero();
                    assertThat(log).singleElement().asString().contains("up 0 (Connection lost");
                });
    }

    // Over sockets

    @Test
    void proxy_megabytesBothWaysAtOnce_arriveAsTheyWere() {
        byte[] there = random(3_000_000);
        byte[] back = random(5_000_001);
        List<byte[]> received = new ArrayList<>();
        StreamHandler exchange = stream -> received.add(exchange(stream, back));
        Peers.inLoop(() -> {
            try (Server upstream = await(serve(exchange, HOST, 0));
                    Server server = listen(upstream);
                    ByteStream client = await(connect(HOST, port(server)))) {
                assertThat(exchange(client, there)).isEqualTo(back);
                await(client.aclose());
                await(server.aclose());
                await(upstream.aclose());
            }
            assertThat(received).singleElement().isEqualTo(there);
            assertThat(proxy.get("upBytes")).isEqualTo(3_000_000L);
            assertThat(proxy.get("downBytes")).isEqualTo(5_000_001L);
        });
    }

    @Test
    void proxy_upstreamRefuses_closesTheClientAndSaysWhy() {
        Peers.inLoop(() -> {
            try (Socket bound = Peers.boundSocket()) {
                proxy.with("upstreamPort", bound.getLocalPort());
                Server server = (Server) await(proxy.coroutine("listen", 0));
                try (server;
                        ByteStream client = await(connect(HOST, port(server)))) {
                    assertThat(await(client.receive(ByteBuffer.allocate(1)))).isEqualTo(-1);
                    await(server.aclose());
                }
                assertThat(log)
                        .singleElement()
                        .asString()
                        .contains(": no upstream: ", String.valueOf(bound.getLocalPort()));
                assertThat(proxy.get("unconnected")).isEqualTo(1);
            }
        });
    }

    @Test
    void proxy_limitReached_othersWaitForTheirTurn() {
        Peers.inLoop(() -> {
            proxy.with("maxConnections", 2);
            try (Server upstream = await(serve(ProxyTest::echo, HOST, 0));
                    Server server = listen(upstream);
                    ByteStream first = await(connect(HOST, port(server)));
                    ByteStream second = await(connect(HOST, port(server)));
                    ByteStream third = await(connect(HOST, port(server)))) {
                await(third.send(bytes(1)));
                for (int i = 0; i < 5; i++) {
                    assertEchoed(first);
                    assertEchoed(second);
                }
                assertThat(proxy.get("connections")).isEqualTo(2);

                await(first.aclose());

                assertThat(await(third.receive(ByteBuffer.allocate(10)))).isEqualTo(1);
                assertThat(proxy.get("connections")).isEqualTo(3);
                await(second.aclose());
                await(third.aclose());
                await(server.aclose());
                await(upstream.aclose());
            }
        });
    }

    @Test
    void program_stopped_letsConnectionsFinish() {
        Peers.inLoop(() -> {
            try (Server upstream = await(serve(ProxyTest::echo, HOST, 0))) {
                Task<?> program = start(upstream);
                int port = loggedPort();
                try (ByteStream client = await(connect(HOST, port))) {
                    assertEchoed(client);

                    program.cancel();
                    await(sleep(Duration.ZERO));
                    assertThatThrownBy(() -> await(connect(HOST, port)))
                            .isInstanceOf(ConnectException.class);
                    assertEchoed(client); // still
                }
                await(gatherOutcomes(program));
                await(upstream.aclose());
            }
            assertThat(log).endsWith("1 connections, 0 without upstream", "bytes: up 20, down 20");
        });
    }

    @Test
    void program_stoppedAndGraceOver_cutsConnectionsOff() {
        Peers.inLoop(() -> {
            proxy.with("grace", Duration.ZERO);
            try (Server upstream = await(serve(ProxyTest::echo, HOST, 0))) {
                Task<?> program = start(upstream);
                try (ByteStream client = await(connect(HOST, loggedPort()))) {
                    assertEchoed(client);

                    program.cancel();
                    await(gatherOutcomes(program));

                    assertThat(program.isCancelled()).isTrue();
                    assertThat(endOf(client)).isTrue();
                    await(upstream.aclose()); // ends: nothing was left open there
                }
            }
            assertThat(log).anyMatch(line -> line.endsWith("up 10 (cut off), down 10 (cut off)"));
            assertThat(log).endsWith("bytes: up 10, down 10");
        });
    }

    /// Whatever the moment: both connections are closed, or `aclose` would never end.
    @Test
    void proxy_cancelledAtAnyMoment_leavesNothingOpen() {
        int moments =
                CancelSweep.inRealTime(
                        0,
                        victim -> {
                            Example fresh = newProxy();
                            StreamHandler cancellable =
                                    stream -> {
                                        victim.is(currentTask());
                                        fresh.call("proxy", stream);
                                    };
                            try (Server upstream = await(serve(ProxyTest::echo, HOST, 0));
                                    Server server = await(serve(cancellable, HOST, 0));
                                    ByteStream client = await(connect(HOST, port(server)))) {
                                fresh.with("upstreamPort", port(upstream));
                                try {
                                    assertEchoed(client);
                                } catch (IOException | AssertionError e) {
                                    assertThat(victim.wasCancelled()).isTrue();
                                }
                                await(client.aclose());
                                await(server.aclose());
                                await(upstream.aclose());
                            }
                        });

        assertThat(moments).isGreaterThan(5);
    }

    // Real programs at both sides

    @Test
    @Tag("peers")
    void process_curlToAServerOfPython_getsTheFile(@TempDir Path directory) throws Exception {
        byte[] content = random(2_000_000);
        Files.write(directory.resolve("file.bin"), content);
        Path copy = directory.resolve("copy.bin");
        String script =
                """
                import functools, http.server, sys
                class Quiet(http.server.SimpleHTTPRequestHandler):
                    def log_message(self, *args): pass
                handler = functools.partial(Quiet, directory=sys.argv[1])
                with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
                    print("listening on port", server.server_port)
                    server.serve_forever()
                """;
        Peers.inLoop(() -> {
            try (Process python = await(Peers.python(script, directory))) {
                String upstreamPort = String.valueOf(Peers.port(python));
                try (Process proxying = await(Peers.example("Proxy", "0", HOST, upstreamPort))) {
                    String url = "http://" + HOST + ":" + Peers.port(proxying) + "/file.bin";
                    List<String> command =
                            List.of("curl", "--noproxy", "*", "-sSf", "-o", copy.toString(), url);
                    try (Process curl = await(Peers.start(command, "curl"))) {
                        assertThat(Peers.rest(curl)).isEmpty();
                    }
                    proxying.terminate();
                    assertThat(Peers.rest(proxying))
                            .containsPattern("up \\d+ \\(.+\\), down 2000\\d\\d\\d \\(ended\\)\n")
                            .contains("1 connections, 0 without upstream\n");
                }
            }
        });
        assertThat(Files.readAllBytes(copy)).isEqualTo(content);
    }

    /// A client and a server in memory, and the proxy's two ends between them.
    private final class Relay {
        final ByteStream client;
        final ByteStream upstream;
        final Task<?> task;

        Relay(int capacityBytes) throws ReflectiveOperationException {
            var here = MemoryStream.pair(getRunningLoop(), capacityBytes);
            var there = MemoryStream.pair(getRunningLoop(), capacityBytes);
            client = here.getFirst();
            upstream = there.getFirst();
            task =
                    createTask(
                            proxy.coroutine("relay", "client", here.getLast(), there.getLast()),
                            "relay");
        }
    }

    private Server listen(Server upstream) throws ReflectiveOperationException {
        proxy.with("upstreamPort", port(upstream));
        return (Server) await(proxy.coroutine("listen", 0));
    }

    private Task<?> start(Server upstream) throws ReflectiveOperationException {
        proxy.with("upstreamPort", port(upstream));
        Task<?> program = createTask(proxy.coroutine("program", 0), "program");
        while (log.isEmpty()) {
            await(sleep(Duration.ZERO));
        }
        return program;
    }

    private int loggedPort() {
        return Integer.parseInt(log.getFirst().replace("listening on port ", ""));
    }

    private static int port(Server server) {
        return server.localAddress().getPort();
    }

    private static void echo(ByteStream stream) throws IOException {
        stream.inputStream().transferTo(stream.outputStream());
    }

    private static void assertEchoed(ByteStream client) throws IOException {
        await(client.send(bytes(10)), IOException.class);
        assertThat(client.inputStream().readNBytes(10)).isEqualTo(random(10));
    }

    /// Whether the other side has gone, with or without a reset.
    private static boolean endOf(ByteStream client) throws IOException {
        try {
            return await(client.receive(ByteBuffer.allocate(1)), IOException.class) < 0;
        } catch (ConnectionResetException e) {
            return true;
        }
    }

    /// Sends and receives at the same time, up to the end of both.
    private static byte[] exchange(ByteStream stream, byte[] data) {
        return await(
                taskGroup(group -> {
                    group.createTask(() -> {
                        await(stream.send(ByteBuffer.wrap(data)));
                        await(stream.sendEof());
                    });
                    return stream.inputStream().readAllBytes();
                }));
    }

    private static void trySend(ByteStream stream) {
        try {
            assertThat(stream.trySend(bytes(1))).isEqualTo(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.wrap(random(count));
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
