package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.testing.NothingLeft;
import asyncio.testing.SimulatedNetwork;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The simulated network does what it is told, the same each time.
@ExtendWith(NothingLeft.class)
class SimulatedNetworkTest {
    private static final int SEEDS = 20;

    private static Duration now() {
        return getRunningLoop().time();
    }

    private static void inPair(SimulatedNetwork network, PairBody body) throws Exception {
        List<ByteStream> ends = network.pair(getRunningLoop());
        try (ByteStream first = ends.get(0);
                ByteStream second = ends.get(1)) {
            body.run(first, second);
        }
    }

    private static ByteBuffer zeros(int count) {
        return ByteBuffer.allocate(count);
    }

    @Test
    void latency_eachWay_isExact() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.latency(Duration.ofMillis(30), Duration.ofMillis(7)), (first, second) -> {
                    Duration begin = now();
                    await(first.send(zeros(1)));
                    assertThat(now()).isEqualTo(begin);
                    second.inputStream().readNBytes(1);
                    assertThat(now().minus(begin)).isEqualTo(Duration.ofMillis(30));
                    await(second.send(zeros(1)));
                    first.inputStream().readNBytes(1);
                    assertThat(now().minus(begin)).isEqualTo(Duration.ofMillis(37));
                }));
    }

    @Test
    void bytesPerSecond_largeTransfer_takesItsTime() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.bytesPerSecond(1000), (first, second) -> {
                    Duration begin = now();
                    Task<?> sending = createTask(() -> {
                        await(first.send(zeros(5000)));
                    });
                    second.inputStream().readNBytes(5000);
                    await(sending);
                    assertThat(now().minus(begin)).isEqualTo(Duration.ofSeconds(5));
                }));
    }

    @Test
    void resetAfterBytes_messageCutOff_thoseBytesArriveAndThenAReset() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(
                        seeded.latency(Duration.ofMillis(5)).shortWrites().resetAfter(100), (first, second) -> {
                            Task<?> sending = createTask(() -> {
                                await(first.send(zeros(150)));
                            });
                            assertThat(second.inputStream().readNBytes(100)).hasSize(100);
                            assertThatThrownBy(() -> second.inputStream().read())
                                    .isInstanceOf(ConnectionResetException.class);
                            assertThatThrownBy(() -> await(sending)).isInstanceOf(ConnectionResetException.class);
                        }));
    }

    @Test
    void resetAfterTime_bothWait_bothAreTold() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.resetAfter(Duration.ofSeconds(3)), (first, second) -> {
                    Duration begin = now();
                    Task<Integer> reading =
                            createTask(() -> second.inputStream().read());
                    assertThatThrownBy(() -> await(second.send(zeros(100_000))))
                            .isInstanceOf(ConnectionResetException.class);
                    assertThatThrownBy(() -> await(reading)).isInstanceOf(ConnectionResetException.class);
                    assertThat(now().minus(begin)).isEqualTo(Duration.ofSeconds(3));
                }));
    }

    @Test
    void silentAfterBytes_peerVanishes_onlyATimeoutTells() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.shortWrites().silentAfter(10), (first, second) -> {
                    await(first.send(zeros(25)));
                    first.close();
                    assertThat(second.inputStream().readNBytes(10)).hasSize(10);
                    assertThatThrownBy(() -> await(timeout(Duration.ofHours(1), () -> {
                                second.inputStream().read();
                            })))
                            .isInstanceOf(TimeoutException.class);
                }));
    }

    @Test
    void silentAfterTime_sender_waitsWhenTheBufferIsFull() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.capacity(10).silentAfter(Duration.ofSeconds(1)), (first, second) -> {
                    await(Asyncio.sleep(Duration.ofSeconds(2)));
                    second.abort();
                    ByteBuffer source = zeros(25);
                    assertThatThrownBy(() -> await(timeout(Duration.ofHours(1), () -> {
                                await(first.send(source));
                            })))
                            .isInstanceOf(TimeoutException.class);
                    assertThat(source.position()).isEqualTo(10);
                }));
    }

    @Test
    void endDelay_halfClose_isSeenLater() {
        SimulatedNetwork.inSeeds(
                SEEDS,
                seeded -> inPair(seeded.endDelay(Duration.ofMillis(40)), (first, second) -> {
                    Duration begin = now();
                    await(first.send(zeros(3)));
                    await(first.sendEof());
                    assertThat(second.inputStream().readNBytes(3)).hasSize(3);
                    assertThat(now()).isEqualTo(begin);
                    assertThat(second.inputStream().read()).isEqualTo(-1);
                    assertThat(now().minus(begin)).isEqualTo(Duration.ofMillis(40));
                }));
    }

    @Test
    void sameSeed_sameRun() {
        List<List<String>> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            List<String> notes = new ArrayList<>();
            SimulatedNetwork.inSeed(7, seeded -> record(seeded, notes));
            runs.add(notes);
        }
        List<String> other = new ArrayList<>();
        SimulatedNetwork.inSeed(8, seeded -> record(seeded, other));

        assertThat(runs.get(0)).isEqualTo(runs.get(1)).hasSizeGreaterThan(3).isNotEqualTo(other);
    }

    private static void record(SimulatedNetwork seeded, List<String> notes) throws Exception {
        SimulatedNetwork network =
                seeded.jitter(Duration.ofMillis(10)).shortReads().shortWrites().falseAlarms();
        inPair(network, (first, second) -> {
            Task<?> sending = createTask(() -> {
                await(first.send(zeros(500)));
                first.close();
            });
            ByteBuffer buffer = zeros(1000);
            int count;
            while ((count = await(second.receive(buffer))) >= 0) {
                notes.add(count + " at " + now());
            }
            await(sending);
        });
    }

    @Test
    void inSeeds_scenarioFails_messageTellsTheSeed() {
        assertThatThrownBy(() -> SimulatedNetwork.inSeeds(3, network -> {
                    if (network.toString().contains("seed=2")) {
                        throw new IllegalStateException("bad luck");
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("seed 2: java.lang.IllegalStateException: bad luck;"
                        + " SimulatedNetwork.inSeed(2, ...) repeats it");
    }

    @Test
    void listenAndConnect_serveConnectionsByName() {
        SimulatedNetwork.inSeeds(SEEDS, seeded -> {
            SimulatedNetwork network = seeded.latency(Duration.ofMillis(10)).shortReads();
            try (var listening =
                    network.listen("echo", stream -> stream.inputStream().transferTo(stream.outputStream()))) {
                assertThatThrownBy(() -> network.listen("echo", stream -> {})).isInstanceOf(BindException.class);
                try (ByteStream client = await(network.connect("echo"))) {
                    await(client.send(zeros(100)));
                    await(client.sendEof());
                    assertThat(client.inputStream().readAllBytes()).hasSize(100);
                }
                assertThat(listening).isNotNull();
            }
            assertThatThrownBy(() -> await(network.connect("echo")))
                    .isInstanceOf(ConnectException.class)
                    .hasMessage("Connection refused: nobody listens at echo");
        });
    }

    @Test
    void settings_outOfRange_areRefused() {
        SimulatedNetwork network = SimulatedNetwork.seeded(1);
        assertThatThrownBy(() -> network.capacity(0)).hasMessage("bytes must be positive: got 0");
        assertThatThrownBy(() -> network.bytesPerSecond(0)).hasMessage("count must be positive: got 0");
        assertThatThrownBy(() -> network.resetAfter(-1)).hasMessage("bytes must be positive: got -1");
        assertThatThrownBy(() -> network.latency(Duration.ofMillis(-1)))
                .hasMessage("there must not be negative: got PT-0.001S");
    }

    /// What happens between two ends.
    @FunctionalInterface
    private interface PairBody {
        void run(ByteStream first, ByteStream second) throws Exception;
    }
}
