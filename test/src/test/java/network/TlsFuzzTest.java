package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gatherOutcomes;
import static asyncio.Asyncio.getRunningLoop;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.inVirtualTime;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Outcome;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.Upgrade;
import asyncio.tls.TlsContext;
import asyncio.tls.TlsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Peers that send nonsense, and lines that change bits: an `IOException` each time, never a hang.
///
/// A hang shows as a jump of virtual time to a timeout, which is an `IOException` as well, or as a
/// deadlock that virtual time reports.
class TlsFuzzTest {
    private static final int GARBAGE_COUNT = 200;
    private static final int FLIP_COUNT = 40;

    private static byte[] garbage(Random random) {
        byte[] bytes = new byte[random.nextInt(1, 700)];
        random.nextBytes(bytes);
        if (random.nextInt(4) > 0 && bytes.length > 12) { // else it would be refused at its first byte
            bytes[0] = (byte) (random.nextBoolean() ? 22 : random.nextInt(20, 25));
            bytes[1] = 3;
            bytes[2] = (byte) random.nextInt(1, 5);
            bytes[3] = (byte) random.nextInt(0, 3);
            bytes[5] = (byte) random.nextInt(0, 25);
            bytes[6] = 0;
            bytes[7] = (byte) random.nextInt(0, 3);
            bytes[9] = 3;
            bytes[10] = 3;
        }
        return bytes;
    }

    @Test
    void handshake_garbage_failsEachTime() {
        List<Upgrade> upgrades = List.of(
                CLIENT.client("localhost"),
                SERVER.server(),
                SERVER.hosts(Map.of("other.test", SERVER)).server());
        inVirtualTime(() -> {
            for (int seed = 0; seed < GARBAGE_COUNT; seed++) {
                Random random = new Random(seed);
                List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
                await(pair.get(1).send(ByteBuffer.wrap(garbage(random))));
                if (random.nextBoolean()) {
                    await(pair.get(1).sendEof());
                }
                Upgrade upgrade = upgrades.get(random.nextInt(upgrades.size()));
                List<Outcome<ByteStream>> outcomes = await(gatherOutcomes(upgrade.over(pair.get(0))));
                assertThat(outcomes.getFirst().exception()).as("seed " + seed).isInstanceOf(IOException.class);
                assertThat(pair.get(0).isClosed()).isTrue();
            }
        });
    }

    /// Copies bytes, and flips one bit.
    private static void relay(ByteStream from, ByteStream to, int place, int bit) {
        ByteBuffer buffer = ByteBuffer.allocate(3_000);
        int passed = 0;
        try {
            while (await(from.receive(buffer.clear()), IOException.class) >= 0) {
                buffer.flip();
                if (passed <= place && place < passed + buffer.limit()) {
                    buffer.put(place - passed, (byte) (buffer.get(place - passed) ^ 1 << bit));
                }
                passed += buffer.limit();
                await(to.send(buffer), IOException.class);
            }
        } catch (IOException e) {
            // one of the two has given up
        }
        to.close();
        from.close();
    }

    /// One side of a conversation: all bytes there, all bytes back.
    private static int talk(Upgrade upgrade, ByteStream lower) throws IOException {
        byte[] message = new byte[2_000];
        new Random(1).nextBytes(message);
        try (ByteStream stream = await(upgrade.over(lower), IOException.class)) {
            Task<Object> sending = createTask(() -> {
                await(stream.send(ByteBuffer.wrap(message)));
                return message;
            });
            ByteBuffer received = ByteBuffer.allocate(message.length);
            try {
                while (received.hasRemaining() && await(stream.receive(received), IOException.class) >= 0) {
                    // more
                }
            } finally {
                await(gatherOutcomes(sending));
            }
            assertThat(received.flip()).as("what arrives is what was sent").isEqualTo(ByteBuffer.wrap(message));
            return received.remaining();
        }
    }

    private static void flip(TlsContext client, int seed) {
        Random random = new Random(seed);
        boolean there = random.nextBoolean();
        int place = random.nextInt(4_000);
        int bit = random.nextInt(8);
        List<MemoryStream> near = MemoryStream.pair(getRunningLoop());
        List<MemoryStream> far = MemoryStream.pair(getRunningLoop());
        Task<?> out = createTask(() -> relay(near.get(1), far.get(0), there ? place : -1, bit));
        Task<?> back = createTask(() -> relay(far.get(0), near.get(1), there ? -1 : place, bit));
        List<Outcome<Integer>> outcomes = await(gatherOutcomes(
                Asyncio.async(() -> talk(client.client("localhost"), near.get(0))),
                Asyncio.async(() -> talk(SERVER.server(), far.get(1)))));
        await(out);
        await(back);
        for (Outcome<Integer> outcome : outcomes) {
            Throwable failure = outcome.exception();
            if (failure != null) {
                assertThat(failure).as("seed " + seed).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void connection_oneBitFlipped_failsOrDeliversWhatWasSent() {
        inVirtualTime(() -> {
            for (int seed = 0; seed < FLIP_COUNT; seed++) {
                flip(CLIENT.versions(seed % 3 == 0 ? TlsVersion.TLS_1_2 : TlsVersion.TLS_1_3), seed);
            }
        });
    }
}
