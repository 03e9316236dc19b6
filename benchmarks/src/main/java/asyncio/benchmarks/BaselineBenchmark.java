package asyncio.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/// What a figure means on this machine: a plain call, and the entry into a Kotlin coroutine.
///
/// Threads: one benchmark thread each.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-opens=java.base/java.lang=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BaselineBenchmark {
    /// Reads the clock once.
    ///
    /// @return the time read, so that the call cannot be removed
    @Benchmark
    public long clock() {
        return System.nanoTime();
    }

    /// Starts a Kotlin event loop whose coroutine returns at once.
    ///
    /// @return what the coroutine returned
    @Benchmark
    public int kotlinRunBlocking() {
        return KotlinBaselineKt.kotlinRunBlocking();
    }
}
