package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.serve;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.ExceptionGroup;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.net.ConnectOptions;
import asyncio.net.Resolver;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.LimitOverrunException;
import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import asyncio.stream.UpgradeContext;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections to real sockets of this machine.
@Spec("IO-3")
@ExtendWith(NothingLeft.class)
class ConnectTest {
    private static Resolver giving(String... literals) {
        List<InetAddress> addresses =
                Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
        return host -> async(() -> addresses);
    }

    /// A port on which nobody listens: it was free a moment ago.
    private static int refusedPort() throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open()) {
            channel.bind(Streams.loopback(0));
            return ((InetSocketAddress) Objects.requireNonNull(channel.getLocalAddress())).getPort();
        }
    }

    private static SocketChannel channelOf(ByteStream stream) {
        return (SocketChannel) Objects.requireNonNull(stream.extraInfo(ExtraInfo.CHANNEL));
    }

    @Test
    void connect_refused_namesTheAddress() throws IOException {
        int port = refusedPort();

        assertThatThrownBy(() -> run(() -> {
                    await(connect(HOST, port));
                }))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("Connect call failed 127.0.0.1:" + port + ":")
                .hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void connect_severalAddressesRefused_tellsAll() throws IOException {
        int port = refusedPort();
        ConnectOptions options = ConnectOptions.DEFAULT.resolver(giving("127.0.0.1", "127.0.0.2"));

        assertThatThrownBy(() -> run(() -> {
                    await(connect("two.test", port, options));
                }))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("Multiple exceptions: Connect call failed 127.0.0.1:" + port)
                .hasMessageContaining(", Connect call failed 127.0.0.2:" + port)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        assertThatThrownBy(() -> run(() -> {
                    await(connect("two.test", port, options.allErrors(true)));
                }))
                .isInstanceOfSatisfying(
                        ExceptionGroup.class,
                        group -> assertThat(group.exceptions())
                                .hasSize(2)
                                .allSatisfy(each -> assertThat(each).isInstanceOf(IOException.class)));
        assertThatThrownBy(() -> run(() -> {
                    await(connect(HOST, port, options.allErrors(true)));
                }))
                .isInstanceOfSatisfying(
                        ExceptionGroup.class,
                        group -> assertThat(group.exceptions()).hasSize(1));
    }

    @Test
    void interleave_families_takeTurns() throws IOException {
        ConnectOptions options = ConnectOptions.DEFAULT.resolver(giving("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"));
        int port = refusedPort();

        assertThat(orderOfFailures(port, options)).containsExactly("127.0.0.1", "::1", "127.0.0.2", "127.0.0.3");
        assertThat(orderOfFailures(port, options.interleave(2)))
                .containsExactly("127.0.0.1", "127.0.0.2", "::1", "127.0.0.3");
        assertThat(orderOfFailures(port, options.interleave(0)))
                .containsExactly("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1");
    }

    private static List<String> orderOfFailures(int port, ConnectOptions options) {
        return run(() -> {
            try {
                await(connect("four.test", port, options), IOException.class).close();
                return List.of();
            } catch (IOException e) {
                return Arrays.stream(e.getSuppressed())
                        .map(each -> Objects.requireNonNull(each.getMessage())
                                .replaceFirst("Connect call failed \\[?", "")
                                .replaceFirst("]?:" + port + ".*", "")
                                .replace("0:0:0:0:0:0:0:1", "::1"))
                        .toList();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 250})
    void connect_firstAddressRefused_takesTheNext(long delayMillis) {
        ConnectOptions options = ConnectOptions.DEFAULT
                .resolver(giving("127.0.0.2", "127.0.0.3", "127.0.0.1"))
                .happyEyeballsDelay(Duration.ofMillis(delayMillis));
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client =
                            await(connect("three.test", server.localAddress().getPort(), options))) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                assertThat(client.extraInfo(ExtraInfo.PEER_ADDRESS)).isEqualTo(server.localAddress());
            }
        });
    }

    @Test
    void connect_options_reachTheSocket() {
        ConnectOptions options = ConnectOptions.DEFAULT
                .keepAlive(true)
                .receiveBufferBytes(20_000)
                .sendBufferBytes(20_000)
                .localAddress(Streams.loopback(0));
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort(), options))) {
                SocketChannel channel = channelOf(client);
                assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
                assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE))
                        .isTrue();
                assertThat(channel.getOption(StandardSocketOptions.SO_RCVBUF)).isGreaterThanOrEqualTo(20_000);
                assertThat(channel.getOption(StandardSocketOptions.SO_SNDBUF)).isGreaterThanOrEqualTo(20_000);
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
        });
    }

    @Test
    void connect_localAddressByName_isLookedUp() {
        ConnectOptions options = ConnectOptions.DEFAULT
                .resolver(giving(HOST))
                .localAddress(InetSocketAddress.createUnresolved("here.test", 0));
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort(), options))) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
        });
    }

    @Test
    void connect_localAddressOfAnotherFamily_isRefused() {
        ConnectOptions options =
                ConnectOptions.DEFAULT.localAddress(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));

        assertThatThrownBy(() -> run(() -> {
                    await(connect(HOST, 9, options));
                }))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("no matching local address with family INET found for 127.0.0.1:9");
    }

    @Test
    void connect_localAddressInUse_namesIt() throws IOException {
        try (ServerSocketChannel taken = ServerSocketChannel.open()) {
            taken.bind(Streams.loopback(0));
            InetSocketAddress address = (InetSocketAddress) Objects.requireNonNull(taken.getLocalAddress());

            assertThatThrownBy(() -> run(() -> {
                        await(connect(HOST, 9, ConnectOptions.DEFAULT.localAddress(address)));
                    }))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(
                            "error while attempting to bind on address 127.0.0.1:" + address.getPort() + ":");
        }
    }

    @Test
    void connect_timeLimit_isOver() {
        ConnectOptions options = ConnectOptions.DEFAULT
                .connectTimeout(Duration.ofSeconds(5))
                .resolver(host -> async(() -> await(getRunningLoop().<List<InetAddress>>createFuture())));

        assertThatThrownBy(() -> run(
                        () -> {
                            await(connect("slow.test", 80, options));
                        },
                        Streams.inVirtualTime()))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("Connect call failed slow.test:80: no connection within PT5S");
    }

    @Test
    void connect_timeLimitNotReached_doesNothing() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0));
                    ByteStream client = await(connect(
                            HOST,
                            server.localAddress().getPort(),
                            ConnectOptions.DEFAULT.connectTimeout(Streams.FOR_EVER)))) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
        });
    }

    @Test
    void openConnection_limit_isThatOfTheOptions() {
        run(() -> {
            try (Server server = await(serve(stream -> Streams.send(stream, "x".repeat(100_000)), HOST, 0));
                    StreamPair client = await(openConnection(
                            HOST, server.localAddress().getPort(), ConnectOptions.DEFAULT.limitBytes(10)))) {
                assertThatThrownBy(() -> await(client.reader().readLine()))
                        .as("a line over the limit")
                        .isInstanceOf(LimitOverrunException.class);
            }
        });
    }

    // A channel that is connected already

    @Test
    void connect_channel_isUsed() {
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                SocketChannel channel = SocketChannel.open(server.localAddress());
                try (ByteStream client = await(connect(channel))) {
                    assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
                }
                assertThat(channel.isOpen()).isFalse();
            }
        });
    }

    @Test
    void connect_channelThatIsNotConnected_isRefusedAtOnce() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            assertThatThrownBy(() -> connect(channel))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("channel must be open and connected");
        }
    }

    // Upgrades

    /// Notes what it is asked for, and leaves streams as they are.
    private static final class NotingContext implements UpgradeContext {
        private final List<String> names = new ArrayList<>();

        @Override
        public Upgrade client(String serverHostname) {
            names.add(serverHostname);
            return lower -> async(() -> lower);
        }

        @Override
        public Upgrade server() {
            return lower -> async(() -> lower);
        }
    }

    @Test
    void tls_context_getsTheNameOfTheHost() {
        NotingContext context = new NotingContext();
        ConnectOptions options = ConnectOptions.DEFAULT.tls(context).resolver(giving(HOST));
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                int port = server.localAddress().getPort();
                await(connect("www.test", port, options)).close();
                await(connect("www.test", port, options.serverHostname("other.test")))
                        .close();
                await(connect(SocketChannel.open(server.localAddress()), options.serverHostname("channel.test")))
                        .close();
            }
        });

        assertThat(context.names).containsExactly("www.test", "other.test", "channel.test");
        assertThat(options.isTls()).isTrue();
    }

    @Test
    void tls_upgradeFails_closesTheConnection() {
        List<ByteStream> lowers = new ArrayList<>();
        Upgrade failing = lower -> {
            lowers.add(lower);
            return async(() -> {
                throw new IOException("bad certificate");
            });
        };
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                int port = server.localAddress().getPort();
                assertThatThrownBy(() -> await(connect(HOST, port, ConnectOptions.DEFAULT.tls(failing))))
                        .isInstanceOf(IOException.class)
                        .hasMessage("bad certificate");
            }
        });

        assertThat(lowers)
                .singleElement()
                .satisfies(lower -> assertThat(lower.isClosed()).isTrue());
    }

    @Test
    void tls_cancelledDuringTheUpgrade_closesTheConnection() {
        List<ByteStream> lowers = new ArrayList<>();
        Upgrade endless = lower -> {
            lowers.add(lower);
            return async(() -> await(getRunningLoop().<ByteStream>createFuture()));
        };
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                Task<ByteStream> task =
                        createTask(connect(HOST, server.localAddress().getPort(), ConnectOptions.DEFAULT.tls(endless)));
                while (lowers.isEmpty()) {
                    await(asyncio.Asyncio.sleep(Duration.ofMillis(1)));
                }
                task.cancel();
                assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            }
        });

        assertThat(lowers)
                .singleElement()
                .satisfies(lower -> assertThat(lower.isClosed()).isTrue());
    }

    // Cancellation of real connections

    @ParameterizedTest
    @ValueSource(strings = {"one", "three"})
    void connect_cancelledAtEachTurn_leavesNoConnection(String kind) {
        ConnectOptions options = ConnectOptions.DEFAULT.resolver(
                kind.equals("one") ? giving(HOST) : giving("127.0.0.2", HOST, "127.0.0.3"));
        run(() -> {
            try (Server server = await(serve(Streams::echo, HOST, 0))) {
                int port = server.localAddress().getPort();
                for (int turns = 0; turns < 12; turns++) {
                    Task<ByteStream> task = createTask(connect("some.test", port, options));
                    Streams.yieldTurns(turns);
                    task.cancel();
                    await(asyncio.Asyncio.waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
                    if (!task.isCancelled()) {
                        task.result().close();
                    }
                }
                await(server.aclose()); // the other ends see the end: no descriptor is left open
                assertThat(server.connectionCount()).isZero();
            }
        });
    }

    // Bad input

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void connect_impossiblePort_isRefusedAtOnce(int port) {
        assertThatThrownBy(() -> connect(HOST, port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port must be 1 to 65535: got " + port);
    }

    @Test
    void options_impossibleValues_areRefused() {
        ConnectOptions options = ConnectOptions.DEFAULT;

        assertRefused(() -> options.happyEyeballsDelay(Duration.ofMillis(-1)), "happyEyeballsDelay");
        assertRefused(() -> options.interleave(-1), "interleave");
        assertRefused(() -> options.receiveBufferBytes(-1), "receiveBufferBytes");
        assertRefused(() -> options.sendBufferBytes(-1), "sendBufferBytes");
        assertRefused(() -> options.limitBytes(0), "limit cannot be <= 0: got 0");
        assertRefused(() -> options.connectTimeout(Duration.ZERO), "connectTimeout must be positive");
        assertRefused(() -> options.serverHostname(""), "host must not be empty");
    }

    @Test
    void options_thatContradictEachOther_areRefusedAtOnce() throws IOException {
        assertRefused(
                () -> connect(HOST, 80, ConnectOptions.DEFAULT.serverHostname("a.test")),
                "serverHostname is only meaningful with a TLS context");
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(Streams.loopback(0));
            try (SocketChannel channel = SocketChannel.open(listening.getLocalAddress())) {
                assertRefused(
                        () -> connect(channel, ConnectOptions.DEFAULT.tls(new NotingContext())),
                        "You must set serverHostname");
            }
        }
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(words);
    }

    @Test
    void connect_outsideOfALoop_needsOneWhenAwaited() {
        Coroutine<ByteStream> coroutine = connect(HOST, 80); // only makes it
        assertThatThrownBy(() -> await(coroutine)).isInstanceOf(IllegalStateException.class);
    }
}
