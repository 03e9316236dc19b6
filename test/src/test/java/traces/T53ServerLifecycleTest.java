package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;

import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A server that starts later; `close` that stops listening only; `serveForever` and `waitClosed` that
/// end with the last connection.
@Spec({"IO-4", "IO-5", "F-SV-2"})
@ExtendWith(NothingLeft.class)
class T53ServerLifecycleTest extends Trace {
    private static final String HOST = "127.0.0.1";

    private static void handle(StreamReader reader, StreamWriter writer) {
        for (byte[] data = await(reader.readLine()); data.length > 0; data = await(reader.readLine())) {
            writer.write(data);
        }
        writer.close();
    }

    private static String ask(StreamPair client, String text) {
        client.writer().write((text + "\n").getBytes(StandardCharsets.UTF_8));
        return new String(await(client.reader().readLine()), StandardCharsets.UTF_8).strip();
    }

    private void main() throws Exception {
        Server server =
                await(startServer(T53ServerLifecycleTest::handle, HOST, 0, ServerOptions.DEFAULT.startServing(false)));
        int port = server.localAddress().getPort();
        print(
                "server",
                "serving:",
                yes(server.isServing()),
                "sockets:",
                server.sockets().size());
        await(server.startServing());
        await(server.startServing());
        print("server", "serving:", yes(server.isServing()));

        StreamPair client = await(openConnection(HOST, port));
        print("client", ask(client, "before close"));
        Task<@Nullable Void> forever = createTask(server.serveForever());
        Task<@Nullable Void> closed = createTask(server.waitClosed());
        await(sleep(seconds(0)));
        print("wait_closed", "before close, done:", yes(closed.isDone()));
        server.close();
        server.close();
        print(
                "server",
                "serving:",
                yes(server.isServing()),
                "sockets:",
                server.sockets().size());
        try {
            await(openConnection(HOST, port), ConnectException.class);
        } catch (ConnectException e) {
            print("client", "new connection ConnectionRefusedError");
        }
        print("client", ask(client, "after close"));
        print("wait_closed", "connection open, done:", yes(closed.isDone()));
        print("serve_forever", "connection open, done:", yes(forever.isDone()));
        client.writer().close();
        await(waitUntil(List.<Future<@Nullable Void>>of(closed, forever), ReturnWhen.ALL_COMPLETED));
        print("wait_closed", "cancelled:", yes(closed.isCancelled()));
        print("serve_forever", "cancelled:", yes(forever.isCancelled()));
        try {
            await(server.serveForever());
        } catch (IllegalStateException e) {
            print("serve_forever", "closed server", name(e));
        }
        Server second = await(startServer(T53ServerLifecycleTest::handle, HOST, 0));
        try {
            print("second server", "serving:", yes(second.isServing()));
        } finally {
            await(second.aclose());
        }
        print("second server", "serving:", yes(second.isServing()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(() -> main());

        assertPrinted("53-server-lifecycle");
    }
}
