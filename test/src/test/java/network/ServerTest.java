package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.LoopOptions;
import asyncio.ReturnWhen;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.net.Net;
import asyncio.net.Resolver;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamHandler;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers on real sockets of this machine.
@Spec({"IO-4", "IO-5"})
@ExtendWith(NothingLeft.class)
class ServerTest {
    private final RecordingLogger logger = new RecordingLogger();

    private static ByteStream client(Server server) {
        return await(connect(HOST, server.localAddress().getPort()));
    }

    private static Resolver giving(String... literals) {
        List<InetAddress> addresses =
                Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
        return host -> async(() -> addresses);
    }

    private static void waitFor(Future<?> future) {
        await(asyncio.Asyncio.waitUntil(List.of(future), ReturnWhen.ALL_COMPLETED));
    }

    // Where it listens

    @Test
    void serve_severalHosts_listensAtEachOnce() {
        ServerOptions options = ServerOptions.DEFAULT.resolver(giving("127.0.0.2", HOST, HOST));
        run(() -> {
            try (Server server = await(serve(Streams::echo, List.of(HOST, "both.test", HOST), 0, options))) {
                assertThat(server.sockets()).hasSize(2);
                assertThat(server.localAddresses())
                        .extracting(address -> ((InetSocketAddress) address).getHostString())
                        .containsExactly(HOST, "127.0.0.2");
                for (Object address : server.localAddresses()) {
                    InetSocketAddress place = (InetSocketAddress) address;
                    try (ByteStream client = await(connect(place.getHostString(), place.getPort()))) {
                        assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                    }
                }
            }
        });
    }

