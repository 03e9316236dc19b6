package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.Task;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Two loops whose coroutines mix awaits with everything that blocks, while threads hammer the same
/// objects, take stack traces, unpark and interrupt fibers and loop threads.
///
/// Holds: no step begins on a loop while one of its coroutines blocks, no wake-up is lost. Bounded by
/// a number of operations and by time, whichever comes first; `-Dasyncio.stress.seconds=60` and
/// `-Dasyncio.stress.seed=1` change the time and the choices.
class FiberStressTest {
    private static final int LOOPS = 2;
    private static final int COROUTINES = 8;
    private static final int MAX_SECONDS = 60;
    private static final int SECONDS = Math.clamp(Integer.getInteger("asyncio.stress.seconds", 10), 1, MAX_SECONDS);
    private static final int OPERATIONS_PER_SECOND = 1_000; // of one coroutine, at most
    private static final long SEED = Long.getLong("asyncio.stress.seed", 20_250_101);
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Shared shared = new Shared();
    private final List<LoopUnderStress> loops = new ArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong interrupts = new AtomicLong();
    private volatile boolean over;

    @Test
    void loops_underStress_holdAndMissNothing() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < LOOPS; i++) {
                loops.add(new LoopUnderStress(i, server));
            }
            threads.add(foreign(() -> serve(server)));
            for (LoopUnderStress loop : loops) {
                threads.add(foreign(loop::run));
            }
            threads.add(foreign(() -> hammer(new Random(SEED + 101))));
            threads.add(foreign(() -> hammer(new Random(SEED + 102))));
            threads.add(foreign(() -> sample(new Random(SEED + 103))));
            watch();
            over = true;
            for (Thread thread : threads.subList(1, threads.size())) {
                join(thread);
            }
        }
        join(threads.getFirst());
        assertThat(failures).as("seed %s", SEED).isEmpty();
        for (LoopUnderStress loop : loops) {
            assertThat(loop.operations.get()).as("operations of %s", loop.index).isGreaterThan(100);
            assertThat(loop.answers).as("answers to %s", loop.index).isPositive();
            assertThat(loop.blocked.get())
                    .as("blocking calls of %s", loop.index)
                    .isGreaterThan(100);
        }
        assertThat(shared.monitorCount).as("updates under the monitor").isEqualTo(shared.monitorUpdates.get());
        assertThat(shared.lockCount).as("updates under the lock").isEqualTo(shared.lockUpdates.get());
        assertThat(interrupts.get()).isPositive();
    }

    /// Ends when all loops have done their work, the time is up, or one makes no progress.
    private void watch() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long[] seen = new long[LOOPS];
        long[] seenAt = new long[LOOPS];
        Arrays.fill(seenAt, System.nanoTime());
        boolean allDone = false;
        while (!allDone && failures.isEmpty()) {
            LockSupport.parkNanos(this, 10_000_000);
            long now = System.nanoTime();
            over |= now > end;
            allDone = true;
            for (LoopUnderStress loop : loops) {
                long count = loop.operations.get();
                if (loop.done) {
                    continue;
                }
                allDone = false;
                if (count != seen[loop.index]) {
                    seen[loop.index] = count;
                    seenAt[loop.index] = now;
                } else if (now - seenAt[loop.index] > STUCK_NANOS) {
                    failures.add(new AssertionError("no progress for 15 s: " + loop.describe()));
                    return;
                }
            }
        }
    }

    private Thread foreign(Steps.Code code) {
        return Threads.start(() -> {
            try {
                code.run();
            } catch (Throwable e) {
                failures.add(e);
            }
        });
    }

    private void join(Thread thread) throws InterruptedException {
        thread.join(STUCK_NANOS / 1_000_000);
        if (thread.isAlive()) {
            AssertionError stuck = new AssertionError("does not end: " + thread);
            stuck.setStackTrace(thread.getStackTrace());
            failures.add(stuck);
        }
    }

    /// Adds one to each number that a client sends.
    private static void serve(ServerSocket server) {
        while (true) {
            try {
                Socket peer = server.accept();
                Thread.ofVirtual().start(() -> echo(peer));
            } catch (IOException e) {
                return; // closed: the test is over
            }
        }
    }

    private static void echo(Socket peer) {
        try (peer) {
            DataInputStream in = new DataInputStream(peer.getInputStream());
            DataOutputStream out = new DataOutputStream(peer.getOutputStream());
            while (true) {
                out.writeInt(in.readInt() + 1);
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    /// Contends for what the coroutines use.
    private void hammer(Random random) throws InterruptedException {
        while (!over) {
            switch (random.nextInt(6)) {
                case 0 -> shared.updateMonitor(random.nextInt(2_000));
                case 1 -> shared.updateLock(random.nextInt(2_000));
                case 2 -> shared.answer();
                case 3 -> shared.signal();
                case 4 -> shared.queue.poll(1, TimeUnit.MILLISECONDS);
                default -> shared.queue.offer(1);
            }
        }
    }

    /// Takes stack traces and disturbs threads that wait.
    private void sample(Random random) {
        while (!over) {
            LoopUnderStress loop = loops.get(random.nextInt(LOOPS));
            List<Thread> fibers = loop.fibers;
            Thread loopThread = loop.thread;
            if (fibers.size() < COROUTINES || loopThread == null) {
                Thread.onSpinWait();
                continue;
            }
            Thread fiber = fibers.get(random.nextInt(COROUTINES));
            switch (random.nextInt(8)) {
                case 0, 1 -> assertThat(fiber.getStackTrace()).isNotNull();
                case 2 -> assertThat(loopThread.getStackTrace()).isNotNull();
                case 3, 4 -> LockSupport.unpark(fiber);
                case 5 -> LockSupport.unpark(loopThread);
                case 6 -> {
                    if (random.nextInt(50) == 0) {
                        interrupts.incrementAndGet();
                        fiber.interrupt();
                    }
                }
                default -> {
                    if (random.nextInt(50) == 0) {
                        interrupts.incrementAndGet();
                        loopThread.interrupt();
                    }
                }
            }
            LockSupport.parkNanos(this, 20_000);
        }
    }

    /// What coroutines of both loops and other threads use together.
    private static final class Shared {
        final Object monitor = new Object();
        final ReentrantLock lock = new ReentrantLock();
        final Condition condition = lock.newCondition();
        final Object table = new Object();
        final BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(4);
        final AtomicLong monitorUpdates = new AtomicLong();
        final AtomicLong lockUpdates = new AtomicLong();
        long monitorCount; // under the monitor
        long lockCount; // under the lock
        private long asked; // under the table's monitor
        private long answered;

        void updateMonitor(int spins) {
            monitorUpdates.incrementAndGet();
            synchronized (monitor) {
                monitorCount++;
                spin(spins);
            }
        }

        void updateLock(int spins) {
            lockUpdates.incrementAndGet();
            lock.lock();
            try {
                lockCount++;
                spin(spins);
            } finally {
                lock.unlock();
            }
        }

        private static void spin(int times) {
            for (int i = 0; i < times; i++) {
                Thread.onSpinWait();
            }
        }

        /// The one side of the ping-pong: waits until it is answered, for a few milliseconds at most.
        void ask() throws InterruptedException {
            synchronized (table) {
                long mine = ++asked;
                for (int i = 0; i < 5 && answered < mine; i++) {
                    table.wait(1);
                }
            }
        }

        void answer() {
            synchronized (table) {
                answered = asked;
                table.notifyAll();
            }
        }

        @SuppressWarnings("WaitNotInLoop") // early is fine: being woken is the subject
        void awaitSignal() throws InterruptedException {
            lock.lock();
            try {
                condition.awaitNanos(500_000);
                assertThat(lock.isHeldByCurrentThread()).isTrue();
            } finally {
                lock.unlock();
            }
        }

        void signal() {
            lock.lock();
            try {
                condition.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// One loop, its coroutines, and the count of its steps.
    private final class LoopUnderStress {
        final int index;
        final AtomicLong operations = new AtomicLong();
        final AtomicLong blocked = new AtomicLong();
        final List<Thread> fibers = new CopyOnWriteArrayList<>();
        private final ServerSocket server;
        private @Nullable Socket socket; // on the loop only; an interrupt closes it, as the JDK does on virtual threads
        private long steps; // begun by any coroutine of this loop, on the loop only
        private long answers; // of the server
        private volatile String doing = "nothing yet";
        volatile @Nullable Thread thread;
        volatile boolean done;

        LoopUnderStress(int index, ServerSocket server) {
            this.index = index;
            this.server = server;
        }

        void run() throws IOException {
            thread = Thread.currentThread();
            try (EventLoop loop = EventLoop.create()) {
                loop.runUntilComplete(async(() -> {
                    List<Task<?>> tasks = new ArrayList<>();
                    for (int i = 0; i < COROUTINES; i++) {
                        int mine = i;
                        tasks.add(createTask(() -> work(new Random(SEED + 31L * index + mine))));
                    }
                    for (Task<?> task : tasks) {
                        await(task);
                    }
                }));
            } finally {
                Thread.interrupted(); // the sampler's
                Socket last = socket;
                if (last != null) {
                    last.close();
                }
                done = true;
            }
        }

        private void work(Random random) throws Exception {
            fibers.add(Thread.currentThread());
            int left = SECONDS * OPERATIONS_PER_SECOND;
            while (!over && left-- > 0) {
                for (int awaits = random.nextInt(4); awaits > 0; awaits--) {
                    await(random.nextInt(20) == 0 ? sleep(Duration.ofNanos(300_000)) : sleep(Duration.ZERO));
                    steps++;
                }
                if (random.nextInt(30) == 0) { // a fresh fiber
                    await(createTask(() -> {
                        steps++;
                        block(random);
                    }));
                    steps++;
                } else {
                    block(random);
                }
                operations.incrementAndGet();
            }
        }

        /// Blocks somehow; the oracle is that no step began meanwhile.
        private void block(Random random) throws Exception {
            EventLoop loop = getRunningLoop();
            Thread self = Thread.currentThread();
            int kind = random.nextInt(13);
            doing = "operation " + kind + " on " + self;
            long before = steps;
            try {
                blockOn(kind, random);
            } catch (InterruptedException e) {
                // The sampler's interrupt.
            }
            if (steps != before || Thread.currentThread() != self || getRunningLoop() != loop) {
                throw new AssertionError("a step began during " + doing + ": " + (steps - before));
            }
            blocked.incrementAndGet();
        }

        @SuppressWarnings({"ThreadPriorityCheck", "WaitNotInLoop"}) // the subject; nobody notifies
        private void blockOn(int kind, Random random) throws Exception {
            switch (kind) {
                case 0 -> shared.updateMonitor(random.nextInt(500));
                case 1 -> {
                    Object mine = new Object();
                    synchronized (mine) {
                        mine.wait(1);
                    }
                }
                case 2 -> shared.ask();
                case 3 -> Thread.sleep(0, 200_000);
                case 4 -> Thread.yield();
                case 5 -> shared.updateLock(random.nextInt(500));
                case 6 -> shared.awaitSignal();
                case 7 -> shared.queue.offer(2, 1, TimeUnit.MILLISECONDS);
                case 8 -> shared.queue.poll(1, TimeUnit.MILLISECONDS);
                case 9 -> LockSupport.parkNanos(this, 100_000);
                case 10 -> rethrow(NativeCall.run(() -> shared.updateMonitor(10)));
                case 11 -> rethrow(NativeCall.run(() -> LockSupport.parkNanos(this, 100_000)));
                default -> askServer(random.nextInt(1_000));
            }
        }

        private void rethrow(@Nullable Throwable thrown) {
            if (thrown != null) {
                throw new AssertionError(thrown);
            }
        }

        private void askServer(int question) throws IOException {
            Thread.interrupted(); // else the socket would be closed at once
            Socket open = socket;
            if (open == null || open.isClosed()) {
                open = new Socket(server.getInetAddress(), server.getLocalPort());
                socket = open;
            }
            try {
                new DataOutputStream(open.getOutputStream()).writeInt(question);
                assertThat(new DataInputStream(open.getInputStream()).readInt()).isEqualTo(question + 1);
                answers++;
            } catch (IOException e) {
                if (!open.isClosed()) {
                    throw e;
                }
            }
        }

        String describe() {
            Thread loopThread = thread;
            StringBuilder text = new StringBuilder("loop " + index + " doing " + doing);
            List<Thread> all = new ArrayList<>(fibers);
            if (loopThread != null) {
                all.add(loopThread);
            }
            for (Thread each : all) {
                text.append("\n").append(each).append(' ').append(each.getState());
                for (StackTraceElement frame : each.getStackTrace()) {
                    text.append("\n    at ").append(frame);
                }
            }
            return text.toString();
        }
    }
}
