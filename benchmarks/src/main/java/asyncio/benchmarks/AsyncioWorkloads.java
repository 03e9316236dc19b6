package asyncio.benchmarks;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Runner;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What is measured of asyncio, through its public API; the subclasses say on which engine. How tasks
/// work together is in the superclass.
///
/// Threads: one benchmark thread, which is the loop's.
public abstract class AsyncioWorkloads extends AsyncioCoordination {
    private int sum; // what tasks work on, so that they have something to do

    /// For subclasses.
    protected AsyncioWorkloads() {}

    /// A single task gives way to nobody.
    @Benchmark
    @OperationsPerInvocation(Batch.SWITCHES)
    public void switchOneTask() {
        runner.run(async(() -> takeTurns(Batch.SWITCHES)));
    }

    /// Tasks take turns.
    @Benchmark
    @OperationsPerInvocation(Batch.TASKS * Batch.TURNS)
    public void switchThousandTasks() {
        runner.run(taskGroup(group -> {
            for (int i = 0; i < Batch.TASKS; i++) {
                group.createTask(() -> takeTurns(Batch.TURNS));
            }
        }));
    }

    private static void takeTurns(int turns) {
        for (int i = 0; i < turns; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    /// Creates a task that suspends once, and waits for it.
    @Benchmark
    @OperationsPerInvocation(Batch.JOINS)
    public void createJoin() {
        runner.run(async(() -> {
            for (int i = 0; i < Batch.JOINS; i++) {
                Task<@Nullable Void> task = createTask(() -> {
                    await(sleep(Duration.ZERO));
                });
                await(task);
            }
        }));
    }

    /// Creates a hundred tasks that do not suspend, and waits for all of them.
    ///
    /// @return what they computed
    @Benchmark
    @OperationsPerInvocation(Batch.GROUP * Batch.GROUPS)
    public int groupOfHundred() {
        runner.run(async(() -> {
            for (int i = 0; i < Batch.GROUPS; i++) {
                await(taskGroup(group -> {
                    for (int j = 0; j < Batch.GROUP; j++) {
                        group.createTask(() -> {
                            sum++;
                        });
                    }
                }));
            }
        }));
        return sum;
    }

    /// Awaits futures that are done.
    ///
    /// @return what they held
    @Benchmark
    @OperationsPerInvocation(Batch.FINISHED * Batch.AWAITS)
    public int awaitFinished() {
        return runner.run(async(() -> {
            List<Future<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < Batch.FINISHED; i++) {
                Future<Integer> future = getRunningLoop().createFuture();
                future.setResult(i);
                futures.add(future);
            }
            return sumOf(futures);
        }));
    }

    private static int sumOf(List<Future<Integer>> futures) {
        int total = 0;
        for (int i = 0; i < Batch.AWAITS; i++) {
            for (Future<Integer> future : futures) {
                total += await(future);
            }
        }
        return total;
    }

    /// Bounds the time of one suspension.
    @Benchmark
    @OperationsPerInvocation(Batch.DEADLINES)
    public void deadline() {
        runner.run(async(() -> {
            for (int i = 0; i < Batch.DEADLINES; i++) {
                await(timeout(FAR, () -> {
                    await(sleep(Duration.ZERO));
                }));
            }
        }));
    }

    /// Schedules callbacks, and waits for the last one.
    ///
    /// @return how many ran
    @Benchmark
    @OperationsPerInvocation(Batch.CALLBACKS)
    public int callSoon() {
        runner.run(async(() -> {
            EventLoop loop = getRunningLoop();
            for (int i = 0; i < Batch.CALLBACKS; i++) {
                loop.callSoon(() -> sum++);
            }
            await(sleep(Duration.ZERO));
        }));
        return sum;
    }

    /// Asks a loop that waits, from another thread, and waits for the answer.
    ///
    /// @param running the loop
    @Benchmark
    public void threadsafeRoundTrip(RunningLoop running) {
        Answer answer = new Answer();
        running.loop.callSoonThreadsafe(answer);
        answer.await();
    }

    /// Arms a timer and cancels it, beside others.
    ///
    /// @param timers the others
    @Benchmark
    @OperationsPerInvocation(Batch.TIMERS)
    public void timer(Timers timers) {
        timers.runner.run(async(() -> {
            EventLoop loop = getRunningLoop();
            for (int i = 0; i < Batch.TIMERS; i++) {
                loop.callLater(timers.delays.duration(i), timers).cancel();
            }
        }));
    }

    /// A loop that runs on a thread of its own and waits for work.
    ///
    /// Threads: the benchmark's and the loop's.
    @State(Scope.Thread)
    public static class RunningLoop {
        private final EventLoop loop = EventLoop.create();
        private final Thread thread = new Thread(loop::runForever, "benchmark-loop");

        /// Starts the loop.
        ///
        /// @throws InterruptedException never, as nobody interrupts
        @Setup
        public void start() throws InterruptedException {
            CountDownLatch started = new CountDownLatch(1);
            loop.callSoon(started::countDown);
            thread.start();
            started.await();
        }

        /// Stops the loop.
        ///
        /// @throws InterruptedException never, as nobody interrupts
        @TearDown
        public void stop() throws InterruptedException {
            loop.callSoonThreadsafe(loop::stop);
            thread.join();
            loop.close();
        }
    }

    /// A loop with timers that never fire. Also what they would call.
    ///
    /// Threads: the benchmark's.
    @State(Scope.Thread)
    public static class Timers implements Runnable {
        /// How many timers are armed all the time.
        @Param({"0", "1000", "100000", "1000000"})
        public int outstanding;

        private final Runner runner = newRunner();
        private final Delays delays = new Delays();

        /// Arms them.
        @Setup
        public void arm() {
            runner.run(async(() -> {
                for (int i = 0; i < outstanding; i++) {
                    getRunningLoop().callLater(delays.duration(i), this);
                }
            }));
        }

        /// Closes the loop.
        @TearDown
        public void close() {
            runner.close();
        }

        @Override
        public void run() {
            throw new IllegalStateException("a timer fired: the measurement took more than an hour");
        }
    }
}
