package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static fibers.Threads.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/// Whatever a coroutine blocks on without awaiting, no other step runs meanwhile.
class HoldTest {
    private static final int ROUNDS = 5;

    private static void assertHeldDuring(Steps.Code code) {
        run(() -> {
            Steps steps = Steps.start();
            for (int round = 0; round < ROUNDS; round++) {
                steps.assertNoneDuring(code);
                await(sleep(Duration.ofMillis(1))); // from an idle loop, too
            }
            steps.stop();
        });
    }

    @Test
    void sleep_ofTheThread_holdsTheLoop() {
        assertHeldDuring(() -> Thread.sleep(2));
    }

    @Test
    void yield_ofTheThread_holdsTheLoop() {
        assertHeldDuring(HoldTest::yieldOften);
    }

    @SuppressWarnings("ThreadPriorityCheck") // the subject
    private static void yieldOften() {
        for (int i = 0; i < 100; i++) {
            Thread.yield();
        }
    }

    @Test
    void parkNanos_holdsTheLoop() {
        assertHeldDuring(() -> {
            LockSupport.parkNanos(1_000_000); // perhaps a permit is left: then it returns at once
            LockSupport.parkNanos(1_000_000);
        });
    }

    @Test
    void synchronized_contendedByAThread_holdsTheLoop() {
        Object monitor = new Object();
        assertHeldDuring(() -> {
            Thread coroutine = Thread.currentThread();
            CountDownLatch locked = new CountDownLatch(1);
            Thread owner = Threads.start(() -> {
                synchronized (monitor) {
                    locked.countDown();
                    awaitState(coroutine, Thread.State.BLOCKED);
                }
            });
            locked.await();
            synchronized (monitor) {
                assertThat(Thread.currentThread()).isSameAs(coroutine);
                assertThat(Thread.holdsLock(monitor)).isTrue();
            }
            owner.join();
        });
    }

    @Test
    void reentrantLock_contendedByAThread_holdsTheLoop() {
        ReentrantLock lock = new ReentrantLock();
        assertHeldDuring(() -> {
            CountDownLatch locked = new CountDownLatch(1);
            Thread owner = Threads.start(() -> {
                lock.lock();
                try {
                    locked.countDown();
                    Threads.spinUntil(lock::hasQueuedThreads, "a contender");
                } finally {
                    lock.unlock();
                }
            });
            locked.await();
            lock.lock();
            try {
                assertThat(lock.isHeldByCurrentThread()).isTrue();
            } finally {
                lock.unlock();
            }
            owner.join();
        });
    }

    @Test
    void wait_untilNotifiedByAThread_holdsTheLoop() {
        Object monitor = new Object();
        assertHeldDuring(() -> {
            Thread coroutine = Thread.currentThread();
            AtomicBoolean told = new AtomicBoolean();
            Thread notifier = Threads.start(() -> {
                awaitState(coroutine, Thread.State.WAITING);
                synchronized (monitor) {
                    told.set(true);
                    monitor.notifyAll();
                }
            });
            synchronized (monitor) {
                while (!told.get()) {
                    monitor.wait();
                }
            }
            notifier.join();
        });
    }

    @Test
    void wait_withTimeout_holdsTheLoop() {
        Object monitor = new Object();
        assertHeldDuring(() -> waitBriefly(monitor));
    }

    @SuppressWarnings("WaitNotInLoop") // nobody notifies
    private static void waitBriefly(Object monitor) throws InterruptedException {
        synchronized (monitor) {
            monitor.wait(1);
        }
    }

    @Test
    void condition_signalledByAThread_holdsTheLoop() {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        assertHeldDuring(() -> {
            AtomicBoolean told = new AtomicBoolean();
            Thread signaller;
            lock.lock();
            try {
                signaller = Threads.start(() -> {
                    lock.lock(); // free only once the coroutine waits
                    try {
                        told.set(true);
                        condition.signalAll();
                    } finally {
                        lock.unlock();
                    }
                });
                while (!told.get()) {
                    condition.await();
                }
                assertThat(lock.isHeldByCurrentThread()).isTrue();
            } finally {
                lock.unlock();
            }
            signaller.join();
        });
    }

