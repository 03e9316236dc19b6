package asyncio.benchmarks;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.net.Net.createServer;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;

import asyncio.Coroutine;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ByteStream;
import asyncio.stream.Protocol;
import asyncio.stream.StreamReader;
import asyncio.stream.StreamWriter;
import asyncio.stream.Transport;
import asyncio.tls.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// An echo server on asyncio with one loop: `AsyncioEcho PORT bytes|streams|protocol`, or
/// `AsyncioEcho PORT tls CERTIFICATES KEY`.
///
/// Threads: one loop.
final class AsyncioEcho {
    private static final String HOST = "127.0.0.1";
    private static final int BUFFER_BYTES = 16384;
    private static final int MAX_READ_BYTES = 65536;
    private static final ServerOptions OPTIONS = ServerOptions.DEFAULT.backlog(1024);

    private AsyncioEcho() {}

    /// Serves until the process is ended.
    ///
    /// @param arguments as above
    static void main(String[] arguments) {
        run(() -> {
            await(await(server(arguments)).serveForever());
        });
    }

    private static Coroutine<Server> server(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        return switch (arguments[1]) {
            case "bytes" -> serve(AsyncioEcho::echo, HOST, port, OPTIONS);
            case "streams" -> startServer(AsyncioEcho::echo, HOST, port, OPTIONS);
            case "protocol" -> createServer(Echo::new, HOST, port, OPTIONS);
            case "tls" -> {
                TlsContext context = TlsContext.server(Path.of(arguments[2]), Path.of(arguments[3]));
                yield serve(AsyncioEcho::echo, HOST, port, OPTIONS.tls(context));
            }
            default ->
                throw new IllegalArgumentException("mode must be bytes, streams, protocol or tls: got " + arguments[1]);
        };
    }

    private static void echo(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try {
            while (await(stream.receive(buffer.clear()), IOException.class) >= 0) {
                await(stream.send(buffer.flip()), IOException.class);
            }
        } catch (IOException e) {
            // The load generator resets its connections.
        }
    }

    private static void echo(StreamReader reader, StreamWriter writer) {
        try (writer) {
            byte[] data = await(reader.read(MAX_READ_BYTES), IOException.class);
            while (data.length > 0) {
                writer.write(data);
                await(writer.drain(), IOException.class);
                data = await(reader.read(MAX_READ_BYTES), IOException.class);
            }
        } catch (IOException e) {
            // The load generator resets its connections.
        }
    }

    /// Sends back what it gets.
    ///
    /// Threads: the loop's.
    private static final class Echo implements Protocol {
        private @Nullable Transport transport; // from connectionMade on

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            if (transport != null) {
                transport.write(data);
            }
        }
    }
}
