package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.connectUnix;
import static asyncio.net.Net.openUnixConnection;
import static asyncio.net.Net.serveUnix;
import static asyncio.net.Net.startUnixServer;
import static network.NetworkRun.bytes;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.net.Net;
import asyncio.net.Server;
import asyncio.net.UnixOptions;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.PeerCredentials;
import asyncio.stream.StreamPair;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Unix sockets and their files.
@ExtendWith(NothingLeft.class)
@Spec("IO-6")
class UnixSocketTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private Path path() {
        return directory.resolve("s");
    }

    private static void echo(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (await(stream.receive(buffer.clear())) >= 0) {
            await(stream.send(buffer.flip()));
        }
    }

    private static String ask(ByteStream client, String question) {
        await(client.send(bytes(question)));
        await(client.sendEof());
        ByteBuffer answer = ByteBuffer.allocate(1024);
        while (await(client.receive(answer)) >= 0) {
            assertThat(answer.hasRemaining()).isTrue();
        }
        return text(answer.flip());
    }

    @Test
    void byteStream_messageAndEnd_comeBack() {
        run(() -> {
            try (Server server = await(serveUnix(UnixSocketTest::echo, path()));
                    ByteStream client = await(connectUnix(path()))) {
                assertThat(ask(client, "hello")).isEqualTo("hello");
                assertThat(server.toString()).contains("Server");
            }
            assertThat(path()).doesNotExist();
        });
    }

    @Test
    void readerAndWriter_line_comesBack() {
        run(() -> {
            try (Server server = await(startUnixServer(
                            (reader, writer) -> {
                                writer.write(await(reader.readLine()));
                                await(writer.drain());
                                writer.close();
                            },
                            path()));
                    StreamPair client = await(openUnixConnection(path()))) {
                client.writer().write("line\n".getBytes(StandardCharsets.UTF_8));
                await(client.writer().drain());
                assertThat(text(await(client.reader().readLine()))).isEqualTo("line\n");
                assertThat(server.toString()).contains("Server");
            }
        });
    }

    // The file

    @Test
    void serve_staleSocketFile_isReplaced() {
        run(() -> {
            ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                    .bind(UnixDomainSocketAddress.of(path()))
                    .close();
            assertThat(path()).exists();
            try (Server server = await(serveUnix(UnixSocketTest::echo, path()));
                    ByteStream client = await(connectUnix(path()))) {
                assertThat(ask(client, "new")).isEqualTo("new");
                assertThat(server.toString()).contains("Server");
            }
        });
    }

    @Test
    void serve_fileThatIsNoSocket_refusedAndLeftAlone() {
        run(() -> {
            Files.writeString(path(), "precious");
            assertThatThrownBy(() -> await(serveUnix(UnixSocketTest::echo, path())))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("Address " + path() + " is already in use");
            assertThat(path()).hasContent("precious");
        });
    }

    @Test
    void close_fileReplacedByAnotherServer_isLeftAlone() {
        run(() -> {
            Server first = await(serveUnix(UnixSocketTest::echo, path()));
            try (Server second = await(serveUnix(UnixSocketTest::echo, path()))) {
                first.close();
                first.close();
                try (ByteStream client = await(connectUnix(path()))) {
                    assertThat(ask(client, "second")).isEqualTo("second");
                }
                assertThat(second.toString()).contains("Server");
            }
            assertThat(path()).doesNotExist();
        });
    }

    @Test
    void close_fileRemovedBySomebodyElse_isFine() {
        run(() -> {
            try (Server server = await(serveUnix(UnixSocketTest::echo, path()))) {
                Files.delete(path());
                assertThat(server.toString()).contains("Server");
            }
        });
    }

    @Test
    void close_withoutCleanup_leavesTheFile() {
        run(() -> {
            await(serveUnix(UnixSocketTest::echo, path(), UnixOptions.DEFAULT.cleanupSocket(false)))
                    .close();
            assertThat(path()).exists();
        });
    }

    @Test
    void serve_permissions_ofTheOwnerUnlessSaidOtherwise() {
        run(() -> {
            try (Server server = await(serveUnix(UnixSocketTest::echo, path()))) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                        .isEqualTo("rw-------");
                assertThat(server.toString()).contains("Server");
            }
            UnixOptions group = UnixOptions.DEFAULT.permissions("rw-rw----").backlog(5);
            try (Server server = await(startUnixServer((reader, writer) -> {}, path(), group))) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                        .isEqualTo("rw-rw----");
                assertThat(server.toString()).contains("Server");
            }
            await(serveUnix(UnixSocketTest::echo, path(), UnixOptions.DEFAULT.permissionsOfUmask()))
                    .close();
        });
        assertThatThrownBy(() -> UnixOptions.DEFAULT.permissions("everybody"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> UnixOptions.DEFAULT.backlog(0)).isInstanceOf(IllegalArgumentException.class);
    }

    // Failures

    @Test
    void path_tooLong_failsWithItsLength() {
        Path deep = directory.resolve("x".repeat(200));
        run(() -> {
            assertThatThrownBy(() -> await(serveUnix(UnixSocketTest::echo, deep)))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("too long")
                    .hasMessageContaining("use a shorter one");
            assertThatThrownBy(() -> await(connectUnix(deep)))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("too long");
        });
    }

    @Test
    void connect_nothingThere_failsWithThePath() {
        run(() -> {
            assertThatThrownBy(() -> await(connectUnix(path())))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining(path().toString());
            assertThatThrownBy(() -> await(serveUnix(UnixSocketTest::echo, path().resolve("deeper"))))
                    .isInstanceOf(NoSuchFileException.class);
        });
    }

    @Test
    void connect_nobodyListens_refusedWithThePath() {
        run(() -> {
            await(serveUnix(UnixSocketTest::echo, path(), UnixOptions.DEFAULT.cleanupSocket(false)))
                    .close();
            assertThatThrownBy(() -> await(openUnixConnection(path())))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(path().toString());
        });
    }

    @Test
    void connect_serverAcceptsNobody_waitsUntilItDoes() {
        run(() -> {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path()), 1)) {
                List<AutoCloseable> open = new ArrayList<>();
                Task<ByteStream> waiting;
                do { // until the backlog is full
                    waiting = createTask(connectUnix(path()));
                    await(sleep(Duration.ZERO));
                    if (waiting.isDone()) {
                        open.add(waiting.result());
                    }
                } while (waiting.isDone());
                for (int i = open.size(); i > 0; i--) {
                    open.add(listener.accept());
                }
                await(waiting).close();
                for (AutoCloseable each : open) {
                    each.close();
                }
            }
        });
    }

    // What is known

    @Test
    void extraInfo_peerCredentials_areTheUserOfThePeer() {
        run(() -> {
            List<PeerCredentials> seen = new ArrayList<>();
            try (Server server = await(serveUnix(
                            stream -> {
                                seen.add(stream.extraInfo(ExtraInfo.PEER_CREDENTIALS));
                                echo(stream);
                            },
                            path()));
                    ByteStream client = await(connectUnix(path()))) {
                assertThat(ask(client, "x")).isEqualTo("x");
                assertThat(seen)
                        .singleElement()
                        .satisfies(credentials ->
                                assertThat(credentials.user().getName()).isEqualTo(System.getProperty("user.name")));
                assertThat(client.extraInfo(ExtraInfo.PEER_CREDENTIALS)).isEqualTo(seen.getFirst());
                assertThat(client.extraInfo(ExtraInfo.PEER_ADDRESS)).isEqualTo(UnixDomainSocketAddress.of(path()));
                assertThat(server.toString()).contains("Server");
            }
        });
    }

    @Test
    void extraInfo_peerCredentialsOfTcp_unknown() {
        run(() -> {
            try (Server server = await(Net.serve(UnixSocketTest::echo, "127.0.0.1", 0));
                    ByteStream client =
                            await(Net.connect("127.0.0.1", server.localAddress().getPort()))) {
                assertThat(client.extraInfo(ExtraInfo.PEER_CREDENTIALS)).isNull();
            }
        });
    }

    // Cancellation

    @Test
    void connect_cancelledAnywhere_leavesNothingOpen() {
        SocketSweep.run(victim -> {
            Path socket = Files.createTempFile(directory, "s", "");
            Files.delete(socket);
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket))) {
                Task<@Nullable Void> connecting = createTask(() -> {
                    try (ByteStream client = await(connectUnix(socket))) {
                        await(sleep(Duration.ZERO));
                        assertThat(client.isClosed()).isFalse();
                    }
                });
                victim.isAndEnds(connecting);
                if (!victim.wasCancelled()) {
                    try (SocketChannel accepted = listener.accept()) {
                        assertThat(accepted.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                    }
                }
            }
        });
    }

    @Test
    void serve_cancelledAnywhere_leavesNoFile() {
        SocketSweep.run(victim -> {
            victim.isAndEnds(createTask(() -> {
                try (Server server = await(serveUnix(UnixSocketTest::echo, path()))) {
                    await(sleep(Duration.ZERO));
                    assertThat(server.toString()).contains("Server");
                }
            }));
            assertThat(path()).doesNotExist();
        });
    }
}
