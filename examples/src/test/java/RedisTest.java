import static asyncio.Asyncio.*;
import static asyncio.net.Net.openConnection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.embedded.RedisServer;
import redis.embedded.core.ExecutableProvider;

/// The client in front of a real Redis, and of a peer in memory that says what no Redis would say.
class RedisTest {
    private static final Duration GUARD = Duration.ofMinutes(1); // against hanging

    @TempDir static Path directory;

    private static RedisServer server;
    private static int port;

    @BeforeAll
    static void startServer() throws IOException {
        port = freePort();
        server = newServer(port);
        server.start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server != null) {
            server.stop();
        }
    }

    private static RedisServer newServer(int port) throws IOException {
        return RedisServer.newRedisServer()
                .executableProvider(ExecutableProvider.newJarResourceProvider(directory.toFile()))
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // With a real server

    @Test
    void program_realServer_countsAndListens() throws Exception {
        String output = Example.of("Redis").with("port", port).output(LoopOptions.defaults());

        assertThat(output.lines())
                .containsExactly(
                        "hits: 1000",
                        "listeners: 1",
                        "listeners: 1",
                        "listeners: 1",
                        "news: rain",
                        "news: sun",
                        "news: end");
    }

    @Test
    void call_manyTasks_eachGetsItsOwnReply() throws Exception {
        talk((client, group) -> {
            List<Task<Object>> calls = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                calls.add(createTask(client.call("ECHO", "text " + i)));
            }

            for (int i = 0; i < calls.size(); i++) {
                assertThat(readable(await(calls.get(i)))).isEqualTo("'text " + i + "'");
            }
        });
    }

    @Test
    void call_eachKindOfReply_isRead() throws Exception {
        talk((client, group) -> {
            assertThat(client.ask("SET", "kinds", "text")).isEqualTo("OK");
            assertThat(client.ask("GET", "kinds")).isEqualTo("'text'");
            assertThat(client.ask("APPEND", "kinds", "")).isEqualTo("4");
            assertThat(client.ask("GET", "no such key")).isEqualTo("null");
            assertThat(client.ask("EVAL", "return {1,{'two',{3,false,{}}},''}", 0))
                    .isEqualTo("[1, ['two', [3, null, []]], '']");
        });
    }

    @Test
    void call_refused_failsAloneAndTheNextOneWorks() throws Exception {
        talk((client, group) -> {
            Throwable refused = catchThrowable(() -> await(client.call("NO-SUCH", "command")));

            assertThat(refused.getClass().getSimpleName()).isEqualTo("RedisException");
            assertThat(refused).hasMessageStartingWith("ERR unknown command `NO-SUCH`");
            assertThat(client.ask("ECHO", "well")).isEqualTo("'well'");
        });
    }

    @Test
    void call_refusalInsideAnArray_isAnElement() throws Exception {
        talk((client, group) -> {
            client.ask("MULTI");
            client.ask("SET", "mixed", "text");
            client.ask("INCR", "mixed");

            assertThat(client.ask("EXEC"))
                    .isEqualTo("[OK, !ERR value is not an integer or out of range]");
        });
    }

    @Test
    void call_bigAndBinaryValues_comeBackAsTheyWere() throws Exception {
        byte[] big = new byte[10_000_000];
        for (int i = 0; i < big.length; i++) {
            big[i] = (byte) (i * 31 >> 3); // all bytes, line ends among them
        }
        talk((client, group) -> {
            client.ask("SET", big(0), big);
            Task<Object> first = createTask(client.call("GET", big(0)));
            Task<Object> second = createTask(client.call("ECHO", "\r\n$3\r\n"));

            assertThat((byte[]) await(first)).isEqualTo(big);
            assertThat(readable(await(second))).isEqualTo("'\r\n$3\r\n'");
            client.ask("DEL", big(0));
        });
    }

    private static byte[] big(int first) {
        return new byte[] {(byte) first, '\r', '\n', (byte) 0xff};
    }

    @Test
    void call_oneIsCancelled_theOthersGetWhatIsTheirs() throws Exception {
        talk((client, group) -> {
            Task<Object> stuck = createTask(client.call("BLPOP", "stuck", 0));
            Task<Object> behind = createTask(client.call("ECHO", "behind"));
            Client other = newClient(await(openConnection("127.0.0.1", port)), group);
            awaitBlocked(other);

            stuck.cancel();
            assertThat(catchThrowable(() -> await(stuck))).isInstanceOf(CancelledError.class);
            Task<Object> last = createTask(client.call("ECHO", "last"));
            other.ask("LPUSH", "stuck", "a value that nobody wants");

            assertThat(readable(await(behind))).isEqualTo("'behind'");
            assertThat(readable(await(last))).isEqualTo("'last'");
        });
    }

    private static void awaitBlocked(Client client) {
        while (!client.ask("INFO", "clients").contains("blocked_clients:1")) {
            await(sleep(Duration.ofMillis(1)));
        }
    }

    @Test
    void call_timeout_leavesTheConnectionUsable() throws Exception {
        talk((client, group) -> {
            Throwable late =
                    catchThrowable(() ->
                            await(
                                    waitFor(
                                            client.call("BLPOP", "late", "0.2"),
                                            Duration.ofMillis(20))));

            assertThat(late).isInstanceOf(asyncio.TimeoutException.class);
            assertThat(client.ask("ECHO", "fine")).isEqualTo("'fine'");
        });
    }

    @Test
    void call_serverStopsMeanwhile_allWhoWaitAreTold() throws Exception {
        int itsPort = freePort();
        RedisServer itsServer = newServer(itsPort);
        itsServer.start();
        try {
            talk(
                    itsPort,
                    (client, group) -> {
                        List<Throwable> told = new ArrayList<>();
                        for (String word : List.of("BLPOP", "ECHO", "PING")) {
                            group.createTask(() -> {
                                told.add(
                                        catchThrowable(() -> await(client.call(word, "key", "0"))));
                            });
                        }
                        Client other =
                                newClient(await(openConnection("127.0.0.1", itsPort)), group);
                        awaitBlocked(other);
                        await(toThread(() -> itsServer.stop()));
                        told.add(catchThrowable(() -> await(other.call("PING"))));
                        while (told.size() < 4) {
                            await(sleep(Duration.ofMillis(1)));
                        }
                        told.add(catchThrowable(() -> await(client.call("PING"))));

                        assertThat(told)
                                .allSatisfy(failure ->
                                        assertThat(failure)
                                                .isInstanceOf(IOException.class)
                                                .hasMessageContaining("onnection")
                                                .hasMessageContaining("lost"));
                    });
        } finally {
            itsServer.stop();
        }
    }

    @Test
    void subscribe_readerIsBehind_noMessageIsLost() throws Exception {
        talk((client, group) -> {
            Iterable<String> messages = subscribe(group, port, "numbers");
            client.ask("EVAL", "for i = 1, 5000 do redis.call('PUBLISH', 'numbers', i) end", 0);

            int count = 0;
            for (String message : messages) {
                assertThat(message).isEqualTo(Integer.toString(++count));
                if (count == 5000) {
                    group.cancel();
                }
            }
            assertThat(count).isEqualTo(5000); // more than the receiver holds
        });
    }

    @Test
    void subscribe_serverStops_isTheFailureOfTheGroup() throws Exception {
        int itsPort = freePort();
        RedisServer itsServer = newServer(itsPort);
        itsServer.start();
        try {
            Throwable failure =
                    catchThrowable(() ->
                            talk(
                                    itsPort,
                                    (client, group) -> {
                                        Iterable<String> messages =
                                                subscribe(group, itsPort, "never");
                                        group.createTask(toThread(() -> itsServer.stop()));
                                        for (String message : messages) {
                                            assertThat(message).isNull();
                                        }
                                    }));

            assertThat(failure).isInstanceOf(ExceptionGroup.class);
            assertThat(((ExceptionGroup) failure).exceptions())
                    .singleElement()
                    .isInstanceOf(IOException.class);
        } finally {
            itsServer.stop();
        }
    }

    @SuppressWarnings("unchecked")
    private static Iterable<String> subscribe(TaskGroup group, int port, String topic)
            throws ReflectiveOperationException {
        Example redis = Example.of("Redis").with("port", port);
        return await((Coroutine<Iterable<String>>) redis.call("subscribe", group, topic));
    }

    // With a peer in memory, on virtual time

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "?x, not a reply: ?x",
                "~, not a reply",
                ":12x~, 12x",
                "$-2~, size -2",
                "$67108865~, size 67108865",
                "$99999999999~, 99999999999",
                "*1048577~, size 1048577",
                "*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~*1~:1~, depth 17",
                "$2~abc~, does not end",
                "$5~ab, Redis has closed it",
                "*2~:1~, Redis has closed it",
                "+OK, Redis has closed it",
                "+OK~:1~, a reply to no command",
                "\"\", Redis has closed it"
            })
    void receive_malformedReply_endsTheConnection(String sent, String expected) throws Exception {
        peer((client, peer, group) -> {
            Task<Object> call = createTask(client.call("PING"));
            await(peer.receive(ByteBuffer.allocate(100)));
            await(peer.send(bytes(sent.replace("~", "\r\n") + (sent.equals("?x") ? "\r\n" : ""))));
            peer.close();

            Throwable failure = catchThrowable(() -> await(call));
            if (sent.startsWith("+OK~")) { // one reply was good
                failure = catchThrowable(() -> await(client.call("PING")));
            }
            assertThat(failure)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("connection to Redis is lost: ")
                    .hasMessageContaining(expected);
            assertThat(catchThrowable(() -> await(client.call("PING"))))
                    .hasMessageContaining(expected);
        });
    }

    @Test
    void receive_endlessLine_endsTheConnection() throws Exception {
        peer((client, peer, group) -> {
            Task<Object> call = createTask(client.call("PING"));
            group.createDaemon(() -> {
                try {
                    while (true) {
                        await(peer.send(bytes("+" + "x".repeat(1000))), IOException.class);
                    }
                } catch (IOException e) {
                    // the client has had enough
                }
            });

            assertThat(catchThrowable(() -> await(call))).hasMessageContaining("limit of 65536");
        });
    }

    @Test
    void receive_oneByteAtATime_isRead() throws Exception {
        peer((client, peer, group) -> {
            Task<Object> call = createTask(client.call("ANY"));
            for (char each : "*3\r\n$4\r\n\r\n\r\n\r\n*-1\r\n-NO why\r\n".toCharArray()) {
                await(peer.send(bytes(String.valueOf(each))));
                await(sleep(Duration.ofMillis(1)));
            }

            assertThat(readable(await(call))).isEqualTo("['\r\n\r\n', null, !NO why]");
        });
    }

    @Test
    void call_severalTasks_goOutTogether() throws Exception {
        peer((client, peer, group) -> {
            List<Task<Object>> calls = new ArrayList<>();
            for (String word : List.of("A", "B", "C")) {
                calls.add(createTask(client.call(word)));
            }
            ByteBuffer received = ByteBuffer.allocate(1000);
            await(peer.receive(received));
            await(peer.send(bytes("+a\r\n+b\r\n+c\r\n")));

            assertThat(await(gather(calls))).containsExactly("a", "b", "c");
            assertThat(new String(received.array(), 0, received.position(), StandardCharsets.UTF_8))
                    .isEqualTo("*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n");
        });
    }

    @Test
    void call_peerDoesNotRead_waitsAndIsToldOfTheEnd() throws Exception {
        peer((client, peer, group) -> {
            List<Throwable> told = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                group.createTask(() -> {
                    told.add(catchThrowable(() -> await(client.call("SET", new byte[200_000]))));
                });
                await(sleep(Duration.ofMillis(1)));
            }
            peer.abort();
            await(sleep(Duration.ofMillis(1)));

            assertThat(told).hasSize(5).allMatch(IOException.class::isInstance);
        });
    }

    // What the tests are made of

    private record Client(Object client) {
        @SuppressWarnings("unchecked")
        Coroutine<Object> call(Object... words) {
            try {
                return (Coroutine<Object>) Example.around(client).call("call", (Object) words);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("no such method in Redis.java", e);
            }
        }

        String ask(Object... words) {
            return readable(await(call(words)));
        }
    }

    private interface Talk {
        void with(Client client, TaskGroup group) throws Exception;
    }

    private interface PeerTalk {
        void with(Client client, MemoryStream peer, TaskGroup group) throws Exception;
    }

    private static Client newClient(StreamPair connection, TaskGroup group)
            throws ReflectiveOperationException {
        Object client = Example.of("Redis").make("Client", connection);
        group.createDaemon(Example.around(client).coroutine("receive"));
        return new Client(client);
    }

    private static void talk(Talk talk) {
        talk(port, talk);
    }

    private static void talk(int port, Talk talk) {
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults())) {
            loop.runUntilComplete(
                    waitFor(
                            taskGroup(group -> {
                                StreamPair pair = await(openConnection("127.0.0.1", port));
                                talk.with(newClient(pair, group), group);
                            }),
                            GUARD));
            loop.runUntilComplete(loop.shutdownDefaultExecutor(GUARD));
        }
    }

    private static void peer(PeerTalk talk) {
        try (EventLoop loop = EventLoop.create(VirtualTime.create().options())) {
            loop.runUntilComplete(
                    taskGroup(group -> {
                        List<MemoryStream> ends = MemoryStream.pair(loop);
                        StreamPair pair =
                                StreamPair.over(ends.getFirst(), StreamPair.DEFAULT_LIMIT);
                        talk.with(newClient(pair, group), ends.getLast(), group);
                    }));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String readable(Object reply) {
        return switch (reply) {
            case byte[] bytes -> "'" + new String(bytes, StandardCharsets.UTF_8) + "'";
            case List<?> list ->
                    list.stream()
                            .map(RedisTest::readable)
                            .collect(Collectors.joining(", ", "[", "]"));
            case Exception refusal -> "!" + refusal.getMessage();
            case null, default -> String.valueOf(reply);
        };
    }
}
