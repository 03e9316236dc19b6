package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.timeout;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.bytes;
import static network.TlsLab.receive;
import static network.TlsLab.receiveEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.net.ConnectionHandler;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.tls.ClientAuth;
import asyncio.tls.TlsContext;
import asyncio.tls.TlsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Other implementations of TLS as peers, on loopback sockets: OpenSSL's tools and CPython's asyncio.
@Tag("peers")
class TlsPeersTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration LIMIT = Duration.ofSeconds(60); // of a peer that hangs

    private static void run(VoidBody body) {
        Asyncio.run(() -> await(timeout(LIMIT, body)));
    }

    private static String option(TlsVersion version) {
        return version == TlsVersion.TLS_1_2 ? "-tls1_2" : "-tls1_3";
    }

    private static List<String> command(String tool, String... options) {
        List<String> command = new ArrayList<>(List.of("openssl", tool));
        command.addAll(List.of(options));
        return command;
    }

    // OpenSSL as server

    private static TlsPeer opensslServer(String... options) {
        List<String> command =
                command("s_server", "-accept", HOST + ":0", "-cert", name(TlsFixtures.SERVER.certificate()));
        command.addAll(List.of("-key", name(TlsFixtures.SERVER.key())));
        command.addAll(List.of(options));
        return TlsPeer.start(command);
    }

    private static String name(Path path) {
        return path.toString();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void opensslServer_eachVersion_talks(TlsVersion version) {
        run(() -> {
            try (TlsPeer peer = opensslServer("-rev", option(version), "-alpn", "other,echo");
                    ByteStream plain = await(connect(HOST, peer.port("ACCEPT")));
                    ByteStream stream = await(
                            CLIENT.alpnProtocols("echo").client("localhost").over(plain))) {
                assertThat(stream.extraInfo(ExtraInfo.TLS_SESSION).getProtocol())
                        .isEqualTo(version.protocol());
                assertThat(stream.extraInfo(ExtraInfo.ALPN_PROTOCOL)).isEqualTo("echo");
                assertThat(stream.extraInfo(ExtraInfo.PEER_ADDRESS)).isNotNull();
                await(stream.send(bytes("hello\n")));
                assertThat(receive(stream, 6)).isEqualTo("olleh\n");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void opensslServer_wantsACertificate_getsIt(TlsVersion version) {
        TlsContext client = CLIENT.clientCertificate(TlsFixtures.CLIENT.certificate(), TlsFixtures.CLIENT.key());
        run(() -> {
            try (TlsPeer peer = opensslServer(
                            "-rev",
                            option(version),
                            "-Verify",
                            "2",
                            "-verify_return_error",
                            "-CAfile",
                            name(TlsFixtures.CA));
                    ByteStream plain = await(connect(HOST, peer.port("ACCEPT")));
                    ByteStream stream = await(client.client("localhost").over(plain))) {
                await(stream.send(bytes("ab\n")));
                assertThat(receive(stream, 3)).isEqualTo("ba\n");
            }
        });
    }

    @Test
    void opensslServer_updatesItsKeys_loseNothing() {
        run(() -> {
            try (TlsPeer peer = opensslServer("-tls1_3");
                    ByteStream plain = await(connect(HOST, peer.port("ACCEPT")));
                    ByteStream stream = await(CLIENT.client("localhost").over(plain))) {
                peer.say("before");
                assertThat(receive(stream, 7)).isEqualTo("before\n");
                peer.say("K"); // new keys for both; what comes in the same piece of input is lost
                Task<String> answer = Asyncio.createTask(() -> receive(stream, 6));
                while (!answer.isDone()) {
                    peer.say("after");
                    await(Asyncio.sleep(Duration.ofMillis(5)));
                }
                assertThat(await(answer)).isEqualTo("after\n");
                await(stream.send(bytes("answer with new keys\n")));
                peer.lineWith("answer with new keys");
            }
        });
    }

    @Test
    void opensslServer_sendsALot_everythingArrivesAndEndsInGoodForm() {
        run(() -> {
            TlsFixtures.file("large.txt", "x".repeat(3_000_000));
            try (TlsPeer peer = opensslServer("-HTTP");
                    ByteStream plain = await(connect(HOST, peer.port("ACCEPT")));
                    ByteStream stream = await(CLIENT.client("localhost").over(plain))) {
                await(stream.send(bytes("GET /large.txt HTTP/1.0\r\n\r\n")));
                ByteBuffer buffer = ByteBuffer.allocate(100_000);
                int total = 0;
                int count;
                while ((count = await(stream.receive(buffer.clear()))) >= 0) {
                    total += count;
                }
                assertThat(total).isEqualTo(3_000_000);
                await(stream.aclose());
            }
        });
    }

    @Test
    void opensslServer_wrongName_isRefused() {
        run(() -> {
            try (TlsPeer peer = opensslServer("-rev");
                    ByteStream plain = await(connect(HOST, peer.port("ACCEPT")))) {
                assertThatThrownBy(() -> await(CLIENT.client("wrong.test").over(plain)))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("wrong.test");
                assertThat(plain.isClosed()).isTrue();
                peer.lineWith("alert");
            }
        });
    }

    // OpenSSL as client

    /// Sends everything back, and says what it knows of the connection.
    private static void echo(TlsContext context, Future<String> known, ByteStream plain) throws IOException {
        try (ByteStream stream = await(context.server().over(plain), IOException.class)) {
            SSLSession session = stream.extraInfo(ExtraInfo.TLS_SESSION);
            String peer;
            try {
                peer = session.getPeerPrincipal().getName();
            } catch (SSLPeerUnverifiedException e) {
                peer = "nobody";
            }
            known.setResult(session.getProtocol() + " " + stream.extraInfo(ExtraInfo.ALPN_PROTOCOL) + " " + peer);
            ByteBuffer buffer = ByteBuffer.allocate(10_000);
            while (await(stream.receive(buffer.clear()), IOException.class) >= 0) {
                await(stream.send(buffer.flip()), IOException.class);
            }
            await(stream.aclose());
        }
    }

    private static TlsPeer opensslClient(Server server, String... options) {
        List<String> command = command(
                "s_client",
                "-connect",
                HOST + ":" + server.localAddress().getPort(),
                "-servername",
                "localhost",
                "-verify_hostname",
                "localhost",
                "-verify_return_error",
                "-CAfile",
                name(TlsFixtures.CA));
        command.addAll(List.of(options));
        return TlsPeer.start(command);
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void opensslClient_eachVersion_talks(TlsVersion version) {
        TlsContext context =
                SERVER.alpnProtocols("echo").trusting(TlsFixtures.CA).clientAuth(ClientAuth.NEEDED);
        run(() -> {
            Future<String> known = Asyncio.getRunningLoop().createFuture();
            try (Server server = await(serve(plain -> echo(context, known, plain), HOST, 0));
                    TlsPeer peer = opensslClient(
                            server,
                            option(version),
                            "-alpn",
                            "echo,other",
                            "-cert",
                            name(TlsFixtures.CLIENT.certificate()),
                            "-key",
                            name(TlsFixtures.CLIENT.key()))) {
                peer.say("hello from openssl");
                peer.lineWith("hello from openssl");
                assertThat(await(known)).isEqualTo(version.protocol() + " echo CN=client");
                peer.quit();
            }
        });
    }

    @Test
    void opensslClient_updatesItsKeys_losesNothing() {
        run(() -> {
            Future<String> known = Asyncio.getRunningLoop().createFuture();
            try (Server server = await(serve(plain -> echo(SERVER, known, plain), HOST, 0));
                    TlsPeer peer = opensslClient(server, "-tls1_3")) {
                peer.say("before");
                peer.lineWith("before");
                peer.say("K");
                peer.lineWith("KEYUPDATE");
                peer.say("after");
                peer.lineWith("after");
                peer.quit();
                assertThat(await(known)).isEqualTo("TLSv1.3 null nobody");
            }
        });
    }

    @Test
    void opensslClient_asksForRenegotiation_isRefusedAndTheServerGoesOn() {
        run(() -> {
            List<Throwable> failures = new ArrayList<>();
            Future<String> first = Asyncio.getRunningLoop().createFuture();
            Future<String> second = Asyncio.getRunningLoop().createFuture();
            try (Server server = await(serve(
                    plain -> {
                        try {
                            echo(SERVER, first.isDone() ? second : first, plain);
                        } catch (IOException e) {
                            failures.add(e);
                        }
                    },
                    HOST,
                    0))) {
                try (TlsPeer peer = opensslClient(server, "-tls1_2")) {
                    peer.say("before");
                    peer.lineWith("before");
                    peer.say("R");
                    peer.lineWith("RENEGOTIATING");
                    while (failures.isEmpty()) {
                        await(Asyncio.sleep(Duration.ofMillis(1)));
                    }
                }
                assertThat(failures.getFirst()).hasMessageContaining("renegotiation refused");
                try (TlsPeer peer = opensslClient(server, "-tls1_2")) {
                    peer.say("again");
                    peer.lineWith("again");
                    peer.quit();
                }
                assertThat(await(second)).startsWith("TLSv1.2");
            }
        });
    }

    // CPython's asyncio

    private static TlsPeer python(String program) {
        return TlsPeer.start("python3", "-u", name(TlsFixtures.file("peer.py", program)));
    }

    @Test
    void pythonServer_echoes() {
        String program = """
                import asyncio, ssl
                async def echo(reader, writer):
                    while data := await reader.read(10000):
                        writer.write(data)
                        await writer.drain()
                    writer.close()
                async def main():
                    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                    context.load_cert_chain('server.pem', 'server.key')
                    context.set_alpn_protocols(['echo'])
                    server = await asyncio.start_server(echo, '127.0.0.1', 0, ssl=context)
                    print('listens:%d' % server.sockets[0].getsockname()[1])
                    await server.serve_forever()
                asyncio.run(main())
                """;
        run(() -> {
            try (TlsPeer peer = python(program);
                    ByteStream plain = await(connect(HOST, peer.port("listens")));
                    ByteStream stream = await(
                            CLIENT.alpnProtocols("echo").client("localhost").over(plain))) {
                assertThat(stream.extraInfo(ExtraInfo.ALPN_PROTOCOL)).isEqualTo("echo");
                ByteBuffer sent = ByteBuffer.allocate(200_000);
                Future<?> sending = Asyncio.createTask(() -> {
                    await(stream.send(sent));
                });
                assertThat(receive(stream, 200_000)).hasSize(200_000);
                await(sending);
                await(stream.aclose());
            }
        });
    }

    @Test
    void pythonClient_talksAndSaysGoodbye() {
        String program = """
                import asyncio, ssl, sys
                async def main(port):
                    context = ssl.create_default_context(cafile='ca.pem')
                    reader, writer = await asyncio.open_connection(
                        '127.0.0.1', port, ssl=context, server_hostname='localhost')
                    writer.write(b'x' * 200000)
                    data = await reader.readexactly(200000)
                    writer.close()
                    await writer.wait_closed()
                    print('got %d bytes, %s' % (len(data), writer.get_extra_info('cipher')[1]))
                asyncio.run(main(PORT))
                """;
        run(() -> {
            Future<String> known = Asyncio.getRunningLoop().createFuture();
            Future<Boolean> ended = Asyncio.getRunningLoop().createFuture();
            try (Server server = await(serve(
                    plain -> {
                        echo(SERVER, known, plain);
                        ended.setResult(true);
                    },
                    HOST,
                    0))) {
                String port = Integer.toString(server.localAddress().getPort());
                try (TlsPeer peer = python(program.replace("PORT", port))) {
                    assertThat(peer.lineWith("got")).isEqualTo("got 200000 bytes, TLSv1.3");
                    assertThat(await(ended)).as("the end came with a goodbye").isTrue();
                }
            }
        });
    }

    @Test
    void pythonServer_upgradesInTheMiddle_goesOn() {
        String program = """
                import asyncio, ssl
                async def talk(reader, writer):
                    await reader.readline()
                    writer.write(b'go ahead\\n')
                    await writer.drain()
                    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                    context.load_cert_chain('server.pem', 'server.key')
                    await writer.start_tls(context)
                    writer.write((await reader.readline()).upper())
                    await writer.drain()
                    writer.close()
                async def main():
                    server = await asyncio.start_server(talk, '127.0.0.1', 0)
                    print('listens:%d' % server.sockets[0].getsockname()[1])
                    await server.serve_forever()
                asyncio.run(main())
                """;
        run(() -> {
            try (TlsPeer peer = python(program);
                    ByteStream plain = await(connect(HOST, peer.port("listens")))) {
                await(plain.send(bytes("STARTTLS\n")));
                assertThat(receive(plain, 9)).isEqualTo("go ahead\n");
                try (ByteStream stream = await(CLIENT.client("localhost").over(plain))) {
                    await(stream.send(bytes("secret\n")));
                    assertThat(receive(stream, 7)).isEqualTo("SECRET\n");
                    assertThat(receiveEnd(stream)).isEqualTo(-1);
                }
            }
        });
    }

    @Test
    void pythonClient_upgradesInTheMiddle_goesOn() {
        String program = """
                import asyncio, ssl
                async def main():
                    reader, writer = await asyncio.open_connection('127.0.0.1', PORT)
                    writer.write(b'STARTTLS\\n')
                    print('plain:', (await reader.readline()).decode().strip())
                    context = ssl.create_default_context(cafile='ca.pem')
                    await writer.start_tls(context, server_hostname='localhost')
                    writer.write(b'secret\\n')
                    print('answer:', (await reader.readline()).decode().strip())
                    writer.close()
                asyncio.run(main())
                """;
        run(() -> {
            ConnectionHandler handler = (reader, writer) -> {
                try (writer) {
                    await(reader.readLine());
                    writer.write("go ahead\n".getBytes(StandardCharsets.UTF_8));
                    await(writer.startTls(SERVER.server()));
                    writer.write(await(reader.readLine()));
                    await(writer.drain());
                    assertThat(await(reader.readLine())).isEmpty();
                }
            };
            try (Server server = await(startServer(handler, HOST, 0));
                    TlsPeer peer = python(program.replace("PORT", Integer.toString(server.port())))) {
                peer.lineWith("plain: go ahead");
                peer.lineWith("answer: secret");
            }
        });
    }
}
