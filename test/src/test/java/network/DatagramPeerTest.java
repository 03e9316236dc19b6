package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.toThread;
import static asyncio.net.Net.openDatagramEndpoint;
import static network.NetworkRun.anyPort;
import static network.NetworkRun.bytes;
import static network.NetworkRun.loopback;
import static network.NetworkRun.run;
import static network.NetworkRun.text;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Task;
import asyncio.net.Datagram;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Datagrams there and back with CPython's asyncio; not empty ones, which it drops before 3.13.
@ExtendWith(NothingLeft.class)
@Spec("IO-13")
@Tag("peers")
class DatagramPeerTest {
    private static final String SERVER = """
            import asyncio
            class Echo(asyncio.DatagramProtocol):
                def connection_made(self, transport):
                    self.transport = transport
                def datagram_received(self, data, address):
                    self.transport.sendto(data.upper(), address)
            async def main():
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
                print(transport.get_extra_info("sockname")[1])
                await asyncio.sleep(60)
            asyncio.run(main())
            """;

    private static final String CLIENT = """
            import asyncio, sys
            class Client(asyncio.DatagramProtocol):
                def __init__(self):
                    self.answer = asyncio.get_running_loop().create_future()
                def datagram_received(self, data, address):
                    self.answer.set_result(data)
            async def main():
                loop = asyncio.get_running_loop()
                for message in (b"one", b"x" * 60000):
                    transport, client = await loop.create_datagram_endpoint(
                        Client, remote_addr=("127.0.0.1", int(sys.argv[1])))
                    transport.sendto(message)
                    answer = await asyncio.wait_for(client.answer, 60)
                    print(len(answer), answer[:3].decode())
                    transport.close()
            asyncio.run(main())
            """;

    @Test
    void client_ofAPythonServer_hearsTheAnswers() {
        run(() -> {
            try (PythonPeer peer = PythonPeer.start(SERVER)) {
                int port = Integer.parseInt(await(toThread(peer::line)));
                try (DatagramEndpoint client = await(openDatagramEndpoint(DatagramOptions.to(loopback(port))))) {
                    for (String word : List.of("one", "two", "three")) {
                        await(client.send(bytes(word)));
                        assertThat(text(await(client.receive()).data())).isEqualTo(word.toUpperCase(Locale.ROOT));
                    }
                }
            }
        });
    }

    @Test
    void server_ofAPythonClient_isHeard() {
        run(() -> {
            DatagramEndpoint server = await(openDatagramEndpoint(DatagramOptions.at(anyPort())));
            Task<@Nullable Void> echo = createTask(() -> {
                try (var datagrams = server.values()) {
                    for (Datagram datagram : datagrams) {
                        await(server.send(datagram.data(), datagram.address()));
                    }
                }
            });
            try {
                String port = String.valueOf(server.localAddress().getPort());
                try (PythonPeer peer = PythonPeer.start(CLIENT, port)) {
                    assertThat(await(toThread(peer::line))).isEqualTo("3 one");
                    assertThat(await(toThread(peer::line))).isEqualTo("60000 xxx");
                }
            } finally {
                server.close(); // ends the iteration
            }
            await(echo);
        });
    }
}
