package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gatherOutcomes;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Outcome;
import asyncio.RunOptions;
import asyncio.VoidBody;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.Upgrade;
import asyncio.testing.RecordingLogger;
import asyncio.testing.VirtualTime;
import asyncio.tls.TlsContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Two sides of a TLS connection in memory.
final class TlsLab {
    static final TlsContext SERVER = TlsContext.server(TlsFixtures.SERVER.certificate(), TlsFixtures.SERVER.key());
    static final TlsContext CLIENT = TlsContext.client().trusting(TlsFixtures.CA);

    private TlsLab() {}

    /// Runs a body in virtual time; fails if the loop logged a failure.
    static void inVirtualTime(VoidBody body) {
        RecordingLogger logger = new RecordingLogger();
        Asyncio.run(
                Asyncio.async(body),
                new RunOptions(VirtualTime.create().options().logger(logger), Duration.ZERO, false));
        assertThat(logger.entries().stream().filter(entry -> entry.level().compareTo(System.Logger.Level.WARNING) >= 0))
                .isEmpty();
    }

    /// A connection.
    record Ends(ByteStream client, ByteStream server) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    static Ends connect(TlsContext client, TlsContext server) {
        return connect(client, server, MemoryStream.DEFAULT_CAPACITY);
    }

    static Ends connect(TlsContext client, TlsContext server, int capacityBytes) {
        return connect(client, server, MemoryStream.pair(Asyncio.getRunningLoop(), capacityBytes));
    }

    static Ends connect(TlsContext client, TlsContext server, List<? extends ByteStream> pair) {
        List<Outcome<ByteStream>> outcomes = outcomes(client.client("localhost"), server.server(), pair);
        return new Ends(outcomes.get(0).get(), outcomes.get(1).get());
    }

    /// How the handshakes end: of the client, then of the server.
    static List<Outcome<ByteStream>> outcomes(Upgrade client, Upgrade server) {
        return outcomes(client, server, MemoryStream.pair(Asyncio.getRunningLoop()));
    }

    static List<Outcome<ByteStream>> outcomes(Upgrade client, Upgrade server, List<? extends ByteStream> pair) {
        List<Outcome<ByteStream>> outcomes = await(gatherOutcomes(client.over(pair.get(0)), server.over(pair.get(1))));
        for (int i = 0; i < 2; i++) {
            assertThat(pair.get(i).isClosed()).isEqualTo(!outcomes.get(i).isSuccess());
        }
        return outcomes;
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Receives that many bytes.
    static String receive(ByteStream stream, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            assertThat(await(stream.receive(buffer))).isPositive();
        }
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    static int receiveEnd(ByteStream stream) {
        return await(stream.receive(ByteBuffer.allocate(10)));
    }
}
