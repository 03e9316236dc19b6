package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;

import asyncio.Task;
import asyncio.net.Server;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.IncompleteReadException;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Ends of streams: short readExactly and readUntil, half-close with a reply, two readers at once,
/// writing after the end and after close.
@ExtendWith(NothingLeft.class)
@Spec({"ST-2", "ST-4", "ST-5", "IO-7", "F-ST-1", "F-ST-3", "F-ST-7", "F-ST-8"})
class T51StreamEndTest extends Trace {
    private void handle(StreamReader reader, StreamWriter writer) {
        byte[] request = await(reader.read());
        if (request.length > 0) {
            print("server", "request until end of input:", text(request));
            writer.write("abcdefgh".getBytes(UTF_8));
            await(writer.drain());
        }
        writer.close();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private void main() {
        try (Server server = await(startServer(this::handle, "127.0.0.1", 0))) {
            int port = server.localAddress().getPort();
            halfClose(await(openConnection("127.0.0.1", port)));
            writeAfterClose(await(openConnection("127.0.0.1", port)).writer());
        }
    }

    private void halfClose(StreamPair pair) {
        StreamReader reader = pair.reader();
        StreamWriter writer = pair.writer();
        print("client", "half-close possible:", yes(writer.canWriteEof()));
        Task<byte[]> waiting = createTask(reader.readExactly(3));
        await(sleep(seconds(0)));
        try {
            await(reader.readLine());
        } catch (IllegalStateException e) {
            print("client", "second reader", name(e));
        }
        writer.write("please".getBytes(UTF_8));
        writer.writeEof();
        try {
            writer.write("more".getBytes(UTF_8));
        } catch (IllegalStateException e) {
            print("client", "write after write_eof", name(e));
        }
        print("client", "first reader got", text(await(waiting)));
        try {
            await(reader.readExactly(10), IncompleteReadException.class);
        } catch (IncompleteReadException e) {
            print(
                    "client",
                    "IncompleteReadError",
                    "partial",
                    text(e.partial()),
                    "expected",
                    e.expectedBytes().orElseThrow());
        }
        try {
            await(reader.readUntil(";".getBytes(UTF_8)), IncompleteReadException.class);
        } catch (IncompleteReadException e) {
            print("client", "IncompleteReadError", "partial", e.partial().length == 0 ? "nothing" : text(e.partial()));
        }
        print("client", "at end:", yes(reader.atEof()), "read gives", await(reader.read(5)).length);
        writer.close();
        await(writer.waitClosed());
    }

    private void writeAfterClose(StreamWriter writer) {
        print("client", "closing:", yes(writer.isClosing()));
        writer.close();
        await(writer.waitClosed());
        print("client", "closing:", yes(writer.isClosing()));
        writer.write("dropped".getBytes(UTF_8));
        try {
            await(writer.drain(), ConnectionResetException.class);
        } catch (ConnectionResetException e) {
            print("client", "drain", "ConnectionResetError");
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("51-stream-end");
    }
}
