import static asyncio.Asyncio.*;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.serve;

import asyncio.CancelScope;
import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

// A TCP proxy: who connects to its port talks to another server.
// ./asyncio run examples/Proxy.java 8080 127.0.0.1 80
//
// It holds one buffer for each direction of a connection, and nothing else: it receives only after
// everything was sent on, so a slow reader slows down the sender at the other side.

String upstreamHost = "127.0.0.1";
int upstreamPort = 80;
int maxConnections = 200; // the others wait until they are accepted
int maxBytesPerSecond = 0; // each way of a connection; 0: no limit
int bufferBytes = 16 * 1024; // each way of a connection
Duration connectTimeout = Duration.ofSeconds(5);
Duration idleTime = Duration.ofMinutes(1); // neither side takes a buffer, or sends a byte
Duration grace = Duration.ofSeconds(5); // for connections, when a signal ends the program
Consumer<String> log = IO::println;

// Statistics. No locks: only the tasks of this loop touch them.
int connections;
int unconnected;
long upBytes;
long downBytes;

/// One direction of a connection.
static final class Way {
    final ByteStream from;
    final ByteStream to;
    long bytes;
    String end = "cut off";

    Way(ByteStream from, ByteStream to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public String toString() {
        return bytes + " (" + end + ")";
    }
}

/// Serves one client. The server closes its stream afterwards, whatever happens.
void proxy(ByteStream client) {
    connections++;
    Object name = client.extraInfo(ExtraInfo.PEER_ADDRESS); // known as long as it is open
    ConnectOptions options = ConnectOptions.DEFAULT.connectTimeout(connectTimeout);
    try (ByteStream upstream =
            await(connect(upstreamHost, upstreamPort, options), IOException.class)) {
        await(relay(name, client, upstream));
    } catch (IOException e) {
        unconnected++;
        log.accept(name + ": no upstream: " + e.getMessage());
    }
}

/// Carries bytes both ways, until both sides have ended, one fails, or nothing moves for too long.
Coroutine<Void> relay(Object name, ByteStream client, ByteStream upstream) {
    return async(() -> {
        Way up = new Way(client, upstream);
        Way down = new Way(upstream, client);
        CancelScope idle = CancelScope.after(idleTime);
        try {
            await(
                    idle.run(scope -> {
                        await(
                                taskGroup(group -> {
                                    group.createTask(carry(up, idle));
                                    group.createTask(carry(down, idle));
                                }));
                    }));
        } finally {
            upBytes += up.bytes;
            downBytes += down.bytes;
            String why = idle.cancelledCaught() ? ", idle" : "";
            log.accept(name + ": up " + up + ", down " + down + why);
            if (idle.cancelledCaught()) {
                cutOff(up); // an orderly end would say that this was all
            }
        }
    });
}

Coroutine<Void> carry(Way way, CancelScope idle) {
    return async(() -> {
        ByteBuffer buffer = ByteBuffer.allocate(bufferBytes);
        try {
            while (await(way.from.receive(buffer.clear()), IOException.class) >= 0) {
                idle.extend(idleTime);
                await(way.to.send(buffer.flip()), IOException.class); // waits for a slow reader
                idle.extend(idleTime);
                way.bytes += buffer.limit();
                if (maxBytesPerSecond > 0) {
                    Duration pause =
                            Duration.ofSeconds(buffer.limit()).dividedBy(maxBytesPerSecond);
                    idle.extend(idleTime.plus(pause));
                    await(sleep(pause));
                }
            }
            await(way.to.sendEof(), IOException.class); // the other way goes on
            way.end = "ended";
        } catch (IOException e) {
            if (!way.from.isClosed()) { // else the other way has failed, and told us so
                way.end = e.getMessage();
                cutOff(way);
            }
        }
    });
}

/// Half of a connection is of no use: both sides see a reset.
void cutOff(Way way) {
    way.from.abort();
    way.to.abort();
}

Coroutine<Server> listen(int port) {
    ServerOptions options = ServerOptions.DEFAULT.maxConnections(maxConnections);
    return serve(this::proxy, "127.0.0.1", port, options);
}

Coroutine<Void> program(int port) {
    return async(() -> {
        Server server = await(listen(port), IOException.class);
        log.accept("listening on port " + server.port());
        try {
            await(server.serveForever(grace)); // until a signal cancels this task
        } finally {
            log.accept(connections + " connections, " + unconnected + " without upstream");
            log.accept("bytes: up " + upBytes + ", down " + downBytes);
        }
    });
}

void main(String[] arguments) {
    if (arguments.length != 3
            || !arguments[0].matches("\\d{1,5}")
            || !arguments[2].matches("\\d{1,5}")) {
        System.err.println("Usage: Proxy port upstream-host upstream-port");
        throw new SystemExit(2);
    }
    upstreamHost = arguments[1];
    upstreamPort = Integer.parseInt(arguments[2]);
    int port = Integer.parseInt(arguments[0]);
    run(program(port), RunOptions.defaults().shutdownSignals("INT", "TERM"));
}
