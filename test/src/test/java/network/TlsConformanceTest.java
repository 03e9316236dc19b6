package network;

import static asyncio.Asyncio.getRunningLoop;

import asyncio.stream.ByteStream;
import asyncio.testing.ByteStreamConformance;
import asyncio.testing.NothingLeft;
import asyncio.testing.SimulatedNetwork;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// TLS is a stream like all others, whatever it runs over.
@ExtendWith(NothingLeft.class)
class TlsConformanceTest {
    private static List<ByteStream> secured(List<? extends ByteStream> pair) {
        TlsLab.Ends ends = TlsLab.connect(TlsLab.CLIENT, TlsLab.SERVER, pair);
        return List.of(ends.client(), ends.server());
    }

    private static ByteStreamConformance over(SimulatedNetwork network) {
        return ByteStreamConformance.of(() -> secured(network.pair(getRunningLoop())))
                .capacity(1 << 18)
                .transfer(200_000)
                .orders(2);
    }

    @TestFactory
    Stream<DynamicTest> overPerfectNetwork() {
        return over(SimulatedNetwork.seeded(1)).tests();
    }

    @TestFactory
    Stream<DynamicTest> overChoppedNetwork() {
        return over(SimulatedNetwork.seeded(2)
                        .latency(Duration.ofMillis(3))
                        .capacity(20_000)
                        .shortReads()
                        .shortWrites()
                        .falseAlarms())
                .capacity(70_000)
                .transfer(50_000)
                .orders(0)
                .tests();
    }
}
