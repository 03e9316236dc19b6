package asyncio.testing;

import asyncio.spi.ReadyOrder;
import asyncio.stream.ByteStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Whether streams behave as [ByteStream] says: tests for the streams of this library, and for yours.
///
/// ```java
/// @TestFactory
/// Stream<DynamicTest> conformance() {
///     return ByteStreamConformance.of(() -> MemoryStream.pair(getRunningLoop(), 100)).capacity(100).tests();
/// }
/// ```
///
/// Each test opens a pair of connected streams, in the order of production and in random orders of what is
/// ready, and uses it in both directions; some cancel each operation at each of its suspensions. It
/// fails also if tasks or open channels are left, or if the loop logs a failure. The message names the
/// order, and the direction.
///
/// Threads: immutable; the tests run on JUnit's thread.
public final class ByteStreamConformance {
    private static final int DEFAULT_CAPACITY = 1 << 24;
    private static final int DEFAULT_TRANSFER = 1 << 20;
    private static final int MOST_ORDERS_OF_A_CHECK = 5; // the others are for the sweeps

    private final Pairs pairs;
    private final Settings settings;

    private ByteStreamConformance(Pairs pairs, Settings settings) {
        this.pairs = pairs;
        this.settings = settings;
    }

    /// Tests of streams that need no channel of the system: in virtual time, both ways.
    ///
    /// @param pairs opens two connected streams
    /// @return the tests, to be adapted
    public static ByteStreamConformance of(Pairs pairs) {
        return new ByteStreamConformance(
                Objects.requireNonNull(pairs, "pairs must not be null"),
                new Settings(Trial.VIRTUAL, false, true, DEFAULT_CAPACITY, DEFAULT_TRANSFER, 10));
    }

    /// The streams are on channels of the system, which need real time.
    ///
    /// @return new tests, with few random orders
    public ByteStreamConformance inRealTime() {
        return with(new Settings(
                Trial.REAL, settings.isOneWay, settings.knowsReset, settings.capacityBytes, settings.transferBytes, 3));
    }

    /// The first stream of a pair only sends, the second one only receives.
    ///
    /// @return new tests
    public ByteStreamConformance oneWay() {
        return with(new Settings(
                settings.trial,
                true,
                settings.knowsReset,
                settings.capacityBytes,
                settings.transferBytes,
                settings.orderCount));
    }

    /// The peer of an aborted stream sees an end, or a reset.
    ///
    /// @return new tests
    public ByteStreamConformance withoutReset() {
        return with(new Settings(
                settings.trial,
                settings.isOneWay,
                false,
                settings.capacityBytes,
                settings.transferBytes,
                settings.orderCount));
    }

    /// What a pair holds at most in one direction while nobody receives. Some tests send twice as much.
    ///
    /// @param bytes the bound; 16 MiB unless said
    /// @return new tests
    public ByteStreamConformance capacity(int bytes) {
        return with(new Settings(
                settings.trial,
                settings.isOneWay,
                settings.knowsReset,
                bytes,
                settings.transferBytes,
                settings.orderCount));
    }

    /// How much large transfers send, each way.
    ///
    /// @param bytes the amount; 1 MiB unless said
    /// @return new tests
    public ByteStreamConformance transfer(int bytes) {
        return with(new Settings(
                settings.trial,
                settings.isOneWay,
                settings.knowsReset,
                settings.capacityBytes,
                bytes,
                settings.orderCount));
    }

    /// How many random orders each operation is cancelled in, at each of its suspensions.
    ///
    /// @param count how many; 10 unless said, 2 in real time
    /// @return new tests
    public ByteStreamConformance orders(int count) {
        return with(new Settings(
                settings.trial,
                settings.isOneWay,
                settings.knowsReset,
                settings.capacityBytes,
                settings.transferBytes,
                count));
    }

    private ByteStreamConformance with(Settings changed) {
        return new ByteStreamConformance(pairs, changed);
    }

