package asyncio.testing;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.net.StreamHandler;
import asyncio.spi.ReadyOrder;
import asyncio.stream.ByteStream;
import java.net.BindException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/// A network in memory that is as slow and as unreliable as a test wants it, the same way each time:
/// for protocols without sockets.
///
/// ```java
/// SimulatedNetwork.inSeeds(100, seeded -> {
///     SimulatedNetwork network = seeded.latency(Duration.ofMillis(20)).shortReads().resetAfter(10_000);
///     List<ByteStream> ends = network.pair(Asyncio.getRunningLoop());
///     // ...
/// });
/// ```
///
/// Without further words it is a perfect one: no latency, no limit but the buffers. Each method that
/// says how it is gives a new network, and leaves this one as it is. Whatever is drawn, is drawn from the
/// seed: equal seeds and equal programs give equal runs. [#inSeeds(int, Scenario)] names the seed when a
/// run fails; otherwise it is in `toString` of the network and of its streams.
///
/// In virtual time latencies cost nothing; in real time they are waited for.
///
/// A reset is seen after the bytes that arrived before it. After a close, what was sent arrives; what the
/// other end sends is lost, and a latency later it is told so.
///
/// Threads: loop-confined; the settings are immutable.
public final class SimulatedNetwork {
    private static final int DEFAULT_CAPACITY = 65536;

    // The settings; written by the methods below before anybody sees the copy.
    final long seed;
    long latencyThereNanos;
    long latencyBackNanos;
    long jitterNanos;
    long endDelayNanos;
    double nanosPerByte;
    int capacityBytes = DEFAULT_CAPACITY;
    boolean shortReads;
    boolean shortWrites;
    boolean falseAlarms;
    boolean lossIsSilent;
    long lossAfterBytes = Long.MAX_VALUE;
    long lossAfterNanos = OneShotAlarm.NEVER;

    private final SplittableRandom random;
    private int pairCount; // so far
    private final Map<String, StreamHandler> listeners = new HashMap<>();

    private SimulatedNetwork(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
    }

    /// A perfect network.
    ///
    /// @param seed equal seeds give equal behaviour
    /// @return a new network
    public static SimulatedNetwork seeded(long seed) {
        return new SimulatedNetwork(seed);
    }

    /// Runs a scenario with each of the seeds 1 to a count, as [#inSeed(long, Scenario)].
    ///
    /// @param seedCount how many seeds
    /// @param scenario the scenario
    /// @throws AssertionError if a run failed; the message tells its seed
    public static void inSeeds(int seedCount, Scenario scenario) {
        for (long seed = 1; seed <= seedCount; seed++) {
            inSeed(seed, scenario);
        }
    }

