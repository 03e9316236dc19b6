package asyncio.benchmarks;

import static asyncio.benchmarks.Exactly.exactly;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How Kotlin coroutines work together.
///
/// Threads: one benchmark thread, which is the event loop's.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class KotlinCoordination {
    /// For the subclass.
    protected KotlinCoordination() {}

    /// As [AsyncioCoordination#queueOfOne()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOfOne() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(1, Batch.HOPS));
    }

    /// As [AsyncioCoordination#queueOf64()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOf64() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(64, Batch.HOPS));
    }

    /// As [AsyncioCoordination#queueUnlimited()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueUnlimited() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(Integer.MAX_VALUE, Batch.HOPS));
    }

    /// As [AsyncioCoordination#channelOfNone()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfNone() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(0, Batch.HOPS));
    }

    /// As [AsyncioCoordination#channelOfOne()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfOne() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(1, Batch.HOPS));
    }

    /// As [AsyncioCoordination#channelOf64()].
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOf64() {
        return exactly(Batch.HOPS, KotlinCoordinationWorkloads.hop(64, Batch.HOPS));
    }

    /// As [AsyncioCoordination#selectOfTwo()].
    ///
    /// @return what arrived through the first one
    @Benchmark
    @OperationsPerInvocation(Batch.CHOICES)
    public int selectOfTwo() {
        return exactly(Batch.CHOICES / 2, KotlinCoordinationWorkloads.selectOfTwo(Batch.CHOICES));
    }

    /// As [AsyncioCoordination#lockHandOver()].
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void lockHandOver() {
        KotlinCoordinationWorkloads.lockHandOver();
    }

    /// As [AsyncioCoordination#semaphoreHandOver()].
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void semaphoreHandOver() {
        KotlinCoordinationWorkloads.semaphoreHandOver();
    }

    /// As [AsyncioCoordination#semaphoreFree()].
    ///
    /// @return how often that was possible
    @Benchmark
    @OperationsPerInvocation(Batch.ACQUISITIONS)
    public int semaphoreFree() {
        return exactly(Batch.ACQUISITIONS, KotlinCoordinationWorkloads.semaphoreFree(Batch.ACQUISITIONS));
    }

    /// As [AsyncioCoordination#generatorValues()], as a flow.
    ///
    /// @return what it yielded
    @Benchmark
    @OperationsPerInvocation(Batch.STEPS)
    public int generatorValues() {
        return exactly(Batch.STEPS, KotlinCoordinationWorkloads.flow(Batch.STEPS));
    }

    /// As [AsyncioCoordination#generatorAnext()], with `produce` and `receiveCatching`.
    ///
    /// @return what it yielded
    @Benchmark
    @OperationsPerInvocation(Batch.STEPS)
    public int generatorAnext() {
        return exactly(Batch.STEPS, KotlinCoordinationWorkloads.produce(Batch.STEPS));
    }

    /// As [AsyncioCoordination#moveOn()], with `withTimeoutOrNull`.
    ///
    /// @return how often it was in time
    @Benchmark
    @OperationsPerInvocation(Batch.DEADLINES)
    public int moveOn() {
        return exactly(Batch.DEADLINES, KotlinCoordinationWorkloads.moveOn(Batch.DEADLINES));
    }

    /// As [AsyncioCoordination#blockingTrip()], with `Dispatchers.IO`.
    ///
    /// @return what the work returned
    @Benchmark
    @OperationsPerInvocation(Batch.TRIPS)
    public int blockingTrip() {
        return exactly(Batch.TRIPS, KotlinCoordinationWorkloads.inputOutputTrip(Batch.TRIPS));
    }

    /// As [AsyncioCoordination#toThreadTrip()], with a dispatcher of an executor.
    ///
    /// @return what the work returned
    @Benchmark
    @OperationsPerInvocation(Batch.TRIPS)
    public int toThreadTrip() {
        return exactly(Batch.TRIPS, KotlinCoordinationWorkloads.executorTrip(Batch.TRIPS));
    }
}
