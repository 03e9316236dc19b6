package network;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.stream.ByteStream;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// What the tests of connections and servers have in common.
final class Streams {
    static final String HOST = "127.0.0.1";
    static final Duration FOR_EVER = Duration.ofDays(1); // of a wait that something else ends

    private Streams() {}

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(HOST), port);
    }

    static void send(ByteStream stream, String text) {
        await(stream.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }

    /// Everything up to the end.
    static String receiveAll(ByteStream stream) {
        StringBuilder all = new StringBuilder();
        for (String part = receive(stream); !part.isEmpty(); part = receive(stream)) {
            all.append(part);
        }
        return all.toString();
    }

    /// What comes first; nothing at the end.
    static String receive(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        await(stream.receive(buffer));
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    /// Sends a text there and back.
    static String ask(ByteStream stream, String text) {
        send(stream, text);
        return receive(stream);
    }

    static void echo(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (await(stream.receive(buffer.clear())) >= 0) {
            await(stream.send(buffer.flip()));
        }
    }

    static void yieldTurns(int count) {
        for (int i = 0; i < count; i++) {
            await(Asyncio.sleep(Duration.ZERO));
        }
    }

    static RunOptions recordedBy(RecordingLogger logger) {
        return new RunOptions(LoopOptions.defaults().logger(logger), Duration.ZERO, false);
    }

    static RunOptions inVirtualTime() {
        return new RunOptions(VirtualTime.create().options(), Duration.ZERO, false);
    }

    /// What was logged as a warning or worse.
    static List<String> findings(RecordingLogger logger) {
        return logger.entries().stream()
                .filter(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0)
                .map(RecordingLogger.Entry::toString)
                .toList();
    }
}
