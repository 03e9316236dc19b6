package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.DeadlockException;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.VoidBody;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Semaphore;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// AS109: tasks that wait for each other in a circle, noticed in debug mode.
class DeadlockTest {
    private final RecordingLogger logger = new RecordingLogger();

    private void debug(VoidBody body) {
        Asyncio.run(async(body), InVirtualTime.debugOptions(logger, true));
        assertThat(InVirtualTime.findings(logger)).isEmpty();
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void ended(Task<@Nullable Void> one, Task<@Nullable Void> two) {
        await(waitUntil(List.of(one, two), ReturnWhen.ALL_COMPLETED));
    }

    /// Takes one lock, gives the others a turn, takes the other.
    private static Coroutine<@Nullable Void> both(Lock first, Lock second) {
        return async(() -> {
            await(first.acquire());
            try {
                turn();
                await(second.acquire());
                second.release();
            } finally {
                first.release();
            }
        });
    }

    @Test
    @Spec("F-S-3")
    void acquire_byTheHolder_isTheShortestCycle() {
        debug(() -> {
            Task<@Nullable Void> task = createTask(
                    () -> {
                        Lock lock = new Lock();
                        await(lock.acquire());
                        assertThatThrownBy(() -> await(lock.acquire()))
                                .isInstanceOf(DeadlockException.class)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageMatching("AS109: deadlock: task A -> <Lock locked waiters=1> held by task A,"
                                        + " acquired at DeadlockTest.java:\\d+; .*");
                        assertThat(lock.isLocked()).isTrue();
                        assertThat(lock.waitingCount()).isZero();
                        lock.release();
                    },
                    "A");
            await(task);
        });
    }

    @Test
    void acquire_twoLocksInOppositeOrder_secondTaskGetsTheWholeCycle() {
        debug(() -> {
            Lock one = new Lock();
            Lock two = new Lock();
            Task<@Nullable Void> a = createTask(both(one, two), "A");
            Task<@Nullable Void> b = createTask(both(two, one), "B");
            ended(a, b);
            assertThat(b.exception())
                    .isInstanceOf(DeadlockException.class)
                    .hasMessageMatching("AS109: deadlock: task B -> <Lock locked waiters=1> held by task A, acquired at"
                            + " DeadlockTest.java:\\d+ -> <Lock locked waiters=1> held by task B, acquired at"
                            + " DeadlockTest.java:\\d+; .*");
            assertThat(a.exception()).as("it goes on, because B let go").isNull();
            assertThat(one.isLocked() || two.isLocked()).isFalse();
        });
    }

    @Test
    void await_tasksThatAwaitEachOther_isACycle() {
        debug(() -> {
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            tasks.add(createTask(
                    () -> {
                        await(tasks.get(1));
                    },
                    "A"));
            tasks.add(createTask(
                    () -> {
                        await(gather(List.of(tasks.get(2))));
                    },
                    "B"));
            tasks.add(createTask(
                    () -> {
                        await(tasks.get(0));
                    },
                    "C"));
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
            assertThat(tasks)
                    .allSatisfy(task -> assertThat(task.exception())
                            .isInstanceOf(DeadlockException.class)
                            .hasMessageStartingWith(
                                    "AS109: deadlock: task C -> task A -> task B -> gather of 1 ->" + " task C;"));
        });
    }

    @Test
    void await_holderOfALockThatThisTaskHolds_isACycle() {
        debug(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            Task<@Nullable Void> wants = createTask(both(lock, new Lock()), "wants");
            turn();
            assertThatThrownBy(() -> await(wants))
                    .isInstanceOf(DeadlockException.class)
                    .hasMessageContaining("-> task wants -> <Lock locked waiters=1> held by task");
            lock.release();
            await(wants);
        });
    }

    @Test
    void acquire_insideATimeout_isLoggedAndEnds() {
        VoidBody body = () -> {
            Lock lock = new Lock();
            await(lock.acquire());
            assertThatThrownBy(() -> await(timeout(Duration.ofSeconds(1), () -> await(lock.acquire()))))
                    .isInstanceOf(TimeoutException.class);
            lock.release();
        };
        Asyncio.run(async(body), InVirtualTime.debugOptions(logger, true));

        assertThat(logger.messagesWith("AS109")).hasSize(1);
    }

    @Test
    void acquire_withoutDebugMode_waitsAsInAsyncio() {
        InVirtualTime.run(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            assertThatThrownBy(() -> await(timeout(Duration.ofSeconds(1), () -> await(lock.acquire()))))
                    .isInstanceOf(TimeoutException.class);
            lock.release();
        });
    }

    @Test
    void retake_ofAConditionsLock_isLoggedAndGoesOn() {
        Asyncio.run(
                async(() -> {
                    Condition condition = new Condition();
                    Task<@Nullable Void> waiter = createTask(
                            () -> {
                                await(condition.acquire());
                                await(condition.awaitSignal());
                                condition.release();
                            },
                            "waiter");
                    turn();
                    await(condition.acquire());
                    condition.signal();
                    Task<@Nullable Void> helper = createTask(() -> {
                        await(sleep(Duration.ofSeconds(1)));
                        condition.release(); // what main holds: else nobody would go on
                    });
                    await(waiter);
                    await(helper);
                }),
                InVirtualTime.debugOptions(logger, true));

        assertThat(logger.messagesWith("AS109"))
                .singleElement()
                .asString()
                .startsWith("AS109 await cycle: task waiter -> <Lock locked waiters=1> held by task");
    }

    @Test
    void waits_thatMayEnd_areNoCycle() {
        debug(() -> {
            Lock lock = new Lock();
            Semaphore semaphore = new Semaphore(1);
            Event event = new Event();
            Future<Integer> future = Asyncio.getRunningLoop().createFuture();
            await(semaphore.acquire());
            Task<@Nullable Void> other = createTask(() -> {
                await(lock.acquire());
                await(event.awaitSet());
                await(future);
                lock.release();
                semaphore.release(); // of a permit that main has taken: no finding
            });
            turn();
            Task<@Nullable Void> queued = createTask(both(lock, new Lock()));
            turn();
            event.set();
            future.setResult(1);
            await(semaphore.acquire());
            await(other);
            await(queued);
            semaphore.release();
        });
    }

    @Test
    void chain_longerThanTheLimit_isNotFollowedToItsEnd() {
        debug(() -> {
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int next = (i + 1) % 100;
                tasks.add(createTask(() -> {
                    await(tasks.get(next));
                }));
            }
            turn();
            assertThat(tasks).noneMatch(Task::isDone);
            tasks.forEach(Task::cancel);
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
        });
    }

    @Test
    void setDebug_afterTheLockWasTaken_stillKnowsItsOwner() {
        InVirtualTime.run(() -> {
            Lock lock = new Lock();
            await(lock.acquire());
            Asyncio.getRunningLoop().setDebug(true);
            assertThatThrownBy(() -> await(lock.acquire())).isInstanceOf(DeadlockException.class);
            Asyncio.getRunningLoop().setDebug(false);
            lock.release();
        });
    }
}
