import static asyncio.Asyncio.*;
import static asyncio.net.Net.serve;

import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

// Sends everything back, to any number of clients on one thread:
// ./asyncio run examples/EchoServer.java 8888
// Talk to it with EchoClient.java, or with nc.

int maxClients = 1000; // the others wait until they are accepted
Duration idleTime = Duration.ofMinutes(1); // a client that sends nothing, or takes nothing
Duration grace = Duration.ofSeconds(5); // for the clients, when a signal ends the program

/// Serves one client. The server closes the stream afterwards.
void echo(ByteStream stream) {
    try {
        await(
                timeout(idleTime)
                        .run(limit -> {
                            echo(stream, limit);
                        }),
                IOException.class);
    } catch (TimeoutException e) {
        IO.println("a client was silent for too long");
    } catch (IOException e) {
        IO.println("a client is gone: " + e.getMessage());
    }
}

void echo(ByteStream stream, Timeout limit) {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (await(stream.receive(buffer.clear())) >= 0) {
        await(stream.send(buffer.flip())); // waits for a slow reader
        limit.extend(idleTime);
    }
}

Coroutine<Server> listen(int port) {
    ServerOptions options = ServerOptions.DEFAULT.maxConnections(maxClients);
    return serve(stream -> echo(stream), "127.0.0.1", port, options);
}

Coroutine<Void> program(int port) {
    return async(() -> {
        Server server = await(listen(port), IOException.class);
        IO.println("listening on port " + server.port());
        try {
            await(server.serveForever(grace)); // until a signal cancels this task
        } finally {
            IO.println("stopped");
        }
    });
}

void main(String[] arguments) {
    if (arguments.length != 1 || !arguments[0].matches("\\d{1,5}")) {
        System.err.println("Usage: EchoServer port, or 0 for one that is free");
        throw new SystemExit(2);
    }
    int port = Integer.parseInt(arguments[0]);
    run(program(port), RunOptions.defaults().shutdownSignals("INT", "TERM"));
}
