package asyncio.benchmarks;

import static asyncio.benchmarks.Exactly.exactly;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How plain virtual threads work together.
///
/// They have no choice between queues, no generators and no scopes; and need no way to block.
///
/// Threads: the work is done on virtual threads, while the benchmark's thread waits.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("ThreadPriorityCheck") // yielding to the one that is to wait
public abstract class VirtualThreadCoordination {
    private static final Integer ITEM = 1;

    final AtomicInteger sum = new AtomicInteger(); // what threads work on

    /// For the subclass.
    protected VirtualThreadCoordination() {}

    static void run(Body body) throws InterruptedException {
        start(body).join();
    }

    static Thread start(Body body) {
        return Thread.startVirtualThread(() -> {
            try {
                body.run();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts", e);
            }
        });
    }

    /// As [AsyncioCoordination#queueOfOne()].
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOfOne() throws InterruptedException {
        return hop(new ArrayBlockingQueue<>(1));
    }

    /// As [AsyncioCoordination#queueOf64()].
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOf64() throws InterruptedException {
        return hop(new ArrayBlockingQueue<>(64));
    }

    /// As [AsyncioCoordination#queueUnlimited()].
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueUnlimited() throws InterruptedException {
        return hop(new LinkedBlockingQueue<>());
    }

    /// As [AsyncioCoordination#channelOfNone()], with a fair `SynchronousQueue`.
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfNone() throws InterruptedException {
        return hop(new SynchronousQueue<>(true));
    }

    /// As [AsyncioCoordination#channelOfOne()], with `ArrayBlockingQueue`.
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfOne() throws InterruptedException {
        return hop(new ArrayBlockingQueue<>(1));
    }

    /// As [AsyncioCoordination#channelOf64()], with `ArrayBlockingQueue`.
    ///
    /// @return what arrived
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOf64() throws InterruptedException {
        return hop(new ArrayBlockingQueue<>(64));
    }

    private int hop(BlockingQueue<Integer> queue) throws InterruptedException {
        run(() -> {
            Thread producer = start(() -> {
                for (int i = 0; i < Batch.HOPS; i++) {
                    queue.put(ITEM);
                }
            });
            int total = 0;
            for (int i = 0; i < Batch.HOPS; i++) {
                total += queue.take();
            }
            producer.join();
            sum.set(total);
        });
        return exactly(Batch.HOPS, sum.get());
    }

    /// As [AsyncioCoordination#lockHandOver()], with a fair `ReentrantLock`.
    ///
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void lockHandOver() throws InterruptedException {
        ReentrantLock lock = new ReentrantLock(true);
        HandOvers handOvers = new HandOvers();
        run(() -> {
            List<Thread> threads = new ArrayList<>();
            lock.lock();
            try {
                threads.add(start(() -> takeTurns(lock, 0, handOvers)));
                threads.add(start(() -> takeTurns(lock, 1, handOvers)));
                while (lock.getQueueLength() < 2) {
                    Thread.yield(); // until both wait
                }
            } finally {
                lock.unlock();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        });
    }

    private static void takeTurns(ReentrantLock lock, int thread, HandOvers handOvers) {
        boolean more = true;
        while (more) {
            lock.lock();
            try {
                more = handOvers.takenBy(thread);
                while (more && !lock.hasQueuedThreads()) {
                    Thread.yield(); // the other one is on its way
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// As [AsyncioCoordination#semaphoreHandOver()], with a fair semaphore.
    ///
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void semaphoreHandOver() throws InterruptedException {
        Semaphore semaphore = new Semaphore(1, true);
        HandOvers handOvers = new HandOvers();
        run(() -> {
            semaphore.acquire();
            Thread first = start(() -> takeTurns(semaphore, 0, handOvers));
            Thread second = start(() -> takeTurns(semaphore, 1, handOvers));
            while (semaphore.getQueueLength() < 2) {
                Thread.yield(); // until both wait
            }
            semaphore.release();
            first.join();
            second.join();
        });
    }

    private static void takeTurns(Semaphore semaphore, int thread, HandOvers handOvers) throws InterruptedException {
        boolean more = true;
        while (more) {
            semaphore.acquire();
            more = handOvers.takenBy(thread);
            while (more && !semaphore.hasQueuedThreads()) {
                Thread.yield(); // the other one is on its way
            }
            semaphore.release();
        }
    }

    /// As [AsyncioCoordination#semaphoreFree()], with a fair semaphore.
    ///
    /// @return how often that was possible
    /// @throws InterruptedException never, as nobody interrupts
    @Benchmark
    @OperationsPerInvocation(Batch.ACQUISITIONS)
    public int semaphoreFree() throws InterruptedException {
        Semaphore semaphore = new Semaphore(1, true);
        run(() -> {
            int total = 0;
            for (int i = 0; i < Batch.ACQUISITIONS; i++) {
                semaphore.acquire();
                if (semaphore.availablePermits() == 0) {
                    total++;
                }
                semaphore.release();
            }
            sum.set(total);
        });
        return exactly(Batch.ACQUISITIONS, sum.get());
    }

    /// What a virtual thread runs.
    @FunctionalInterface
    interface Body {
        void run() throws InterruptedException;
    }
}
