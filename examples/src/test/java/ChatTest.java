import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.net.Server;
import asyncio.process.Process;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The chat server, with members in memory and virtual time; at the end with CPython as a member.
class ChatTest {
    private final VirtualTime time = VirtualTime.create();
    private Example chat;

    @BeforeEach
    void setUp() throws ReflectiveOperationException {
        chat = Example.of("Chat");
    }

    @Test
    void chat_severalMembers_hearEachOtherComeTalkAndGo() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");
                    Member bob = enter("Bob");
                    assertThat(ann.hear()).isEqualTo("* Bob is here");

                    ann.say("Hello, all");
                    assertThat(bob.hear()).isEqualTo("<Ann> Hello, all");
                    assertThat(ann.hear()).isEqualTo("<Ann> Hello, all");

                    bob.say("/list");
                    assertThat(bob.hear()).isEqualTo("* here: Ann Bob");
                    bob.say("/msg ann just for you");
                    assertThat(bob.hear()).isEqualTo("* told ann");
                    assertThat(ann.hear()).isEqualTo("[Bob] just for you");
                    bob.say("/msg Eve hello");
                    assertThat(bob.hear()).isEqualTo("! nobody is Eve");
                    bob.say("/dance");
                    assertThat(bob.hear()).startsWith("! commands are ");

