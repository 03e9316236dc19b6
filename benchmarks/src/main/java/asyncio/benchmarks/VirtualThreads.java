package asyncio.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The same work with plain virtual threads on the JDK's scheduler, which uses all processors.
///
/// There is no deadline: without preview features, virtual threads have none.
///
/// Threads: the work is done on virtual threads, while the benchmark's thread waits.
@Fork(1)
@SuppressWarnings("ThreadPriorityCheck") // yielding is what is measured
public class VirtualThreads extends VirtualThreadCoordination {
    /// Made by JMH.
    public VirtualThreads() {}

    private static void joinAll(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void takeTurns(int turns) {
        for (int i = 0; i < turns; i++) {
            Thread.yield();
        }
    }

    /// As [AsyncioWorkloads#switchOneTask()].
    ///
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.SWITCHES)
    public void switchOneTask() throws InterruptedException {
        run(() -> takeTurns(Batch.SWITCHES));
    }

    /// As [AsyncioWorkloads#switchThousandTasks()].
    ///
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.TASKS * Batch.TURNS)
    public void switchThousandTasks() throws InterruptedException {
        run(() -> {
            List<Thread> threads = new ArrayList<>(Batch.TASKS);
            for (int i = 0; i < Batch.TASKS; i++) {
                threads.add(start(() -> takeTurns(Batch.TURNS)));
            }
            joinAll(threads);
        });
    }

    /// As [AsyncioWorkloads#createJoin()].
    ///
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.JOINS)
    public void createJoin() throws InterruptedException {
        run(() -> {
            for (int i = 0; i < Batch.JOINS; i++) {
                start(Thread::yield).join();
            }
        });
    }

    /// As [AsyncioWorkloads#groupOfHundred()]: starts the threads and joins them.
    ///
    /// @return what they computed
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.GROUP * Batch.GROUPS)
    public int groupOfHundred() throws InterruptedException {
        run(() -> {
            for (int i = 0; i < Batch.GROUPS; i++) {
                List<Thread> threads = new ArrayList<>(Batch.GROUP);
                for (int j = 0; j < Batch.GROUP; j++) {
                    threads.add(start(sum::incrementAndGet));
                }
                joinAll(threads);
            }
        });
        return sum.get();
    }

    /// As [AsyncioWorkloads#awaitFinished()], with `CompletableFuture.join`.
    ///
    /// @return what they held
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.FINISHED * Batch.AWAITS)
    public int awaitFinished() throws InterruptedException {
        run(() -> {
            List<CompletableFuture<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < Batch.FINISHED; i++) {
                futures.add(CompletableFuture.completedFuture(i));
            }
            sum.set(sumOf(futures));
        });
        return sum.get();
    }

    private static int sumOf(List<CompletableFuture<Integer>> futures) {
        int total = 0;
        for (int i = 0; i < Batch.AWAITS; i++) {
            for (CompletableFuture<Integer> future : futures) {
                total += future.join();
            }
        }
        return total;
    }

    /// As [AsyncioWorkloads#callSoon()]: each callback is a virtual thread, and a latch waits for the
    /// last one.
    ///
    /// @return how many ran
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.CALLBACKS)
    public int callSoon() throws InterruptedException {
        run(() -> {
            CountDownLatch done = new CountDownLatch(Batch.CALLBACKS);
            for (int i = 0; i < Batch.CALLBACKS; i++) {
                start(() -> {
                    sum.incrementAndGet();
                    done.countDown();
                });
            }
            done.await();
        });
        return sum.get();
    }

    /// As [AsyncioWorkloads#threadsafeRoundTrip]: a virtual thread serves a queue of requests.
    ///
    /// @param server the thread
    @Benchmark
    public void threadsafeRoundTrip(Server server) {
        Answer answer = new Answer();
        server.requests.add(answer);
        answer.await();
    }

    /// As [AsyncioWorkloads#timer], with the JDK's scheduled executor.
    ///
    /// @param timers the others
    /// @return the last one, cancelled
    @Benchmark
    @OperationsPerInvocation(Batch.TIMERS)
    public boolean timer(Timers timers) {
        boolean cancelled = true;
        for (int i = 0; i < Batch.TIMERS; i++) {
            ScheduledFuture<?> timer = timers.executor.schedule(timers, timers.delays.millis(i), TimeUnit.MILLISECONDS);
            cancelled &= timer.cancel(false);
        }
        return cancelled;
    }

    /// A virtual thread that runs what it is sent.
    ///
    /// Threads: the benchmark's and its own.
    @State(Scope.Thread)
    public static class Server {
        private final BlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
        private volatile boolean stopped;

        /// Starts the thread.
        @Setup
        public void start() {
            VirtualThreads.start(() -> {
                while (!stopped) {
                    requests.take().run();
                }
            });
        }

        /// Stops the thread.
        @TearDown
        public void stop() {
            requests.add(() -> stopped = true);
        }
    }

    /// A scheduled executor with timers that never fire. Also what they would call.
    ///
    /// Threads: the benchmark's.
    @State(Scope.Thread)
    public static class Timers implements Runnable {
        /// How many timers are armed all the time.
        @Param({"0", "1000", "100000", "1000000"})
        public int outstanding;

        private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
        private final Delays delays = new Delays();
        private final List<ScheduledFuture<?>> armed = new ArrayList<>();

        /// Arms them.
        @Setup
        public void arm() {
            executor.setRemoveOnCancelPolicy(true);
            for (int i = 0; i < outstanding; i++) {
                armed.add(executor.schedule((Runnable) this, delays.millis(i), TimeUnit.MILLISECONDS));
            }
        }

        /// Drops them.
        @TearDown
        public void close() {
            executor.shutdownNow();
        }

        @Override
        public void run() {
            throw new IllegalStateException("a timer fired: the measurement took more than an hour");
        }
    }
}
