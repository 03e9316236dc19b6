package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;

import asyncio.net.Server;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A handler that fails is reported once, its connection is closed, the server serves the next client; a
/// cancelled handler only closes.
@Spec({"ST-1", "LOOP-9", "F-ST-9"})
@ExtendWith(NothingLeft.class)
class T59FailingConnectionHandlerTest extends Trace {
    private static void handle(StreamReader reader, StreamWriter writer) {
        String word = new String(await(reader.readLine()), StandardCharsets.UTF_8).strip();
        if (word.equals("fail")) {
            throw new Boom("while serving");
        }
        if (word.equals("cancel")) {
            me().cancel();
            await(sleep(seconds(0)));
        }
        writer.write((word + " served\n").getBytes(StandardCharsets.UTF_8));
        writer.close();
    }

    private void main() {
        getRunningLoop().setExceptionHandler((loop, context) -> {
            Throwable error = Objects.requireNonNull(context.exception());
            print("handler", name(error), error.getMessage());
        });
        Server server = await(startServer(T59FailingConnectionHandlerTest::handle, "127.0.0.1", 0));
        for (String word : List.of("work", "fail", "cancel", "work")) {
            StreamPair client =
                    await(openConnection("127.0.0.1", server.localAddress().getPort()));
            client.writer().write((word + "\n").getBytes(StandardCharsets.UTF_8));
            StreamReader reader = client.reader();
            for (byte[] line = await(reader.readLine()); line.length > 0; line = await(reader.readLine())) {
                print("client", new String(line, StandardCharsets.UTF_8).strip());
            }
            print("client", word, "the end");
            client.writer().close();
            await(client.writer().waitClosed());
        }
        server.close();
        await(server.waitClosed());
        print("server", "closed");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(() -> main());

        assertPrinted("59-failing-connection-handler");
    }
}
