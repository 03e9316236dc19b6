package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.createDatagramEndpoint;

import asyncio.Future;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramPair;
import asyncio.net.DatagramProtocol;
import asyncio.net.DatagramTransport;
import asyncio.stream.ExtraInfo;
import asyncio.sync.Queue;
import asyncio.testing.Spec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Datagrams over loopback: echo with the sender's address, an empty datagram, a closed port
/// reported without closing the endpoint.
@Spec({"IO-13", "F-TR-3"})
class T57DatagramsTest extends Trace {
    private static String decode(ByteBuffer data) {
        return StandardCharsets.UTF_8.decode(data).toString();
    }

    private static ByteBuffer encode(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    private static String orEmpty(String text) {
        return text.isEmpty() ? "(empty)" : text;
    }

    private final class Echo implements DatagramProtocol {
        final Future<@Nullable Void> lost = getRunningLoop().createFuture();
        private @Nullable DatagramTransport transport;

        @Override
        public void connectionMade(DatagramTransport newTransport) {
            transport = newTransport;
        }

        @Override
        public void datagramReceived(ByteBuffer data, InetSocketAddress address) {
            String text = decode(data);
            print("server", "got", orEmpty(text));
            Objects.requireNonNull(transport).sendto(encode(text.toUpperCase(Locale.ROOT)), address);
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            lost.setResult(null);
        }
    }

    private static final class Client implements DatagramProtocol {
        final Queue<String> inbox = new Queue<>();
        final Future<String> lost = getRunningLoop().createFuture();

        @Override
        public void datagramReceived(ByteBuffer data, InetSocketAddress address) {
            inbox.tryPut(orEmpty(decode(data)));
        }

        @Override
        public void errorReceived(IOException error) {
            // the JDK's name of what Python calls ConnectionRefusedError
            inbox.tryPut(
                    "error " + (error instanceof PortUnreachableException ? "ConnectionRefusedError" : name(error)));
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            lost.setResult(error == null ? "without error" : "with error");
        }
    }

    private void main() {
        DatagramPair<Echo> server = await(createDatagramEndpoint(
                Echo::new, DatagramOptions.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))));
        var address = (InetSocketAddress) server.transport().extraInfo(ExtraInfo.LOCAL_ADDRESS);
        DatagramPair<Client> pair =
                await(createDatagramEndpoint(Client::new, DatagramOptions.to(Objects.requireNonNull(address))));
        DatagramTransport transport = pair.transport();
        Client client = pair.protocol();
        for (String text : List.of("one", "two", "")) {
            transport.sendto(encode(text));
            print("client", "got", await(client.inbox.get()));
        }
        try {
            transport.sendto(encode("x"), new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
        } catch (IllegalArgumentException e) {
            print("client", "other address", name(e));
        }

        server.transport().close();
        await(server.protocol().lost);
        transport.sendto(encode("nobody there"));
        print("client", "got", await(client.inbox.get()));
        print("client", "closing:", yes(transport.isClosing()));
        transport.close();
        print("client", "lost", await(client.lost));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main));

        assertPrinted("57-datagrams");
    }
}
