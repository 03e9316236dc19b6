package network;

import static asyncio.Asyncio.getRunningLoop;

import asyncio.testing.ByteStreamConformance;
import asyncio.testing.NothingLeft;
import asyncio.testing.SimulatedNetwork;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Simulated connections are streams like all others, however slow.
@ExtendWith(NothingLeft.class)
class SimulatedConformanceTest {
    private static ByteStreamConformance over(SimulatedNetwork network) {
        return ByteStreamConformance.of(() -> network.pair(getRunningLoop()));
    }

    @TestFactory
    Stream<DynamicTest> perfect() {
        return over(SimulatedNetwork.seeded(1)).capacity(65536).tests();
    }

    @TestFactory
    Stream<DynamicTest> slow() {
        return over(SimulatedNetwork.seeded(2)
                        .latency(Duration.ofMillis(20), Duration.ofMillis(300))
                        .jitter(Duration.ofMillis(50))
                        .bytesPerSecond(100_000)
                        .endDelay(Duration.ofSeconds(1)))
                .capacity(65536)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> chopped() {
        return over(SimulatedNetwork.seeded(3)
                        .latency(Duration.ofMillis(1))
                        .jitter(Duration.ofMillis(3))
                        .capacity(9)
                        .shortReads()
                        .shortWrites()
                        .falseAlarms())
                .capacity(9)
                .transfer(1_000)
                .orders(20)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> choppedWithoutLatency_fiveSeeds() {
        return Stream.iterate(10L, seed -> seed + 1)
                .limit(5)
                .flatMap(seed -> over(SimulatedNetwork.seeded(seed)
                                .capacity(50)
                                .shortReads()
                                .shortWrites()
                                .falseAlarms())
                        .capacity(50)
                        .transfer(5_000)
                        .orders(3)
                        .tests()
                        .map(test -> DynamicTest.dynamicTest(
                                test.getDisplayName() + ", seed " + seed, test.getExecutable())));
    }
}
