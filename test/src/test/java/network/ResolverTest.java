package network;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.getaddrinfo;
import static asyncio.net.Net.getnameinfo;
import static asyncio.net.Net.resolver;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.setResolver;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.net.ConnectOptions;
import asyncio.net.Resolver;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ByteStream;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names: who is asked, who is not, and who waits for whom.
@Spec("IO-15")
@ExtendWith(NothingLeft.class)
class ResolverTest {
    private static final int THREADS = 8; // of the system's resolver

    private static final Resolver NOBODY = host -> {
        throw new AssertionError("nobody should be asked: " + host);
    };

    private final List<String> asked = new ArrayList<>();

    private Resolver giving(String... literals) {
        List<InetAddress> addresses =
                java.util.Arrays.stream(literals).map(InetAddress::ofLiteral).toList();
        return host -> async(() -> {
            asked.add(host);
            await(asyncio.Asyncio.sleep(Duration.ZERO));
            return addresses;
        });
    }

    private static Coroutine<List<InetAddress>> never() {
        return async(() -> await(getRunningLoop().<List<InetAddress>>createFuture()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "[::1]", "fe80::1%1", "0.0.0.0", "255.255.255.255"})
    void getaddrinfo_numericAddress_asksNobody(String host) {
        run(() -> {
            setResolver(NOBODY);
            List<InetSocketAddress> found = await(getaddrinfo(host, 80));
            assertThat(found).singleElement().satisfies(address -> {
                assertThat(address.getPort()).isEqualTo(80);
                assertThat(address.isUnresolved()).isFalse();
            });
        });
    }

    @Test
    void getaddrinfo_name_asksTheResolverOfTheLoop() {
        run(() -> {
            Resolver own = giving("10.0.0.1", "::1");
            setResolver(own);
            assertThat(resolver()).isSameAs(own);
            assertThat(await(getaddrinfo("example.test", 443)))
                    .containsExactly(
                            new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 443),
                            new InetSocketAddress(InetAddress.ofLiteral("::1"), 443));
        });

        assertThat(asked).containsExactly("example.test");
        run(() -> assertThat(resolver()).isSameAs(Resolver.system())); // another loop
    }

    @Test
    void getaddrinfo_unicodeName_isAskedForInAscii() {
        run(() -> {
            setResolver(giving("10.0.0.1"));
            await(getaddrinfo("b\u00fccher.test", 443));
        });

        assertThat(asked).containsExactly("xn--bcher-kva.test");
    }

    @Test
    void options_withAResolver_askThatOne() {
        run(() -> {
            setResolver(NOBODY);
            ServerOptions serving = ServerOptions.DEFAULT.resolver(giving(HOST));
            try (Server server = await(serve(Streams::echo, "server.test", 0, serving));
                    ByteStream client = await(connect(
                            "client.test",
                            server.localAddress().getPort(),
                            ConnectOptions.DEFAULT.resolver(giving(HOST))))) {
                assertThat(Streams.ask(client, "hello")).isEqualTo("hello");
            }
        });

        assertThat(asked).containsExactly("server.test", "client.test");
    }

    @Test
    void getaddrinfo_resolverWithoutAddresses_namesTheHost() {
        run(() -> {
            setResolver(giving());
            assertThatThrownBy(() -> await(getaddrinfo("empty.test", 80)))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("empty.test");
        });
    }

