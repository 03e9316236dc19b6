package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.net.Server;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Echo over loopback: lines there and back, end of input, several clients one after another, a
/// handler for each.
@ExtendWith(NothingLeft.class)
@Spec({"ST-1", "ST-2", "ST-5", "IO-4"})
class T49StreamEchoTest extends Trace {
    private void handle(StreamReader reader, StreamWriter writer) {
        print("server", "connected");
        for (byte[] line : reader.values()) {
            print("server", "got", text(line));
            writer.write(new String(line, UTF_8).toUpperCase(Locale.ROOT).getBytes(UTF_8));
            await(writer.drain());
        }
        print("server", "end of input");
        writer.write("bye\n".getBytes(UTF_8));
        writer.close();
        await(writer.waitClosed());
    }

    private void client(int port, String... lines) {
        try (StreamPair pair = await(openConnection("127.0.0.1", port))) {
            StreamReader reader = pair.reader();
            StreamWriter writer = pair.writer();
            for (String line : lines) {
                writer.write((line + "\n").getBytes(UTF_8));
                await(writer.drain());
                print("client", "got", text(await(reader.readLine())));
            }
            writer.writeEof();
            print("client", "got", text(await(reader.readLine())));
            print("client", "rest:", await(reader.read()).length, "at end:", yes(reader.atEof()));
            writer.close();
            await(writer.waitClosed());
        }
    }

    private static String text(byte[] line) {
        return new String(line, UTF_8).stripTrailing();
    }

    private void main() {
        try (Server server = await(startServer(this::handle, "127.0.0.1", 0))) {
            int port = server.localAddress().getPort();
            print("main", "port chosen:", yes(port > 0));
            client(port, "one", "two");
            print("main", "first client done");
            client(port);
            client(port, "three");
        }
        print("main", "server closed");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("49-stream-echo");
    }
}