    /// Runs a scenario with one seed: in a loop of its own, in virtual time, in an order of what is ready
    /// that is drawn from the seed, too.
    ///
    /// It fails if the scenario throws, waits for ever, leaves tasks behind, or makes the loop log a
    /// failure.
    ///
    /// @param seed the seed
    /// @param scenario the scenario
    /// @throws AssertionError if it failed; the message tells the seed
    public static void inSeed(long seed, Scenario scenario) {
        try {
            Trial.VIRTUAL.run(ReadyOrder.seeded(seed), () -> scenario.run(seeded(seed)));
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e + "; SimulatedNetwork.inSeed(" + seed + ", ...) repeats it", e);
        }
    }

    private SimulatedNetwork copy() {
        SimulatedNetwork copy = new SimulatedNetwork(seed);
        copy.latencyThereNanos = latencyThereNanos;
        copy.latencyBackNanos = latencyBackNanos;
        copy.jitterNanos = jitterNanos;
        copy.endDelayNanos = endDelayNanos;
        copy.nanosPerByte = nanosPerByte;
        copy.capacityBytes = capacityBytes;
        copy.shortReads = shortReads;
        copy.shortWrites = shortWrites;
        copy.falseAlarms = falseAlarms;
        copy.lossIsSilent = lossIsSilent;
        copy.lossAfterBytes = lossAfterBytes;
        copy.lossAfterNanos = lossAfterNanos;
        return copy;
    }

    /// How long bytes are on their way.
    ///
    /// @param latency in both directions
    /// @return a new network
    public SimulatedNetwork latency(Duration latency) {
        return latency(latency, latency);
    }

    /// How long bytes are on their way, each way.
    ///
    /// @param there from the first end to the second
    /// @param back from the second end to the first
    /// @return a new network
    public SimulatedNetwork latency(Duration there, Duration back) {
        SimulatedNetwork copy = copy();
        copy.latencyThereNanos = nanos(there, "there");
        copy.latencyBackNanos = nanos(back, "back");
        return copy;
    }

    /// How much longer some bytes are on their way; the order is kept.
    ///
    /// @param most each piece takes up to this much longer
    /// @return a new network
    public SimulatedNetwork jitter(Duration most) {
        SimulatedNetwork copy = copy();
        copy.jitterNanos = nanos(most, "most");
        return copy;
    }

    /// How fast bytes leave, each way.
    ///
    /// @param count per second
    /// @return a new network
    /// @throws IllegalArgumentException if the count is not positive
    public SimulatedNetwork bytesPerSecond(long count) {
        ensurePositive(count, "count");
        SimulatedNetwork copy = copy();
        copy.nanosPerByte = 1e9 / count;
        return copy;
    }

    /// How much each way holds that was not received; then its sender has to wait.
    ///
    /// @param bytes the capacity; 65536 unless said
    /// @return a new network
    /// @throws IllegalArgumentException if the capacity is not positive
    public SimulatedNetwork capacity(int bytes) {
        ensurePositive(bytes, "bytes");
        SimulatedNetwork copy = copy();
        copy.capacityBytes = bytes;
        return copy;
    }

    /// A receive gives some of what has arrived, at least one byte, not always all.
    ///
    /// @return a new network
    public SimulatedNetwork shortReads() {
        SimulatedNetwork copy = copy();
        copy.shortReads = true;
        return copy;
    }

    /// A try to send takes some of what there is room for, at least one byte, not always all.
    ///
    /// @return a new network
    public SimulatedNetwork shortWrites() {
        SimulatedNetwork copy = copy();
        copy.shortWrites = true;
        return copy;
    }

    /// One try in four gives or takes nothing although it could: as if a listener had been told for no reason.
    ///
    /// @return a new network
    public SimulatedNetwork falseAlarms() {
        SimulatedNetwork copy = copy();
        copy.falseAlarms = true;
        return copy;
    }

    /// The end of a stream takes longer than its bytes.
    ///
    /// @param delay how much longer
    /// @return a new network
    public SimulatedNetwork endDelay(Duration delay) {
        SimulatedNetwork copy = copy();
        copy.endDelayNanos = nanos(delay, "delay");
        return copy;
    }

    /// Each connection is reset when so many bytes have arrived one way: these are received, then both ends
    /// see a reset.
    ///
    /// @param bytes how many
    /// @return a new network
    /// @throws IllegalArgumentException if the count is not positive
    public SimulatedNetwork resetAfter(long bytes) {
        return lossAfterBytes(bytes, false);
    }

    /// Each connection is reset some time after it was made.
    ///
    /// @param time how long after
    /// @return a new network
    public SimulatedNetwork resetAfter(Duration time) {
        return lossAfterTime(time, false);
    }

    /// Each connection falls silent when so many bytes have arrived one way: nothing arrives any more, no
    /// end and no reset, as if the other machine had lost its power.
    ///
    /// @param bytes how many
    /// @return a new network
    /// @throws IllegalArgumentException if the count is not positive
    public SimulatedNetwork silentAfter(long bytes) {
        return lossAfterBytes(bytes, true);
    }

    /// Each connection falls silent some time after it was made, as [#silentAfter(long)].
    ///
    /// @param time how long after
    /// @return a new network
    public SimulatedNetwork silentAfter(Duration time) {
        return lossAfterTime(time, true);
    }

    private SimulatedNetwork lossAfterBytes(long bytes, boolean silent) {
        ensurePositive(bytes, "bytes");
        SimulatedNetwork copy = copy();
        copy.lossAfterBytes = bytes;
        copy.lossIsSilent = silent;
        return copy;
    }

    private SimulatedNetwork lossAfterTime(Duration time, boolean silent) {
        SimulatedNetwork copy = copy();
        copy.lossAfterNanos = nanos(time, "time");
        copy.lossIsSilent = silent;
        return copy;
    }

    private static long nanos(Duration duration, String name) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: got " + duration);
        }
        return duration.toNanos();
    }

    private static void ensurePositive(long value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: got " + value);
        }
    }

    long nanosFor(int bytes) {
        return Math.round(bytes * nanosPerByte);
    }

    /// Two connected ends. Each pair of a network draws its own numbers.
    ///
    /// @param loop the loop of both
    /// @return exactly two streams
    public List<ByteStream> pair(EventLoop loop) {
        SplittableRandom drawn = random.split();
        SimulatedFate fate = new SimulatedFate(this, loop.time().toNanos());
        SimulatedLink there = new SimulatedLink(loop, this, drawn.split(), latencyThereNanos, fate);
        SimulatedLink back = new SimulatedLink(loop, this, drawn.split(), latencyBackNanos, fate);
        fate.onLoss(() -> {
            for (SimulatedLink link : List.of(there, back)) {
                link.readable.notLaterThan(fate.lostNanos());
                link.writable.notLaterThan(fate.lostNanos());
            }
        });
        String name = "of pair " + ++pairCount + " seed=" + seed;
        return List.of(
                new SimulatedStream(loop, "first " + name, back, there, fate, latencyThereNanos),
                new SimulatedStream(loop, "second " + name, there, back, fate, latencyBackNanos));
    }

    /// Serves connections to an address, each in a task, until the result is closed. The handler's stream
    /// is the second end of a pair, and is closed when the handler returns; what the handler throws goes
    /// to the loop's exception handler.
    ///
    /// @param address any name
    /// @param handler serves one connection
    /// @return by which it is ended
    /// @throws BindException if somebody listens there already
    public Listening listen(String address, StreamHandler handler) throws BindException {
        Objects.requireNonNull(handler, "handler must not be null");
        if (listeners.putIfAbsent(address, handler) != null) {
            throw new BindException("Address already in use: " + address);
        }
        return () -> listeners.remove(address, handler);
    }

    /// Connects to an address of this network: the same object on which somebody listens. Takes one latency each way.
    ///
    /// Cancellation: ends the attempt; nothing is left open.
    ///
    /// Errors, when awaited: `ConnectException` if nobody listens there.
    ///
    /// @param address the name
    /// @return a coroutine of the first end
    public Coroutine<ByteStream> connect(String address) {
        return Asyncio.async(() -> {
            Asyncio.await(Asyncio.sleep(Duration.ofNanos(latencyThereNanos + latencyBackNanos)));
            StreamHandler handler = listeners.get(address);
            if (handler == null) {
                throw new ConnectException("Connection refused: nobody listens at " + address);
            }
            EventLoop loop = Asyncio.getRunningLoop();
            List<ByteStream> ends = pair(loop);
            loop.createTask(Asyncio.async(() -> serve(handler, ends.get(1))));
            return ends.get(0);
        });
    }

    private static void serve(StreamHandler handler, ByteStream stream) {
        try (stream) {
            handler.handle(stream);
        } catch (Exception e) {
            stream.loop().callExceptionHandler(ExceptionContext.of("Unhandled exception in a simulated server", e));
        }
    }

    @Override
    public String toString() {
        return "<SimulatedNetwork seed=" + seed + ">";
    }

    /// What is run with each seed: code of a coroutine.
    @FunctionalInterface
    public interface Scenario {
        /// Runs once, in a loop of its own.
        ///
        /// @param network a perfect network of that seed
        /// @throws Exception which fails the run
        void run(SimulatedNetwork network) throws Exception;
    }

    /// A name of a network at which connections are served.
    @FunctionalInterface
    public interface Listening extends AutoCloseable {
        /// Serves no further connections; those that are there go on.
        @Override
        void close();
    }
}