    @Test
    void getaddrinfo_unknownName_namesTheHost() {
        run(() -> assertThatThrownBy(() -> await(getaddrinfo("unknown1.fake", 80)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("unknown1.fake"));
    }

    @Test
    void connect_unknownName_namesTheHost() {
        run(() -> assertThatThrownBy(() -> await(connect("unknown2.fake", 80)))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("unknown2.fake"));
    }

    @Test
    void system_severalAddresses_areInOrder() {
        run(() -> assertThat(await(getaddrinfo("two.fake", 1)))
                .extracting(address -> address.getAddress().getHostAddress())
                .containsExactly("127.0.0.1", "127.0.0.2"));
    }

    @Test
    void getnameinfo_address_givesItsNameOrItsNumbers() {
        run(() -> {
            assertThat(await(getnameinfo(InetAddress.ofLiteral("127.0.0.1")))).isEqualTo("loopback.fake");
            assertThat(await(getnameinfo(InetAddress.ofLiteral("10.1.2.3")))).isEqualTo("10.1.2.3");
        });
    }

    /// As many slow names as there are threads for them: neither numeric addresses nor the default executor are held
    /// up.
    @Test
    void system_namesThatAreSlow_starveNobody() {
        run(() -> {
            List<Task<List<InetSocketAddress>>> slow = IntStream.range(0, THREADS)
                    .mapToObj(i -> createTask(getaddrinfo("slow-starving-" + i + ".fake", 1)))
                    .toList();
            awaitAsked("slow-starving-" + (THREADS - 1) + ".fake");
            assertThat(await(toThread(() -> "not starved"))).isEqualTo("not starved");
            assertThat(await(getaddrinfo(HOST, 1))).hasSize(1);
            assertThat(slow).noneMatch(Task::isDone);

            FakeNames.release();
            assertThat(await(gather(slow)))
                    .allSatisfy(found -> assertThat(found).hasSize(2));
        });
    }

    @Test
    void system_manyAskForTheSameSlowName_othersGetAThread() {
        run(() -> {
            List<Task<List<InetSocketAddress>>> same = IntStream.range(0, 3 * THREADS)
                    .mapToObj(i -> createTask(getaddrinfo("slow-shared.fake", i)))
                    .toList();
            awaitAsked("slow-shared.fake");
            assertThat(await(getaddrinfo("quick-beside-shared.fake", 1))).hasSize(2);

            FakeNames.release();
            assertThat(await(gather(same))).hasSize(3 * THREADS);
            assertThat(FakeNames.asked("slow-shared.fake")).isEqualTo(1);
        });
    }

    @Test
    void system_waiterIsCancelled_leavesAtOnceAndTheOthersGetTheirAnswer() {
        run(() -> {
            Task<List<InetSocketAddress>> cancelled = createTask(getaddrinfo("slow-cancelled.fake", 1));
            Task<List<InetSocketAddress>> other = createTask(getaddrinfo("slow-cancelled.fake", 2));
            awaitAsked("slow-cancelled.fake");
            cancelled.cancel();
            assertThatThrownBy(() -> await(cancelled)).isInstanceOf(CancelledError.class);
            assertThat(other.isDone()).isFalse();

            FakeNames.release();
            assertThat(await(other)).hasSize(2);
        });
    }

    @Test
    void system_failsAfterAllHaveLeft_isNotReported() {
        RecordingLogger logger = new RecordingLogger();
        run(
                () -> {
                    Task<List<InetSocketAddress>> task = createTask(getaddrinfo("slow-left.fake", 1));
                    awaitAsked("slow-left.fake");
                    task.cancel();
                    assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
                },
                Streams.recordedBy(logger)); // the loop is closed while the thread still asks

        FakeNames.release();
        assertThat(Streams.findings(logger)).isEmpty();
    }

    private static void awaitAsked(String host) {
        while (FakeNames.asked(host) == 0) {
            await(asyncio.Asyncio.sleep(Duration.ofMillis(1)));
        }
    }

    @Test
    void connect_cancelledWhileTheNameIsLookedUp_ends() {
        run(() -> {
            setResolver(host -> never());
            Task<ByteStream> task = createTask(connect("never.test", 80));
            Streams.yieldTurns(3);
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "http://example.test",
                "example.test:80",
                "example.test/path",
                "a..b",
                ".a",
                "*",
                "[::1",
                "::zz",
                "user@host",
                "nul\0.test",
                "1.2.3.4.5:6"
            })
    void anything_impossibleHost_isRefusedAtOnce(String host) {
        assertThatThrownBy(() -> getaddrinfo(host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host must");
        assertThatThrownBy(() -> connect(host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host must");
    }

    @Test
    void anything_hostTooLong_isRefusedAtOnce() {
        assertThatThrownBy(() -> connect("a.".repeat(127) + "b", 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 253 characters: got 255");
        assertThatThrownBy(() -> connect("a".repeat(64) + ".test", 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("within 63 characters");
    }

    @Test
    void anything_nullHost_isRefusedWithWords() {
        assertThatThrownBy(() -> connect(nothing(), 80))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("host must not be null: name one");
        assertThatThrownBy(() -> serve(Streams::echo, ResolverTest.<String>nothing(), 80))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("Net.ALL_INTERFACES");
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what is tested is that it is refused
    private static <T> T nothing() {
        return null;
    }
}