    /// The tests.
    ///
    /// @return one for each promise that such streams make
    public Stream<DynamicTest> tests() {
        Map<String, Check> checks = new LinkedHashMap<>();
        new ReceiveChecks().addTo(checks, settings);
        new SendChecks().addTo(checks, settings);
        new CloseChecks().addTo(checks, settings);
        new ListenerChecks().addTo(checks, settings);
        Map<String, CancelSweep.Scenario> sweeps = new LinkedHashMap<>();
        new CancelChecks(this::withPair).addTo(sweeps, settings);

        List<DynamicTest> tests = new ArrayList<>();
        checks.forEach((name, check) -> tests.add(DynamicTest.dynamicTest(name, () -> run(check))));
        sweeps.forEach((name, scenario) -> tests.add(DynamicTest.dynamicTest(name, () -> sweep(scenario))));
        tests.add(DynamicTest.dynamicTest("use on another loop is refused", this::refuseOtherLoop));
        return tests.stream();
    }

    private void run(Check check) {
        int orders = Math.min(settings.orderCount, MOST_ORDERS_OF_A_CHECK);
        for (boolean forwards : settings.isOneWay ? new boolean[] {true} : new boolean[] {true, false}) {
            for (long seed = 0; seed <= orders; seed++) {
                String run = (forwards ? "first to second" : "second to first") + ", "
                        + (seed == 0 ? "first-in first-out" : "order of seed " + seed);
                try {
                    settings.trial.run(
                            seed == 0 ? ReadyOrder.fifo() : ReadyOrder.seeded(seed), () -> withPair(forwards, check));
                } catch (Throwable e) {
                    throw new AssertionError(run + ": " + e, e);
                }
            }
        }
    }

    private void sweep(CancelSweep.Scenario scenario) {
        if (settings.isVirtual()) {
            CancelSweep.inOrder(scenario);
            CancelSweep.inRandomOrders(settings.orderCount, scenario);
        } else {
            CancelSweep.inRealTime(settings.orderCount, scenario);
        }
    }

    private void withPair(Check check) throws Exception {
        withPair(true, check);
    }

    private void withPair(boolean forwards, Check check) throws Exception {
        List<? extends ByteStream> pair = pairs.open();
        try (ByteStream first = pair.get(0);
                ByteStream second = pair.get(1)) {
            check.run(forwards ? new Ends(first, second, settings) : new Ends(second, first, settings));
        }
    }

    private void refuseOtherLoop() {
        List<Ends> kept = new ArrayList<>();
        settings.trial.run(ReadyOrder.fifo(), () -> withPair(kept::add));
        Ends ends = kept.getFirst();

        settings.trial.run(ReadyOrder.fifo(), () -> {
            Ends.assertFails(IllegalStateException.class, () -> ends.receive(1, 1));
            Ends.assertFails(IllegalStateException.class, () -> ends.send(new byte[1]));
            Ends.assertFails(IllegalStateException.class, ends.sender().sendEof());
        });
        Ends.assertFails(
                IllegalStateException.class, () -> ends.receiver().inputStream().read());
        Ends.assertFails(
                IllegalStateException.class, () -> ends.sender().outputStream().write(1));
    }

    /// Opens pairs of connected streams.
    @FunctionalInterface
    public interface Pairs {
        /// Opens a pair, in a task: may await. The tests close both.
        ///
        /// @return two connected streams of the running loop
        /// @throws Exception which fails the test
        List<? extends ByteStream> open() throws Exception;
    }

    /// What the tests have to know about the streams.
    ///
    /// @param trial in which time
    /// @param isOneWay whether the first only sends, and the second only receives
    /// @param knowsReset whether the peer of an aborted stream sees a reset
    /// @param capacityBytes what a pair holds at most one way while nobody receives
    /// @param transferBytes how much is sent in large transfers
    /// @param orderCount how many random orders
    record Settings(
            Trial trial, boolean isOneWay, boolean knowsReset, int capacityBytes, int transferBytes, int orderCount) {
        boolean isVirtual() {
            return trial.equals(Trial.VIRTUAL);
        }
    }

    /// One promise, tried on one pair.
    @FunctionalInterface
    interface Check {
        void run(Ends ends) throws Exception;
    }

    /// Where a scenario of a sweep gets its pair.
    @FunctionalInterface
    interface PairScope {
        void withPair(Check check) throws Exception;
    }
}
