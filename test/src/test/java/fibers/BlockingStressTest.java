package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.blocking;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A hundred thousand trips off the loop and back, beside tasks that switch and timers, while another
/// thread takes stack traces of the travelling threads, unparks and interrupts them.
///
/// Holds: each trip ends, on the same thread, on the loop, while nothing else runs there.
/// `-Dasyncio.stress.seed=1` changes the choices.
class BlockingStressTest {
    private static final int TRAVELLERS = 16;
    private static final int TRIPS = 100_000; // of all of them, in the two runs together
    private static final Duration LIMIT = Duration.ofMinutes(2); // a trip is lost
    private static final long SEED = Long.getLong("asyncio.stress.seed", 20_250_101);

    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private int inside; // on the loop only, and never more than one: a plain field for an oracle
    private long trips; // on the loop only
    private long steps; // as above
    private long interrupted; // as above
    private volatile boolean over;

    @Test
    void trips_underLoad_allComeBackToTheLoop() {
        runTrips(TRIPS / 2);

        assertThat(interrupted).isZero();
    }

    @Test
    void trips_underLoadAndDisturbed_allComeBackToTheLoop() throws Exception {
        Thread sampler = Threads.start(() -> {
            try {
                disturb(new Random(SEED + 101));
            } catch (Throwable e) {
                failures.add(e);
            }
        });

        try {
            runTrips(TRIPS / 2);
        } finally {
            over = true;
            sampler.join();
        }
        assertThat(interrupted).isPositive();
    }

    private void runTrips(int count) {
        try (EventLoop loop = EventLoop.create()) {
            loop.runUntilComplete(async(() -> {
                List<Task<?>> travellers = new ArrayList<>();
                for (int i = 0; i < TRAVELLERS; i++) {
                    Random random = new Random(SEED + i);
                    travellers.add(createTask(() -> travel(random, count / TRAVELLERS)));
                }
                boolean[] done = {false};
                List<Task<?>> others = List.of(
                        createTask(() -> switchTurns(done, Duration.ZERO)),
                        createTask(() -> switchTurns(done, Duration.ofNanos(50_000))));
                try {
                    await(timeout(LIMIT, () -> {
                        for (Task<?> traveller : travellers) {
                            await(traveller);
                        }
                    }));
                } finally {
                    done[0] = true;
                }
                for (Task<?> other : others) {
                    await(other);
                }
            }));
        }
        assertThat(failures).as("seed %s", SEED).isEmpty();
        assertThat(trips).isEqualTo(count);
        assertThat(steps).isPositive();
        for (Thread thread : threads) {
            Threads.parkUntil(() -> !thread.isAlive(), "thread of a traveller to end");
        }
    }

    private void switchTurns(boolean[] done, Duration delay) {
        while (!done[0]) {
            enter();
            steps++;
            leave();
            await(sleep(delay));
        }
    }

    private void enter() {
        if (++inside != 1) {
            failures.add(new AssertionError("two at a time on the loop: " + inside));
        }
    }

    private void leave() {
        if (--inside != 0) {
            failures.add(new AssertionError("two at a time on the loop: " + inside));
        }
    }

    private void travel(Random random, int count) throws Exception {
        EventLoop loop = getRunningLoop();
        Thread self = Thread.currentThread();
        threads.add(self);
        ThreadLocal<Integer> local = ThreadLocal.withInitial(() -> -1);
        for (int i = 0; i < count; i++) {
            int trip = i;
            enter();
            local.set(trip);
            leave();
            int result = await(blocking(() -> {
                assertThat(Thread.currentThread()).isSameAs(self);
                work(random);
                return local.get();
            }));
            enter();
            if (Thread.interrupted()) {
                interrupted++;
            }
            if (result != trip || Thread.currentThread() != self || getRunningLoop() != loop) {
                failures.add(new AssertionError("trip " + trip + " gave " + result + " on " + Thread.currentThread()));
            }
            trips++;
            leave();
            if (random.nextInt(4) == 0) {
                await(sleep(Duration.ofNanos(random.nextInt(2) * 20_000L)));
                enter();
                leave();
            }
            if (random.nextInt(16) == 0) { // a foreign block on the loop: it holds
                enter();
                LockSupport.parkNanos(this, 1_000);
                leave();
            }
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // the subject
    private static void work(Random random) {
        switch (random.nextInt(8)) {
            case 0 -> Thread.yield();
            case 1 -> LockSupport.parkNanos(random, 1_000);
            case 2 -> LockSupport.unpark(Thread.currentThread()); // a permit that is left over
            case 3 -> spin(random.nextInt(2_000));
            default -> {}
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    /// Takes stack traces and disturbs threads, wherever they are.
    private void disturb(Random random) {
        while (!over) {
            int size = threads.size();
            @Nullable Thread thread = size == 0 ? null : threads.get(random.nextInt(size));
            if (thread != null) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> assertThat(thread.getStackTrace()).isNotNull();
                    case 4, 5, 6 -> LockSupport.unpark(thread);
                    default -> {
                        if (random.nextInt(10) == 0) {
                            thread.interrupt();
                        }
                    }
                }
            }
            if (random.nextInt(8) == 0) {
                LockSupport.parkNanos(this, 5_000);
            }
        }
    }
}
