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
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.stream.WaterMarks;
import asyncio.sync.Event;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A peer that does not read holds the writer back: drain waits while the peer sleeps, goes on when it
/// reads, every byte arrives; small writes do not wait.
@ExtendWith(NothingLeft.class)
@Spec({"ST-3", "ST-5", "IO-8"})
class T52StreamBackPressureTest extends Trace {
    private static final int SIZE = 32 * 1024 * 1024;

    private final Event mayRead = new Event();
    private final List<Long> received = new ArrayList<>();

    private void handle(StreamReader reader, StreamWriter writer) {
        print("server", "first line:", text(await(reader.readLine())));
        await(mayRead.awaitSet());
        long total = 0;
        for (byte[] data = await(reader.read(65536)); data.length > 0; data = await(reader.read(65536))) {
            total += data.length;
        }
        received.add(total);
        writer.write("counted\n".getBytes(UTF_8));
        writer.close();
    }

    private static String text(byte[] line) {
        return new String(line, UTF_8).stripTrailing();
    }

    private void main() {
        try (Server server = await(startServer(this::handle, "127.0.0.1", 0));
                StreamPair pair =
                        await(openConnection("127.0.0.1", server.localAddress().getPort()))) {
            StreamWriter writer = pair.writer();
            WaterMarks marks = writer.transport().waterMarks();
            print("client", "high water:", marks.highBytes(), "low water:", marks.lowBytes());
            writer.write("small\n".getBytes(UTF_8));
            await(writer.drain());
            print("client", "small write drained");

            writer.write(new byte[SIZE]);
            Task<@Nullable Void> drain = createTask(writer.drain());
            while (printedCount() < 3) { // Python waits 0.3 s
                await(sleep(seconds(0.001)));
            }
            print("client", "drained while the peer sleeps:", yes(drain.isDone()));
            print("client", "above high water:", yes(writer.transport().writeBufferSize() > marks.highBytes()));
            mayRead.set();
            await(drain);
            print(
                    "client",
                    "drained, at most low water:",
                    yes(writer.transport().writeBufferSize() <= marks.lowBytes()));
            writer.writeEof();
            print("client", "server says", text(await(pair.reader().readLine())));
            print("server", "all bytes arrived:", yes(received.equals(List.of((long) SIZE))));
            writer.close();
            await(writer.waitClosed());
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("52-stream-back-pressure");
    }
}
