package asyncio.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The same work with Kotlin coroutines on one thread: the event loop of `runBlocking`.
///
/// Threads: one benchmark thread, which is the event loop's.
@Fork(1)
public class KotlinCoroutines extends KotlinCoordination {
    /// Made by JMH.
    public KotlinCoroutines() {}

    /// As [AsyncioWorkloads#switchOneTask()].
    @Benchmark
    @OperationsPerInvocation(Batch.SWITCHES)
    public void switchOneTask() {
        KotlinWorkloads.switchOneTask(Batch.SWITCHES);
    }

    /// As [AsyncioWorkloads#switchThousandTasks()].
    @Benchmark
    @OperationsPerInvocation(Batch.TASKS * Batch.TURNS)
    public void switchThousandTasks() {
        KotlinWorkloads.switchTasks(Batch.TASKS, Batch.TURNS);
    }

    /// As [AsyncioWorkloads#createJoin()].
    @Benchmark
    @OperationsPerInvocation(Batch.JOINS)
    public void createJoin() {
        KotlinWorkloads.createJoin(Batch.JOINS);
    }

    /// As [AsyncioWorkloads#groupOfHundred()].
    ///
    /// @return what they computed
    @Benchmark
    @OperationsPerInvocation(Batch.GROUP * Batch.GROUPS)
    public int groupOfHundred() {
        return KotlinWorkloads.group(Batch.GROUPS, Batch.GROUP);
    }

    /// As [AsyncioWorkloads#awaitFinished()].
    ///
    /// @return what they held
    @Benchmark
    @OperationsPerInvocation(Batch.FINISHED * Batch.AWAITS)
    public int awaitFinished() {
        return KotlinWorkloads.awaitFinished(Batch.FINISHED, Batch.AWAITS);
    }

    /// As [AsyncioWorkloads#deadline()].
    @Benchmark
    @OperationsPerInvocation(Batch.DEADLINES)
    public void deadline() {
        KotlinWorkloads.deadline(Batch.DEADLINES);
    }

    /// As [AsyncioWorkloads#callSoon()]: the callbacks are dispatched to the event loop.
    ///
    /// @return how many ran
    @Benchmark
    @OperationsPerInvocation(Batch.CALLBACKS)
    public int callSoon() {
        return KotlinWorkloads.callSoon(Batch.CALLBACKS);
    }

    /// As [AsyncioWorkloads#threadsafeRoundTrip].
    ///
    /// @param running the event loop
    @Benchmark
    public void threadsafeRoundTrip(RunningLoop running) {
        Answer answer = new Answer();
        running.loop.dispatch(answer);
        answer.await();
    }

    /// As [AsyncioWorkloads#timer].
    ///
    /// @param timers the others
    @Benchmark
    @OperationsPerInvocation(Batch.TIMERS)
    public void timer(Timers timers) {
        timers.timers.armAndCancel(Batch.TIMERS);
    }

    /// An event loop that runs on a thread of its own and waits for work.
    ///
    /// Threads: the benchmark's and the loop's.
    @State(Scope.Thread)
    public static class RunningLoop {
        private final KotlinLoop loop = new KotlinLoop();

        /// Stops the loop.
        @TearDown
        public void stop() {
            loop.stop();
        }
    }

    /// Timers that never fire.
    ///
    /// Threads: the benchmark's.
    @State(Scope.Thread)
    public static class Timers {
        /// How many timers are armed all the time.
        @Param({"0", "1000", "100000", "1000000"})
        public int outstanding;

        private final KotlinTimers timers = new KotlinTimers(new Delays());

        /// Arms them.
        @Setup
        public void arm() {
            timers.arm(outstanding);
        }

        /// Cancels them.
        @TearDown
        public void close() {
            timers.stop();
        }
    }
}
