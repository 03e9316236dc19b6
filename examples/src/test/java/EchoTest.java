import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.SystemExit;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.process.Process;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.testing.VirtualTime;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The echo server and its client, each also with CPython's asyncio at the other side.
class EchoTest {
    private static final String MESSAGE = "Grüße, 世界! ".repeat(20_000);

    @Test
    void client_ourServer_getsItsMessageBack() {
        Peers.inLoop(() -> {
            try (Server server = (Server) await(Example.of("EchoServer").coroutine("listen", 0))) {
                int port = server.localAddress().getPort();

                assertThat(await(client().coroutine("echo", "127.0.0.1", port, MESSAGE)))
                        .isEqualTo(MESSAGE);
                assertThat(await(client().coroutine("echo", "127.0.0.1", port, ""))).isEqualTo("");
                await(server.aclose());
            }
        });
    }

    @Test
    @Tag("peers")
    void client_serverOfPython_getsItsMessageBack() {
        String script =
                """
                import asyncio
                async def echo(reader, writer):
                    while data := await reader.read(8192):
                        writer.write(data)
                        await writer.drain()
                    writer.close()
                async def main():
                    server = await asyncio.start_server(echo, "127.0.0.1", 0)
                    print("listening on port", server.sockets[0].getsockname()[1])
                    await server.serve_forever()
                asyncio.run(main())
                """;
        Peers.inLoop(() -> {
            try (Process python = await(Peers.python(script))) {
                int port = Peers.port(python);

                assertThat(await(client().coroutine("echo", "127.0.0.1", port, MESSAGE)))
                        .isEqualTo(MESSAGE);
            }
        });
    }

    @Test
    @Tag("peers")
    void server_clientOfPython_sendsEverythingBack() {
        String script =
                """
                import asyncio, sys
                async def main():
                    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
                    for size in (1, 1000, 300_000):
                        data = bytes(i % 251 for i in range(size))
                        writer.write(data)
                        assert await reader.readexactly(size) == data
                    writer.write_eof()
                    assert await reader.read() == b""
                    writer.close()
                    await writer.wait_closed()
                    print("all came back")
                asyncio.run(main())
                """;
        Peers.inLoop(() -> {
            Server server = (Server) await(Example.of("EchoServer").coroutine("listen", 0));
            try (server;
                    Process python = await(Peers.python(script, server.localAddress().getPort()))) {
                assertThat(Peers.rest(python)).isEqualTo("all came back\n");
                await(server.aclose());
            }
        });
    }

    @Test
    void server_silentClient_isLeftAfterTheIdleTime() {
        VirtualTime time = VirtualTime.create();
        Peers.inVirtualTime(
                time,
                () -> {
                    var ends = MemoryStream.pair(getRunningLoop());
                    Example server = Example.of("EchoServer").with("idleTime", Duration.ofHours(1));
                    Task<Object> serving = createTask(() -> server.call("echo", ends.getFirst()));
                    ByteStream peer = ends.getLast();

                    await(sleep(Duration.ofMinutes(50)));
                    await(peer.send(ByteBuffer.wrap(new byte[10])));
                    assertThat(await(peer.receive(ByteBuffer.allocate(100)))).isEqualTo(10);
                    await(serving);

                    assertThat(time.now()).isEqualTo(Duration.ofMinutes(110));
                });
    }

    @Test
    void server_signal_stopsInGoodOrder() {
        Peers.inLoop(() -> {
            try (Process server = await(Peers.example("EchoServer", "0"))) {
                int port = Peers.port(server);
                assertThat(await(client().coroutine("echo", "127.0.0.1", port, "Hello")))
                        .isEqualTo("Hello");

                server.terminate();

                assertThat(Peers.rest(server)).startsWith("stopped\n");
            }
        });
    }

    @Test
    void client_nobodyListens_saysSo() {
        Peers.inLoop(() -> {
            try (Socket bound = Peers.boundSocket()) {
                String port = String.valueOf(bound.getLocalPort());
                try (Process process =
                        await(Peers.example("EchoClient", "127.0.0.1", port, "Hello"))) {
                    assertThat(Peers.rest(process)).startsWith("no echo: ").contains(port);
                }
            }
        });
    }

    @Test
    void main_badArguments_isTwo() throws Exception {
        for (String name : new String[] {"EchoServer", "EchoClient", "Proxy", "Chat"}) {
            Example program = Example.of(name);
            assertThatThrownBy(() -> program.call("main", (Object) new String[] {"x", "y"}))
                    .isInstanceOfSatisfying(
                            SystemExit.class, exit -> assertThat(exit.code()).isEqualTo(2));
        }
    }

    private static Example client() throws ReflectiveOperationException {
        return Example.of("EchoClient");
    }
}
