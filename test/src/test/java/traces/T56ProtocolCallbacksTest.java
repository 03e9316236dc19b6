package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.net.Net.createConnection;
import static asyncio.net.Net.createServer;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.Asyncio;
import asyncio.Future;
import asyncio.net.Server;
import asyncio.stream.Protocol;
import asyncio.stream.ProtocolPair;
import asyncio.stream.Transport;
import asyncio.sync.Queue;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The order of protocol callbacks: made, data, end, lost exactly once on each side; a server that
/// keeps its side open after the end of input.
@ExtendWith(NothingLeft.class)
@Spec({"IO-3", "IO-7", "IO-9", "F-TR-2"})
class T56ProtocolCallbacksTest extends Trace {
    private final List<String[]> log = new ArrayList<>();
    private final Queue<Side> sides = new Queue<>();

    private final class Side implements Protocol {
        private final String name;
        private final boolean keepOpen;
        private String data = "";
        private final Future<@Nullable Void> lost = getRunningLoop().createFuture();
        private final Future<@Nullable Void> ended = getRunningLoop().createFuture();
        private @Nullable Transport transport;

        Side(String name, boolean keepOpen) {
            this.name = name;
            this.keepOpen = keepOpen;
        }

        @Override
        public void connectionMade(Transport newTransport) {
            transport = newTransport;
            note("connection_made");
        }

        @Override
        public void dataReceived(ByteBuffer bytes) {
            if (data.isEmpty()) {
                note("data_received");
            }
            data += UTF_8.decode(bytes);
        }

        @Override
        public boolean eofReceived() {
            note("eof_received after " + data.length() + " bytes");
            ended.setResult(null);
            return keepOpen;
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            note("connection_lost " + (error == null ? "without error" : "with error"));
            lost.setResult(null);
        }

        private void note(String text) {
            log.add(new String[] {name, text});
        }
    }

    private void run(String label, boolean keepOpen) {
        log.clear();
        try (Server server = await(createServer(
                () -> {
                    Side side = new Side("server", keepOpen);
                    sides.tryPut(side);
                    return side;
                },
                "127.0.0.1",
                0))) {
            int port = server.localAddress().getPort();
            ProtocolPair<Side> pair = await(createConnection(() -> new Side("client", false), "127.0.0.1", port));
            pair.transport().write("hello, server".getBytes(UTF_8));
            pair.transport().writeEof();
            Side side = await(sides.get());
            await(side.ended);
            if (keepOpen) {
                Transport transport = Objects.requireNonNull(side.transport);
                transport.write("late answer".getBytes(UTF_8));
                transport.close();
            }
            await(gather(List.of(pair.protocol().lost, side.lost)));
            for (String name : List.of("client", "server")) {
                log.stream().filter(entry -> entry[0].equals(name)).forEach(entry -> print(label, name, entry[1]));
            }
            String data = pair.protocol().data;
            print(label, "client got", data.isEmpty() ? "nothing" : data);
        }
    }

    private void main() {
        run("closed by default", false);
        run("half-open", true);
    }

    @Test
    void printsWhatCPythonPrinted() {
        Asyncio.run(this::main);

        assertPrinted("56-protocol-callbacks");
    }
}
