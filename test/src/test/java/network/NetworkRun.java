package network;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.VoidBody;
import asyncio.testing.RecordingLogger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Runs a test's coroutine on a real loop, and fails if that logged a failure.
final class NetworkRun {
    private static final Duration LIMIT = Duration.ofMinutes(1); // a test that waits for ever fails

    private NetworkRun() {}

    static void run(VoidBody body) {
        run(LoopOptions.defaults(), body);
    }

    static void run(LoopOptions options, VoidBody body) {
        RecordingLogger logger = new RecordingLogger();
        Asyncio.run(
                () -> Asyncio.await(Asyncio.timeout(LIMIT, body)),
                new RunOptions(options.logger(logger), Duration.ZERO, false));
        assertThat(logger.entries())
                .filteredOn(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0)
                .isEmpty();
    }

    static InetSocketAddress anyPort() {
        return loopback(0);
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer data) {
        return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
    }

    static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }
}
