package asyncio.benchmarks;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.blocking;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.moveOnAfter;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static asyncio.benchmarks.Exactly.exactly;
import static asyncio.sync.Select.onReceive;
import static asyncio.sync.Select.select;

import asyncio.AsyncGenerator;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.Task;
import asyncio.Values;
import asyncio.sync.Channel;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Receiver;
import asyncio.sync.Semaphore;
import asyncio.sync.Sender;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What is measured of the ways in which tasks work together: queues, channels, locks, generators,
/// scopes, and trips out of the loop.
///
/// Threads: one benchmark thread, which is the loop's.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class AsyncioCoordination {
    static final Duration FAR = Duration.ofMinutes(1);
    private static final Integer ITEM = 1;

    final Runner runner = newRunner();

    /// For subclasses.
    protected AsyncioCoordination() {}

    static Runner newRunner() {
        return Runner.create(RunOptions.defaults().handlesInterrupt(false));
    }

    /// Closes the loop.
    @TearDown
    public void close() {
        runner.close();
    }

    /// Hands items from one task to another, one at a time.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOfOne() {
        return hop(1);
    }

    /// Hands items from one task to another, up to 64 at a time.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueOf64() {
        return hop(64);
    }

    /// Hands items from one task to another, all at a time.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int queueUnlimited() {
        return hop(0);
    }

    private int hop(int limit) {
        Queue<Integer> queue = new Queue<>(limit);
        return runner.run(async(() -> {
            Task<@Nullable Void> producer = createTask(() -> {
                for (int i = 0; i < Batch.HOPS; i++) {
                    await(queue.put(ITEM));
                }
            });
            int total = 0;
            for (int i = 0; i < Batch.HOPS; i++) {
                total += await(queue.get());
            }
            await(producer);
            return exactly(Batch.HOPS, total);
        }));
    }

    /// Sends items from one task to another, each when the other one takes it.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfNone() {
        return send(0);
    }

    /// Sends items from one task to another, one at a time.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOfOne() {
        return send(1);
    }

    /// Sends items from one task to another, up to 64 at a time.
    ///
    /// @return what arrived
    @Benchmark
    @OperationsPerInvocation(Batch.HOPS)
    public int channelOf64() {
        return send(64);
    }

    private int send(int capacity) {
        Channel<Integer> channel = Channel.open(capacity);
        return runner.run(async(() -> {
            Task<@Nullable Void> producer = createTask(() -> sendAll(channel.sender(), Batch.HOPS));
            Receiver<Integer> receiver = channel.receiver();
            int total = 0;
            for (int i = 0; i < Batch.HOPS; i++) {
                total += await(receiver.receive());
            }
            await(producer);
            return exactly(Batch.HOPS, total);
        }));
    }

    private static void sendAll(Sender<Integer> sender, int count) {
        for (int i = 0; i < count; i++) {
            await(sender.send(ITEM));
        }
    }

    /// Receives from whichever of two channels has an item; a task sends into each of them.
    ///
    /// @return what arrived through the first one
    @Benchmark
    @OperationsPerInvocation(Batch.CHOICES)
    public int selectOfTwo() {
        Channel<Integer> left = Channel.open(0);
        Channel<Integer> right = Channel.open(0);
        return runner.run(async(() -> {
            createTask(() -> sendAll(left.sender(), Batch.CHOICES / 2));
            createTask(() -> sendAll(right.sender(), Batch.CHOICES / 2));
            int fromLeft = 0;
            for (int i = 0; i < Batch.CHOICES; i++) {
                fromLeft +=
                        await(select(onReceive(left.receiver(), item -> item), onReceive(right.receiver(), item -> 0)));
            }
            return exactly(Batch.CHOICES / 2, fromLeft);
        }));
    }

    /// Two tasks take turns with a lock: each releases it while the other one waits for it.
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void lockHandOver() {
        Lock lock = new Lock();
        HandOvers handOvers = new HandOvers();
        runner.run(async(() -> {
            await(lock.acquire());
            Task<@Nullable Void> first = createTask(() -> takeTurns(lock, 0, handOvers));
            Task<@Nullable Void> second = createTask(() -> takeTurns(lock, 1, handOvers));
            await(sleep(Duration.ZERO)); // both wait
            lock.release();
            await(first);
            await(second);
        }));
    }

    private static void takeTurns(Lock lock, int task, HandOvers handOvers) {
        boolean more = true;
        while (more) {
            await(lock.acquire());
            more = handOvers.takenBy(task);
            lock.release();
        }
    }

    /// The same with the only permit of a semaphore.
    @Benchmark
    @OperationsPerInvocation(Batch.HAND_OVERS)
    public void semaphoreHandOver() {
        Semaphore semaphore = new Semaphore();
        HandOvers handOvers = new HandOvers();
        runner.run(async(() -> {
            await(semaphore.acquire());
            Task<@Nullable Void> first = createTask(() -> takeTurns(semaphore, 0, handOvers));
            Task<@Nullable Void> second = createTask(() -> takeTurns(semaphore, 1, handOvers));
            await(sleep(Duration.ZERO)); // both wait
            semaphore.release();
            await(first);
            await(second);
        }));
    }

    private static void takeTurns(Semaphore semaphore, int task, HandOvers handOvers) {
        boolean more = true;
        while (more) {
            await(semaphore.acquire());
            more = handOvers.takenBy(task);
            semaphore.release();
        }
    }

    /// Acquires a permit that is free, and releases it.
    ///
    /// @return how often that was possible
    @Benchmark
    @OperationsPerInvocation(Batch.ACQUISITIONS)
    public int semaphoreFree() {
        Semaphore semaphore = new Semaphore();
        return runner.run(async(() -> {
            int total = 0;
            for (int i = 0; i < Batch.ACQUISITIONS; i++) {
                if (await(semaphore.acquire()) && semaphore.isLocked()) {
                    total++;
                }
                semaphore.release();
            }
            return exactly(Batch.ACQUISITIONS, total);
        }));
    }

    /// Reads a generator in a `for` loop. Neither side awaits anything else.
    ///
    /// @return what it yielded
    @Benchmark
    @OperationsPerInvocation(Batch.STEPS)
    public int generatorValues() {
        return runner.run(async(() -> {
            int total = 0;
            try (Values<Integer> values = items().values()) {
                for (Integer value : values) {
                    total += value;
                }
            }
            return exactly(Batch.STEPS, total);
        }));
    }

    /// Reads a generator value by value.
    ///
    /// @return what it yielded
    @Benchmark
    @OperationsPerInvocation(Batch.STEPS)
    public int generatorAnext() {
        return runner.run(async(() -> {
            AsyncGenerator<Integer> items = items();
            int total = 0;
            for (Optional<Integer> value = await(items.anext()); value.isPresent(); value = await(items.anext())) {
                total += value.get();
            }
            return exactly(Batch.STEPS, total);
        }));
    }

    private static AsyncGenerator<Integer> items() {
        return generator(out -> {
            for (int i = 0; i < Batch.STEPS; i++) {
                out.emit(ITEM);
            }
        });
    }

    /// Bounds the time of one suspension by a scope that would give up quietly.
    ///
    /// @return how often it was in time
    @Benchmark
    @OperationsPerInvocation(Batch.DEADLINES)
    public int moveOn() {
        return runner.run(async(() -> {
            int total = 0;
            for (int i = 0; i < Batch.DEADLINES; i++) {
                if (await(moveOnAfter(FAR, () -> {
                    await(sleep(Duration.ZERO));
                }))) {
                    total++;
                }
            }
            return exactly(Batch.DEADLINES, total);
        }));
    }

    /// Lets the task leave the loop for work that blocks, and come back.
    ///
    /// @return what the work returned
    @Benchmark
    @OperationsPerInvocation(Batch.TRIPS)
    public int blockingTrip() {
        return runner.run(async(() -> {
            int total = 0;
            for (int i = 0; i < Batch.TRIPS; i++) {
                total += await(blocking(() -> ITEM));
            }
            return exactly(Batch.TRIPS, total);
        }));
    }

    /// Sends work to a thread of the executor, and waits for it.
    ///
    /// @return what the work returned
    @Benchmark
    @OperationsPerInvocation(Batch.TRIPS)
    public int toThreadTrip() {
        return runner.run(async(() -> {
            int total = 0;
            for (int i = 0; i < Batch.TRIPS; i++) {
                total += await(toThread(() -> ITEM));
            }
            return exactly(Batch.TRIPS, total);
        }));
    }
}