    @Test
    void serve_allInterfaces_haveToBeAskedFor() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, Net.ALL_INTERFACES, 0))) {
                assertThat(server.localAddress().getAddress().isAnyLocalAddress())
                        .isTrue();
                try (ByteStream client = client(server)) {
                    assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                }
            }
        });
        assertThatThrownBy(() -> serve(Streams::echo, "", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Net.ALL_INTERFACES");
    }

    @Test
    void serve_allInterfacesInSeveralForms_areListenedOnOnce() {
        run(() -> {
            try (Server server = await(
                    serve(Streams::echo, List.of("0.0.0.0", Net.ALL_INTERFACES, "::"), 0, ServerOptions.DEFAULT))) {
                assertThat(server.sockets()).hasSize(1);
                try (ByteStream client = client(server)) {
                    assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                }
            }
        });
    }

    @Test
    void serve_addressInUse_namesItAndLeavesNothingOpen() {
        run(() -> {
            try (Server first = await(serve(Streams::echo, HOST, 0))) {
                int port = first.localAddress().getPort();
                ServerOptions options = ServerOptions.DEFAULT.resolver(giving("127.0.0.2", HOST));
                assertThatThrownBy(() -> await(serve(Streams::echo, "both.test", port, options)))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("error while attempting to bind on address 127.0.0.1:" + port + ":");
                try (ServerSocketChannel again = ServerSocketChannel.open()) {
                    again.bind(new InetSocketAddress(
                            InetAddress.ofLiteral("127.0.0.2"), port)); // which was bound, and is free again
                }
            }
        });
    }

    @Test
    void serve_addressOfAnotherMachine_isLeftOutUnlessNoneRemains() {
        ServerOptions options = ServerOptions.DEFAULT.resolver(giving("203.0.113.7", HOST));
        run(() -> {
            try (Server server = await(serve(Streams::echo, "both.test", 0, options))) {
                assertThat(server.localAddresses()).hasSize(1);
            }
            assertThatThrownBy(() -> await(serve(Streams::echo, "203.0.113.7", 0)))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("could not bind on any address out of [203.0.113.7:0]");
        });
    }

    @Test
    void serve_sharedPort_twoServersListen() {
        ServerOptions options = ServerOptions.DEFAULT.reusePort(true);
        run(() -> {
            try (Server first = await(serve(Streams::echo, HOST, 0, options));
                    Server second = await(
                            serve(Streams::echo, HOST, first.localAddress().getPort(), options))) {
                assertThat(second.localAddress()).isEqualTo(first.localAddress());
            }
        });
    }

    @Test
    void serve_ownSocket_isUsed() {
        run(() -> {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.bind(Streams.loopback(0));
            try (Server server = await(serve(Streams::echo, channel, ServerOptions.DEFAULT));
                    ByteStream client = client(server)) {
                assertThat(server.sockets()).containsExactly(channel);
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
            assertThat(channel.isOpen()).isFalse();
        });
    }

    @Test
    void serve_ownSocketNotBound_isRefused() {
        run(() -> {
            ServerSocketChannel channel = ServerSocketChannel.open();
            assertThatThrownBy(() -> await(serve(Streams::echo, channel, ServerOptions.DEFAULT)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("channel must be bound");
            assertThat(channel.isOpen()).isFalse();
            assertThatThrownBy(() -> serve(Streams::echo, channel, ServerOptions.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("channel must be open");
        });
    }

    // Handlers

    @Test
    void streamHandler_returns_streamIsClosed() {
        run(() -> {
            try (Server server = await(serve(stream -> Streams.send(stream, "bye"), HOST, 0));
                    ByteStream client = client(server)) {
                assertThat(Streams.receiveAll(client)).isEqualTo("bye");
            }
        });
    }

    @Test
    @Spec({"ST-1", "F-ST-9"})
    void streamHandler_fails_isReportedAndClosed() {
        run(
                () -> {
                    try (Server server = await(serve(
                                    stream -> {
                                        throw new IOException("handler is broken");
                                    },
                                    HOST,
                                    0));
                            ByteStream client = client(server)) {
                        assertThat(Streams.receiveAll(client)).isEmpty();
                        assertThat(server.isServing()).isTrue();
                    }
                },
                Streams.recordedBy(logger));

        assertThat(logger.messagesWith("Unhandled exception in client_connected_cb"))
                .singleElement()
                .satisfies(message -> assertThat(message).contains("task: "));
        assertThat(Streams.findings(logger)).hasSize(1);
    }

    @Test
    void streamHandler_failsWithAnError_isReportedToo() {
        run(
                () -> {
                    try (Server server = await(serve(
                                    stream -> {
                                        throw new StackOverflowError();
                                    },
                                    HOST,
                                    0));
                            ByteStream client = client(server)) {
                        assertThat(Streams.receiveAll(client)).isEmpty();
                    }
                },
                Streams.recordedBy(logger));

        assertThat(logger.messagesWith("Unhandled exception in client_connected_cb"))
                .hasSize(1);
    }

    @Test
    void streamHandler_exitsTheProgram_endsTheLoop() {
        assertThatThrownBy(() -> run(() -> {
                    try (Server server = await(serve(
                                    stream -> {
                                        throw new SystemExit(3);
                                    },
                                    HOST,
                                    0));
                            ByteStream client = client(server)) {
                        Streams.receiveAll(client);
                    }
                }))
                .isInstanceOf(SystemExit.class)
                .isNotInstanceOf(KeyboardInterrupt.class);
    }

    @Test
    void streamHandler_context_isThatOfTheServer() {
        asyncio.ContextVar<String> user = asyncio.ContextVar.withDefault("user", "nobody");
        run(() -> {
            user.set("server");
            try (Server server = await(serve(stream -> Streams.send(stream, user.get()), HOST, 0))) {
                user.set("client");
                try (ByteStream client = client(server)) {
                    assertThat(Streams.receiveAll(client)).isEqualTo("server");
                }
            }
        });
    }

    @Test
    @Spec("ST-1")
    void connectionHandler_returnsWithoutClosing_connectionStaysOpen() {
        List<StreamWriter> writers = new ArrayList<>();
        run(() -> {
            Server server = await(startServer((reader, writer) -> writers.add(writer), HOST, 0));
            try (StreamPair client =
                    await(openConnection(HOST, server.localAddress().getPort()))) {
                while (writers.isEmpty()) {
                    await(sleep(Duration.ofMillis(1)));
                }
                server.close();
                Task<@Nullable Void> closed = createTask(server.waitClosed());
                Streams.yieldTurns(5);
                assertThat(server.connectionCount()).isEqualTo(1);
                assertThat(closed.isDone()).isFalse();

                writers.getFirst().write("late\n".getBytes(StandardCharsets.UTF_8));
                writers.getFirst().close();
                assertThat(new String(await(client.reader().readLine()), StandardCharsets.UTF_8))
                        .isEqualTo("late\n");
                await(closed);
                assertThat(server.connectionCount()).isZero();
            }
        });
    }

    @Test
    void upgrade_runsInTheTaskOfTheConnection() {
        ServerOptions options = ServerOptions.DEFAULT.tls(lower -> async(() -> {
            Streams.send(lower, "upgraded ");
            return lower;
        }));
        run(() -> {
            try (Server server = await(serve(stream -> Streams.send(stream, "served"), HOST, 0, options));
                    ByteStream client = client(server)) {
                assertThat(Streams.receiveAll(client)).isEqualTo("upgraded served");
            }
        });
    }

    @Test
    void upgrade_fails_isReportedOnceInAWhile() {
        ServerOptions options = ServerOptions.DEFAULT.tls(lower -> async(() -> {
            throw new IOException("no common cipher");
        }));
        run(
                () -> {
                    try (Server server = await(serve(Streams::echo, HOST, 0, options))) {
                        for (int i = 0; i < 3; i++) {
                            try (ByteStream client = client(server)) {
                                assertThat(Streams.receiveAll(client)).isEmpty();
                            }
                        }
                    }
                },
                Streams.recordedBy(logger));

        assertThat(logger.messagesWith("handshake failed")).isNotEmpty();
        assertThat(logger.messagesWith("client_connected_cb")).isEmpty();
    }

    @Test
    void upgrade_slow_doesNotHoldUpOthers() {
        ServerOptions options = ServerOptions.DEFAULT.tls(lower -> async(() -> {
            assertThat(Streams.receive(lower)).isEqualTo("hello");
            return lower;
        }));
        run(() -> {
            try (Server server = await(serve(stream -> Streams.send(stream, "served"), HOST, 0, options));
                    ByteStream silent = client(server);
                    ByteStream client = client(server)) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("served");
                Streams.send(silent, "hello");
                assertThat(Streams.receive(silent)).isEqualTo("served");
            }
        });
    }

    // The end

    @Test
    void close_connectionsLiveOnAndNewOnesAreRefused() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0));
            InetSocketAddress address = server.localAddress();
            try (ByteStream client = client(server)) {
                assertThat(Streams.ask(client, "before")).isEqualTo("before");
                server.close();
                server.close();
                assertThat(server.sockets()).isEmpty();
                assertThat(server.localAddresses()).isEmpty();
                assertThatThrownBy(server::localAddress).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> await(connect(HOST, address.getPort())))
                        .isInstanceOf(ConnectException.class);
                assertThat(Streams.ask(client, "after")).isEqualTo("after");
            }
            await(server.waitClosed());
        });
    }

    @Test
    @Spec("F-SV-2")
    void waitClosed_endsWhenClosedAndWithoutConnections_inEitherOrder() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0));
            Task<@Nullable Void> closed = createTask(server.waitClosed());
            ByteStream client = client(server);
            assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            client.close();
            while (server.connectionCount() > 0) {
                await(sleep(Duration.ofMillis(1)));
            }
            Streams.yieldTurns(3);
            assertThat(closed.isDone()).isFalse();
            server.close();
            await(closed);
            await(server.waitClosed());
        });
    }

    @Test
    void closeClients_endsTheHandlersWithoutAReport() {
        run(
                () -> {
                    try (Server server = await(serve(Streams::echo, HOST, 0));
                            ByteStream client = client(server)) {
                        assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                        server.closeClients();
                        assertThat(Streams.receiveAll(client)).isEmpty();
                        assertThat(server.connectionCount()).isZero();
                        assertThat(server.isServing()).isTrue();
                    }
                },
                Streams.recordedBy(logger));

        assertThat(Streams.findings(logger)).isEmpty();
    }

    @Test
    void abortClients_resetsTheConnections() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client = client(server)) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                server.abortClients();
                assertThatThrownBy(() -> Streams.receiveAll(client)).isInstanceOf(IOException.class);
            }
        });
    }

    @Test
    void serveForever_cancelled_closesAndWaitsForTheConnections() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0, ServerOptions.DEFAULT.startServing(false)));
            Task<@Nullable Void> forever = createTask(server.serveForever());
            try (ByteStream client = client(server)) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                forever.cancel();
                Streams.yieldTurns(5);
                assertThat(server.isServing()).isFalse();
                assertThat(forever.isDone()).isFalse();
                assertThat(Streams.ask(client, "still there")).isEqualTo("still there");
            }
            waitFor(forever);
            assertThat(forever.isCancelled()).isTrue();
        });
    }

    @Test
    void serveForever_cancelledTwice_leavesTheConnectionsAlone() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0));
            Task<@Nullable Void> forever = createTask(server.serveForever());
            try (ByteStream client = client(server)) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                forever.cancel();
                Streams.yieldTurns(3);
                forever.cancel();
                waitFor(forever);
                assertThat(forever.isCancelled()).isTrue();
                assertThat(Streams.ask(client, "still there")).isEqualTo("still there");
            }
        });
    }

    @Test
    void serveForever_inACancelledScope_ends() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0));
            ByteStream client = client(server);
            assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            boolean ended = await(asyncio.Asyncio.moveOnAfter(Duration.ofMillis(1), () -> {
                await(server.serveForever());
            }));
            assertThat(ended).isFalse();
            assertThat(server.isServing()).isFalse();
            client.close();
        });
    }

    @Test
    void keepAlive_isSetOnAcceptedConnections() {
        run(() -> {
            for (boolean wanted : new boolean[] {true, false}) {
                Future<Boolean> set = getRunningLoop().createFuture();
                StreamHandler handler = stream -> set.setResult(Objects.requireNonNull(
                        ((SocketChannel) Objects.requireNonNull(stream.extraInfo(ExtraInfo.CHANNEL)))
                                .getOption(StandardSocketOptions.SO_KEEPALIVE)));
                ServerOptions options = ServerOptions.DEFAULT.keepAlive(wanted);
                try (Server server = await(serve(handler, HOST, 0, options));
                        ByteStream client = await(connect(HOST, server.port()))) {
                    assertThat(options.keepAlive()).isEqualTo(wanted);
                    assertThat(await(set)).isEqualTo(wanted);
                    await(client.send("array".getBytes(StandardCharsets.UTF_8)));
                }
            }
        });
    }

    @Test
    void serveForever_twiceOrClosed_isRefused() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0));
            Task<@Nullable Void> forever = createTask(server.serveForever());
            Streams.yieldTurns(1);
            assertThatThrownBy(() -> await(server.serveForever()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is already being awaited on serveForever()");
            server.close();
            waitFor(forever);
            assertThatThrownBy(() -> await(forever)).isInstanceOf(CancelledError.class);
            assertThatThrownBy(() -> await(server.serveForever()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
            assertThatThrownBy(() -> await(server.startServing()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
        });
    }

    @Test
    void loop_closedWithAServer_leavesNothingOpen() throws Exception {
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        Server server = loop.runUntilComplete(serve(Streams::echo, HOST, 0));
        int port = server.localAddress().getPort();
        ByteStream client = loop.runUntilComplete(connect(HOST, port));
        loop.runUntilComplete(async(() -> Streams.ask(client, "hello")));
        ServerSocketChannel channel = server.sockets().getFirst();
        client.close();
        loop.close();

        assertThat(channel.isOpen()).isFalse();
        assertThat(server.connectionCount()).isZero();
        assertThat(server.isServing()).isFalse();
        server.close();
        try (ServerSocketChannel again = ServerSocketChannel.open()) {
            again.bind(Streams.loopback(port));
        }
        assertThat(logger.messagesWith("AS104")).hasSize(1);
        assertThat(logger.messagesWith("AS401")).singleElement().asString().contains("<Server", "<ChannelStream");
    }

    @Test
    void run_endsWithAServer_leavesNothingOpenAndSaysSo() {
        Server server = run(
                () -> {
                    Server made = await(serve(Streams::echo, HOST, 0));
                    ByteStream client = client(made);
                    assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                    client.close();
                    return made;
                },
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        assertThat(logger.messagesWith("AS401")).singleElement().asString().contains("<Server");

        assertThat(server.connectionCount()).isZero();
        assertThat(server.isServing()).isFalse();
    }

    @Test
    void methods_onAnotherThread_areRefused() throws InterruptedException {
        List<Throwable> refusals = new ArrayList<>();
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                for (Runnable call : List.<Runnable>of(server::close, server::closeClients, server::abortClients)) {
                    await(asyncio.Asyncio.toThread(() -> {
                        try {
                            call.run();
                        } catch (IllegalStateException e) {
                            refusals.add(e);
                        }
                    }));
                }
                assertThat(server.isServing()).isTrue();
            }
        });

        assertThat(refusals).hasSize(3).allSatisfy(e -> assertThat(e).hasMessageContaining("AS201"));
    }

    @Test
    void methods_inAnotherLoop_areRefused() {
        EventLoop other = EventLoop.create();
        try {
            Server server = other.runUntilComplete(serve(Streams::echo, HOST, 0));
            other.runUntilComplete(server.aclose());
            assertThat(server.toString()).contains("closed");
            assertThat(server.loop()).isSameAs(other);
        } finally {
            other.close();
        }
    }

    // Bad input

    @ParameterizedTest
    @ValueSource(ints = {-1, 65536})
    void serve_impossiblePort_isRefusedAtOnce(int port) {
        assertThatThrownBy(() -> serve(Streams::echo, HOST, port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port must be 0 to 65535: got " + port);
    }

    @Test
    void serve_noHosts_isRefusedAtOnce() {
        assertThatThrownBy(() -> serve(Streams::echo, List.of(), 0, ServerOptions.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hosts must not be empty");
    }

    @Test
    void options_impossibleValues_areRefused() {
        assertThatThrownBy(() -> ServerOptions.DEFAULT.backlog(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("backlog must be positive: got 0");
        assertThatThrownBy(() -> ServerOptions.DEFAULT.maxConnections(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NO_LIMIT");
        assertThatThrownBy(() -> ServerOptions.DEFAULT.limitBytes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit cannot be <= 0");
    }

    @Test
    void toString_tellsStateAndPlace() {
        run(() -> {
            Server server = await(serve(Streams::echo, HOST, 0, ServerOptions.DEFAULT.startServing(false)));
            assertThat(server.toString()).startsWith("<Server bound [").contains(HOST);
            await(server.startServing());
            assertThat(server.toString()).startsWith("<Server serving ").endsWith(" connections=0>");
            await(server.aclose());
            assertThat(server.toString()).startsWith("<Server closed ");
            assertThat(getRunningLoop()).isSameAs(server.loop());
        });
    }
}