    @Test
    void blockingQueue_servedByAThread_holdsTheLoop() {
        assertHeldDuring(() -> {
            SynchronousQueue<Integer> questions = new SynchronousQueue<>();
            SynchronousQueue<Integer> answers = new SynchronousQueue<>();
            Thread server = Threads.start(() -> answers.put(questions.take() + 1));
            questions.put(41);
            assertThat(answers.take()).isEqualTo(42);
            server.join();
        });
    }

    @Test
    void socket_blocking_holdsTheLoop() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread echo = Threads.start(() -> {
                try (Socket peer = server.accept()) {
                    DataInputStream in = new DataInputStream(peer.getInputStream());
                    for (int i = 0; i < ROUNDS; i++) {
                        new DataOutputStream(peer.getOutputStream()).writeInt(in.readInt() + 1);
                    }
                }
            });
            try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
                assertHeldDuring(() -> {
                    new DataOutputStream(client.getOutputStream()).writeInt(41);
                    assertThat(new DataInputStream(client.getInputStream()).readInt())
                            .isEqualTo(42);
                });
            }
            echo.join();
        }
    }

    @Test
    void upcall_thatBlocks_holdsTheLoop() {
        assertHeldDuring(() -> {
            CountDownLatch latch = new CountDownLatch(1);
            Thread coroutine = Thread.currentThread();
            Thread opener = Threads.start(() -> {
                awaitState(coroutine, Thread.State.WAITING);
                latch.countDown();
            });
            assertThat(NativeCall.run(latch::await)).isNull();
            opener.join();
        });
    }

    @Test
    void classInitialiser_thatBlocks_holdsTheLoop() {
        run(() -> {
            Steps steps = Steps.start();
            steps.assertNoneDuring(() -> assertThat(SleepsOnLoad.loadedBy).isSameAs(Thread.currentThread()));
            steps.stop();
        });
    }

    private static final class SleepsOnLoad {
        static final Thread loadedBy = load();

        private static Thread load() {
            LockSupport.parkNanos(2_000_000);
            LockSupport.parkNanos(2_000_000);
            return Thread.currentThread();
        }
    }

    @Test
    void unpark_ofFiberAndLoopThread_neitherEndsABlockNorAnAwait() throws Exception {
        Thread loopThread = Thread.currentThread();
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch known = new CountDownLatch(1);
        Thread[] fiber = new Thread[1];
        Thread unparker = Threads.start(() -> {
            known.await();
            while (!over.get()) {
                LockSupport.unpark(fiber[0]);
                LockSupport.unpark(loopThread);
            }
        });
        try {
            run(() -> {
                fiber[0] = Thread.currentThread();
                known.countDown();
                Steps steps = Steps.start();
                for (int i = 0; i < 50; i++) {
                    long start = System.nanoTime();
                    steps.assertNoneDuring(() -> Thread.sleep(1));
                    await(sleep(Duration.ofMillis(1)));
                    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(2));
                }
                steps.stop();
            });
        } finally {
            over.set(true);
            unparker.join();
        }
    }

    @Test
    void stackTrace_takenAllTheTime_disturbsNothing() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch sampled = new CountDownLatch(200);
        Thread[] fiber = new Thread[1];
        Thread sampler = Threads.start(() -> {
            known.await();
            while (!over.get()) {
                if (fiber[0].getStackTrace().length > 0) {
                    sampled.countDown();
                }
            }
        });
        try {
            run(() -> {
                fiber[0] = Thread.currentThread();
                known.countDown();
                Steps steps = Steps.start();
                for (int i = 0; i < 20 || sampled.getCount() > 0; i++) {
                    steps.assertNoneDuring(() -> Thread.sleep(1));
                    await(sleep(Duration.ofMillis(1)));
                }
                steps.stop();
            });
        } finally {
            over.set(true);
            sampler.join();
        }
        assertThat(sampled.getCount()).isZero();
    }
}
