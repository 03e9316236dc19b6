package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.RunOptions;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// Two ends of a connection in memory, on a loop whose time jumps.
final class StreamsInMemory {
    private static final Duration LIMIT = Duration.ofDays(1); // of virtual time: somebody waits for ever

    private StreamsInMemory() {}

    interface Use {
        void of(MemoryStream near, MemoryStream far) throws Exception;
    }

    /// Fails if anything was logged.
    static void with(Use use) {
        with(MemoryStream.DEFAULT_CAPACITY, use);
    }

    static void with(int capacityBytes, Use use) {
        RecordingLogger logger = new RecordingLogger();
        with(logger, capacityBytes, use);
        assertThat(logger.entries().stream().filter(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0))
                .isEmpty();
    }

    static void with(RecordingLogger logger, int capacityBytes, Use use) {
        Asyncio.run(
                () -> {
                    List<MemoryStream> ends = MemoryStream.pair(Asyncio.getRunningLoop(), capacityBytes);
                    try (MemoryStream near = ends.get(0);
                            MemoryStream far = ends.get(1)) {
                        await(Asyncio.timeout(LIMIT, () -> use.of(near, far)));
                    }
                },
                new RunOptions(VirtualTime.create().options().logger(logger), Duration.ZERO, false));
    }

    /// Reader and writer at the near end, closed in the end; the far end is bare.
    interface UsePair {
        void of(StreamPair pair, MemoryStream far) throws Exception;
    }

    static void withPair(int capacityBytes, int limitBytes, UsePair use) {
        with(capacityBytes, (near, far) -> usePair(near, far, limitBytes, use));
    }

    static void withPair(RecordingLogger logger, int capacityBytes, UsePair use) {
        with(logger, capacityBytes, (near, far) -> usePair(near, far, StreamPair.DEFAULT_LIMIT, use));
    }

    static void withPair(UsePair use) {
        withPair(MemoryStream.DEFAULT_CAPACITY, StreamPair.DEFAULT_LIMIT, use);
    }

    private static void usePair(MemoryStream near, MemoryStream far, int limitBytes, UsePair use) throws Exception {
        try (StreamPair pair = StreamPair.over(near, limitBytes)) {
            use.of(pair, far);
        } finally {
            far.close();
        }
        await(sleep(Duration.ofHours(1))); // what is to happen after close() has happened
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    static void send(MemoryStream stream, String text) {
        await(stream.send(ByteBuffer.wrap(bytes(text))));
    }

    /// What has arrived, without waiting.
    static String received(MemoryStream stream) throws Exception {
        ByteBuffer target = ByteBuffer.allocate(1 << 20);
        while (target.hasRemaining() && stream.tryReceive(target) > 0) {
            // more
        }
        return UTF_8.decode(target.flip()).toString();
    }

    static void turn() {
        await(sleep(Duration.ZERO));
    }

    /// Long enough for everything that is not held up.
    static void pause() {
        await(sleep(Duration.ofSeconds(1)));
    }
}