                    bob.say("/quit");
                    assertThat(bob.hearAll()).containsExactly("* goodbye");
                    assertThat(ann.hear()).isEqualTo("* Bob has left");
                    ann.leave();
                });
    }

    @Test
    void chat_nameTakenOrBad_mayTryAgain() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");
                    Member other = connect(1000);
                    assertThat(other.hear()).isEqualTo("* what is your name?");

                    for (String taken : List.of("Ann", "aNN")) {
                        other.say(taken);
                        assertThat(other.hear()).isEqualTo("! " + taken + " is taken; try again");
                    }
                    for (String bad : List.of("", "Ann Bob", "/list", "<b>", "A".repeat(21))) {
                        other.say(bad);
                        assertThat(other.hear()).startsWith("! a name is 1 to 20 of");
                    }
                    other.say("Bob");
                    assertThat(other.hear()).isEqualTo("* Bob is here");
                    assertThat(ann.hear()).as("nothing before").isEqualTo("* Bob is here");
                    ann.leave();

                    assertThat(other.hear()).isEqualTo("* Ann has left");
                    other.say("/list");
                    assertThat(other.hear()).isEqualTo("* here: Bob");
                    other.leave();
                });
    }

    @Test
    void chat_memberThatNeverReads_isDroppedAndSlowsNobodyDown() {
        Peers.inVirtualTime(
                time,
                () -> {
                    chat.with("maxBehind", 20);
                    Member ann = enter("Ann");
                    Member bob = enter("Bob");
                    Member deaf = connect(100);
                    deaf.say("Deaf");
                    Duration begin = time.now();
                    Task<List<String>> heardByBob = createTask(() -> bob.hearAll());

                    for (int i = 0; i < 100; i++) {
                        ann.say("line " + i);
                    }
                    ann.say("/quit");
                    List<String> heard = ann.hearAll();
                    bob.say("/quit");

                    assertThat(heard).contains("* Deaf has left").containsAll(lines(100));
                    assertThat(await(heardByBob))
                            .contains("* Deaf has left")
                            .containsAll(lines(100));
                    assertThat(time.now().minus(begin)) // the pace of Ann, and of Bob's last line
                            .isLessThan(Duration.ofMillis(103 * 50));
                    await(deaf.serving);
                    deaf.pair.close();
                });
    }

    @Test
    void chat_memberThatTakesNoLineForTooLong_isDropped() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member deaf = connect(10); // not even the first line fits
                    await(deaf.serving);
                    deaf.pair.close();

                    assertThat(time.now()).isEqualTo(Duration.ofSeconds(30));
                });
    }

    @Test
    void chat_flood_isSlowedDownAndHarmsNobody() {
        Peers.inVirtualTime(
                time,
                () -> {
                    chat.with("maxBehind", 5);
                    Member bob = enter("Bob");
                    Member flooder = enter("Ann");
                    Task<List<String>> echoes = createTask(() -> flooder.hearAll());
                    assertThat(bob.hear()).isEqualTo("* Ann is here");
                    Duration begin = time.now();

                    flooder.say(
                            String.join(
                                    "\n",
                                    IntStream.range(0, 2000).mapToObj(i -> "line " + i).toList()));
                    for (String line : lines(2000)) {
                        assertThat(bob.hear()).isEqualTo(line);
                    }

                    assertThat(time.now().minus(begin)).isGreaterThan(Duration.ofMillis(1998 * 50));
                    flooder.say("/quit");
                    assertThat(await(echoes)).containsAll(lines(2000));
                    bob.leave();
                });
    }

    @Test
    void chat_lineTooLong_isTheEndOfTheMember() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");
                    Member bob = enter("Bob");
                    assertThat(ann.hear()).isEqualTo("* Bob is here");

                    bob.say("x".repeat(1000));
                    assertThat(ann.hear()).endsWith("xxx");
                    assertThat(bob.hear()).endsWith("xxx");
                    bob.say("x".repeat(1001));

                    assertThat(bob.hearAll()).containsExactly("! at most 1000 bytes in a line");
                    assertThat(ann.hear()).isEqualTo("* Bob has left");
                    ann.leave();
                });
    }

    @Test
    void chat_disconnectInTheMiddleOfALine_isNoLine() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");
                    for (boolean reset : new boolean[] {false, true}) {
                        Member bob = enter("Bob");
                        assertThat(ann.hear()).isEqualTo("* Bob is here");

                        bob.write("half of a li");
                        await(sleep(Duration.ofSeconds(1)));
                        if (reset) {
                            bob.stream.abort();
                        } else {
                            bob.stream.close();
                        }

                        assertThat(ann.hear()).isEqualTo("* Bob has left");
                        await(bob.serving);
                    }
                    ann.leave();
                });
    }

    @Test
    void chat_silentMember_isSentAway() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");
                    Member nameless = connect(1000);

                    assertThat(ann.hearAll()).containsExactly("! you were silent for too long");
                    assertThat(nameless.hearAll())
                            .containsExactly(
                                    "* what is your name?", "! you were silent for too long");
                    assertThat(time.now())
                            .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(11));
                });
    }

    @Test
    void chat_controlCharacters_reachNobodysTerminal() {
        Peers.inVirtualTime(
                time,
                () -> {
                    Member ann = enter("Ann");

                    ann.say("\u001b[2J\u0007Grüße\u009b\r");

                    assertThat(ann.hear()).isEqualTo("<Ann> [2JGrüße");
                    ann.leave();
                });
    }

    @Test
    void server_memberDisconnects_nothingIsLeftOpen() {
        Peers.inLoop(() -> {
            Server server = (Server) await(chat.coroutine("listen", 0));
            try (server) {
                int port = server.localAddress().getPort();
                ByteStream ann = await(asyncio.net.Net.connect("127.0.0.1", port));
                ann.outputStream().write("Ann\nhal".getBytes(StandardCharsets.UTF_8));
                await(ann.aclose());
                await(server.aclose()); // when the last connection is closed
                assertThat(server.connectionCount()).isZero();
            }
        });
    }

    @Test
    @Tag("peers")
    void process_membersOfPython_talkAndAreToldGoodbye() {
        String script =
                """
                import asyncio, sys
                async def main():
                    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
                    async def hear(expected):
                        line = (await reader.readline()).decode().rstrip("\\n")
                        assert line == expected, line
                    await hear("* what is your name?")
                    writer.write(b"Guido\\nHello from ")
                    await hear("* Guido is here")
                    writer.write(b"Python\\r\\n")
                    await hear("<Guido> Hello from Python")
                    print("ready")
                    await hear("* the server stops; goodbye")
                    assert await reader.read() == b""
                    writer.close()
                    await writer.wait_closed()
                    print("done")
                asyncio.run(main())
                """;
        Peers.inLoop(() -> {
            try (Process server = await(Peers.example("Chat", "0"))) {
                int port = Peers.port(server);
                try (Process python = await(Peers.python(script, port))) {
                    assertThat(Peers.line(python)).isEqualTo("ready");

                    server.terminate();

                    assertThat(Peers.rest(python)).isEqualTo("done\n");
                }
                assertThat(Peers.rest(server)).startsWith("stopped; members cut off: 0\n");
            }
        });
    }

    private static List<String> lines(int count) {
        return IntStream.range(0, count).mapToObj(i -> "<Ann> line " + i).toList();
    }

    /// A member that has said its name.
    private Member enter(String name) throws Exception {
        Member member = connect(65536);
        assertThat(member.hear()).isEqualTo("* what is your name?");
        member.say(name);
        assertThat(member.hear()).isEqualTo("* " + name + " is here");
        return member;
    }

    private Member connect(int capacityBytes) {
        return new Member(capacityBytes);
    }

    /// A client in memory.
    private final class Member {
        final MemoryStream stream;
        final StreamPair pair;
        final Task<?> serving;

        Member(int capacityBytes) {
            var ends = MemoryStream.pair(getRunningLoop(), capacityBytes);
            stream = ends.getFirst();
            pair = StreamPair.over(stream, 65536);
            StreamPair server = StreamPair.over(ends.getLast(), 1000);
            serving = createTask(() -> chat.call("chat", server.reader(), server.writer()));
        }

        void say(String line) {
            write(line + "\n");
        }

        void write(String text) {
            pair.writer().write(text.getBytes(StandardCharsets.UTF_8));
        }

        String hear() throws IOException {
            byte[] line = await(pair.reader().readLine(), IOException.class);
            assertThat(line).as("not the end").isNotEmpty();
            return new String(line, StandardCharsets.UTF_8).stripTrailing();
        }

        /// What the server says from now on, and closes this side after it.
        List<String> hearAll() {
            List<String> lines = new ArrayList<>();
            try (pair) {
                for (String line : pair.reader().lines(StandardCharsets.UTF_8).values()) {
                    lines.add(line);
                }
                await(serving);
            }
            return lines;
        }

        void leave() {
            say("/quit");
            assertThat(hearAll()).endsWith("* goodbye");
        }
    }
}
