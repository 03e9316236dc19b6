package asyncio.benchmarks;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Future;
import asyncio.Task;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Measures the heap that a suspended task takes: the used heap after garbage collection with many
/// of them, less that without, divided by their number.
///
/// One process measures one subject, so that none sees what another left behind. The first rounds
/// only warm up: frames of code that is not compiled yet take more.
///
/// Threads: one.
final class SuspendedTasks {
    private static final int TASKS = 100_000;
    private static final int WARM_UP_ROUNDS = 6;
    private static final int ROUNDS = 5;
    private static final int COLLECTIONS = 3; // one may leave what the next one finds

    private SuspendedTasks() {}

    /// Measures.
    ///
    /// @param arguments the subject, by the name of its class here, and the file for the result
    /// @throws IOException if the file cannot be written
    /// @throws InterruptedException never, as nobody interrupts
    static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("arguments must be SUBJECT FILE: got " + List.of(arguments));
        }
        List<Double> bytes = new ArrayList<>();
        for (int i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
            bytes.add(bytesPerTask(arguments[0]));
        }
        List<Double> samples = bytes.subList(WARM_UP_ROUNDS, bytes.size());
        Result.write(Path.of(arguments[1]), List.of(new Result(arguments[0], "suspendedTask", "B", samples)));
    }

    private static double bytesPerTask(String subject) throws InterruptedException {
        long before = usedHeap();
        long used = switch (subject) {
            case "AsyncioFast", "AsyncioBaton" -> asyncio();
            case "VirtualThreads" -> virtualThreads();
            case "KotlinCoroutines" -> KotlinWorkloads.suspended(TASKS, SuspendedTasks::usedHeap);
            default -> throw new IllegalArgumentException("subject is unknown: " + subject);
        };
        return (used - before) / (double) TASKS;
    }

    private static long asyncio() {
        return run(async(() -> {
            Future<Integer> future = getRunningLoop().createFuture();
            for (int i = 1; i < TASKS; i++) {
                createTask(() -> await(future));
            }
            Task<Integer> last = createTask(() -> await(future));
            await(sleep(Duration.ZERO));
            long used = usedHeap();
            future.setResult(0);
            await(last);
            return used;
        }));
    }

    private static long virtualThreads() throws InterruptedException {
        CountDownLatch future = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>(TASKS);
        for (int i = 0; i < TASKS; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    future.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody interrupts", e);
                }
            }));
        }
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        long used = usedHeap();
        future.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return used;
    }

    private static long usedHeap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < COLLECTIONS; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }
}
