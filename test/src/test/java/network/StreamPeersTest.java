package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;
import static network.StreamsInMemory.bytes;
import static network.StreamsInMemory.text;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// CPython's streams at the other end: there and back.
@ExtendWith(NothingLeft.class)
@Tag("peers")
class StreamPeersTest {
    private static final int SIZE = 5_000_000;

    /// Per connection: echoes lines in upper case; "blob" is followed by a length and that many bytes,
    /// whose sum is answered; ends with the number of lines.
    private static final String SERVER = """
            import asyncio

            async def handle(reader, writer):
                count = 0
                async for line in reader:
                    count += 1
                    if line == b"blob\\n":
                        size = int.from_bytes(await reader.readexactly(4), "big")
                        writer.write(b"%d\\n" % sum(await reader.readexactly(size)))
                    else:
                        writer.write(line.upper())
                    await writer.drain()
                writer.write(b"lines %d" % count)
                writer.close()
                await writer.wait_closed()

            async def main():
                server = await asyncio.start_server(handle, "127.0.0.1", 0)
                print(server.sockets[0].getsockname()[1], flush=True)
                await asyncio.get_running_loop().run_in_executor(None, input)
                server.close()

            asyncio.run(main())
            """;

    private static final String CLIENT = """
            import asyncio, sys

            async def main():
                reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
                for i in range(100):
                    writer.write(b"line %d\\n" % i)
                    await writer.drain()
                    assert await reader.readline() == b"LINE %d\\n" % i
                writer.write(b"blob\\n" + (5000000).to_bytes(4, "big") + bytes(i % 251 for i in range(5000000)))
                assert int(await reader.readline()) == sum(i % 251 for i in range(5000000))
                writer.write_eof()
                assert await reader.read() == b"lines 101"
                writer.close()
                await writer.wait_closed()
                print("done")

            asyncio.run(main())
            """;

    @TempDir
    private Path directory;

    private Process python(String program, String... arguments) throws IOException {
        Path file = Files.writeString(directory.resolve("peer.py"), program);
        ProcessBuilder builder = new ProcessBuilder("python3", file.toString());
        builder.command().addAll(List.of(arguments));
        builder.redirectErrorStream(true);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException("this test needs python3 (3.11 or newer): install it", e);
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Spec({"ST-1", "ST-2", "ST-5", "F-ST-8"})
    void client_ofAPythonServer_isUnderstood() throws Exception {
        Process server = python(SERVER);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(out.readLine());
            Asyncio.run(() -> {
                Task<?> first = createTask(() -> talk(port));
                Task<?> second = createTask(() -> talk(port));
                await(first);
                await(second);
            });
        } finally {
            end(server);
        }
    }

    private static void talk(int port) {
        try (StreamPair pair = await(openConnection("127.0.0.1", port))) {
            StreamReader reader = pair.reader();
            StreamWriter writer = pair.writer();
            for (int i = 0; i < 100; i++) {
                writer.write(bytes("line " + i + "\n"));
                await(writer.drain());
                assertThat(text(await(reader.readLine()))).isEqualTo("LINE " + i + "\n");
            }
            byte[] blob = new byte[SIZE];
            long sum = 0;
            for (int i = 0; i < SIZE; i++) {
                blob[i] = (byte) (i % 251);
                sum += i % 251;
            }
            byte[] length = {SIZE >>> 24, (byte) (SIZE >>> 16), (byte) (SIZE >>> 8), (byte) SIZE};
            writer.writelines(List.of(bytes("blob\n"), length, blob));
            await(writer.drain());
            assertThat(text(await(reader.readLine()))).isEqualTo(sum + "\n");
            writer.writeEof();
            assertThat(text(await(reader.read()))).isEqualTo("lines 101");
            await(writer.aclose());
        }
    }

    @Test
    @Spec({"ST-1", "ST-2", "ST-5", "F-ST-8"})
    void server_ofAPythonClient_isUnderstood() {
        Asyncio.run(() -> {
            try (Server server = await(startServer(StreamPeersTest::serve, "127.0.0.1", 0))) {
                String port = Integer.toString(server.localAddress().getPort());
                String output = await(toThread(() -> {
                    Process client = python(CLIENT, port);
                    try {
                        return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    } finally {
                        end(client);
                    }
                }));
                assertThat(output).isEqualTo("done\n");
            }
        });
    }

    private static void serve(StreamReader reader, StreamWriter writer) {
        int count = 0;
        for (byte[] line : reader.values()) {
            count++;
            if (text(line).equals("blob\n")) {
                byte[] size = await(reader.readExactly(4));
                int length = (size[0] & 0xFF) << 24 | (size[1] & 0xFF) << 16 | (size[2] & 0xFF) << 8 | size[3] & 0xFF;
                long sum = 0;
                for (byte each : await(reader.readExactly(length))) {
                    sum += each & 0xFF;
                }
                writer.write(bytes(sum + "\n"));
            } else {
                writer.write(bytes(text(line).toUpperCase(java.util.Locale.ROOT)));
            }
            await(writer.drain());
        }
        writer.write(bytes("lines " + count));
        writer.close();
    }
}
