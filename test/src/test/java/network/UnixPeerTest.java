package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.openUnixConnection;
import static asyncio.net.Net.startUnixServer;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.net.Server;
import asyncio.stream.StreamPair;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Unix sockets there and back with CPython's asyncio.
@ExtendWith(NothingLeft.class)
@Spec("IO-6")
@Tag("peers")
class UnixPeerTest {
    private static final String SERVER = """
            import asyncio, sys
            async def handle(reader, writer):
                writer.write((await reader.readline()).upper())
                await writer.drain()
                writer.close()
            async def main():
                async with await asyncio.start_unix_server(handle, sys.argv[1]):
                    print("ready")
                    await asyncio.sleep(60)
            asyncio.run(main())
            """;

    private static final String CLIENT = """
            import asyncio, sys
            async def main():
                reader, writer = await asyncio.open_unix_connection(sys.argv[1])
                writer.write(b"question\\n")
                print((await asyncio.wait_for(reader.read(), 60)).decode().strip())
                writer.close()
            asyncio.run(main())
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Test
    void client_ofAPythonServer_hearsTheAnswer() {
        Path path = directory.resolve("s");
        run(() -> {
            try (PythonPeer peer = PythonPeer.start(SERVER, path.toString())) {
                assertThat(await(toThread(peer::line))).isEqualTo("ready");
                try (StreamPair client = await(openUnixConnection(path))) {
                    client.writer().write("question\n".getBytes(StandardCharsets.UTF_8));
                    await(client.writer().drain());
                    assertThat(text(await(client.reader().read()))).isEqualTo("QUESTION\n");
                }
            }
        });
    }

    @Test
    void server_ofAPythonClient_isHeard() {
        Path path = directory.resolve("s");
        run(() -> {
            try (Server server = await(startUnixServer(
                            (reader, writer) -> {
                                writer.write(await(reader.readLine()));
                                await(writer.drain());
                                writer.close();
                            },
                            path));
                    PythonPeer peer = PythonPeer.start(CLIENT, path.toString())) {
                assertThat(await(toThread(peer::line))).isEqualTo("question");
                assertThat(server.toString()).contains("Server");
            }
        });
    }
}
