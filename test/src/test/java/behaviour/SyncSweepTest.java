package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CapacityLimiter;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Barrier;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.BrokenBarrierException;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.testing.CancelSweep;
import asyncio.testing.CancelSweep.Scenario;
import asyncio.testing.CancelSweep.Victim;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Each primitive with one of its tasks cancelled at each moment, in the order of production and in
/// 200 others.
@SuppressWarnings("try") // what is held is not used
class SyncSweepTest {
    private static final int ORDERS = 200;

    private static void sweep(Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void join(List<Task<@Nullable Void>> tasks) {
        await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
    }

    private static void assertCancelledIfAsked(Victim victim, List<Task<@Nullable Void>> tasks) {
        assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
        assertThat(tasks.stream().filter(task -> !task.isCancelled()))
                .allSatisfy(task -> assertThat(task.exception()).isNull());
    }

    @Test
    @Spec({"SYNC-1", "F-S-2"})
    void lock_heldOverAwaits_oneAtATime() {
        sweep(victim -> {
            Lock lock = new Lock();
            int[] inside = {0};
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tasks.add(createTask(() -> {
                    try (var held = await(lock.hold())) {
                        assertThat(++inside[0]).isEqualTo(1);
                        try {
                            turn();
                        } finally {
                            inside[0]--;
                        }
                    }
                }));
            }
            victim.is(tasks.get(1));
            join(tasks);
            assertCancelledIfAsked(victim, tasks);
            assertThat(lock).hasToString("<Lock unlocked>");
        });
    }

    @Test
    @Spec("SYNC-2")
    void event_setAndCleared_wakesEverybodyWhoWaited() {
        sweep(victim -> {
            Event event = new Event();
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(createTask(() -> {
                    await(event.awaitSet());
                }));
            }
            victim.is(tasks.get(1));
            while (event.waitingCount() + (victim.wasCancelled() ? 1 : 0) < 3) {
                turn();
            }
            event.set();
            event.clear();
            join(tasks);
            assertCancelledIfAsked(victim, tasks);
            assertThat(event).hasToString("<Event unset>");
        });
    }

    @Test
    @Spec("SYNC-4")
    void boundedSemaphore_permitsAreNeitherLostNorDoubled() {
        sweep(victim -> {
            BoundedSemaphore semaphore = new BoundedSemaphore(2);
            int[] inside = {0};
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                tasks.add(createTask(() -> {
                    try (var held = await(semaphore.hold())) {
                        assertThat(++inside[0]).isLessThanOrEqualTo(2);
                        try {
                            turn();
                        } finally {
                            inside[0]--;
                        }
                    }
                }));
            }
            victim.is(tasks.get(2));
            join(tasks);
            assertCancelledIfAsked(victim, tasks);
            assertThat(semaphore).hasToString("<BoundedSemaphore unlocked, value:2>");
        });
    }

    @Test
    void capacityLimiter_held_tokensAreNeitherLostNorDoubled() {
        sweep(victim -> {
            CapacityLimiter limiter = new CapacityLimiter(1);
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tasks.add(createTask(() -> {
                    try (var held = await(limiter.hold())) {
                        assertThat(limiter.borrowers()).hasSize(1);
                        turn();
                    }
                }));
            }
            victim.is(tasks.get(1));
            join(tasks);
            assertCancelledIfAsked(victim, tasks);
            assertThat(limiter).hasToString("<CapacityLimiter borrowed=0 total=1>");
        });
    }

    /// As many signals as items: each of them reaches somebody who can use it, whoever is cancelled,
    /// also while the lock is taken again.
    @Test
    @Spec({"SYNC-3", "F-S-6", "F-S-7"})
    void condition_consumerCancelled_noSignalIsLostAndTheLockIsHeld() {
        sweep(victim -> {
            Condition condition = new Condition();
            int[] items = {0};
            int[] inside = {0};
            int[] taken = {0};
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(createTask(() -> {
                    try (var held = await(condition.hold())) {
                        try {
                            await(condition.awaitUntil(() -> items[0] > 0));
                            items[0]--;
                            taken[0]++;
                        } finally {
                            assertThat(condition.isLocked()).isTrue();
                            assertThat(++inside[0]).isEqualTo(1);
                            inside[0]--;
                        }
                    }
                }));
            }
            victim.is(tasks.get(0));
            for (int i = 0; i < 3; i++) {
                try (var held = await(condition.hold())) {
                    items[0]++;
                    condition.signal();
                    turn(); // who was woken has to wait for the lock
                    turn();
                }
                turn();
            }
            join(tasks);
            assertCancelledIfAsked(victim, tasks);
            assertThat(taken[0]).isEqualTo(victim.wasCancelled() ? 2 : 3);
            assertThat(condition).hasToString("<Condition unlocked>");
        });
    }

    @Test
    @Spec("SYNC-3")
    void condition_cleanUpFails_nobodyIsStuck() {
        sweep(victim -> {
            Condition condition = new Condition();
            Task<@Nullable Void> failing = createTask(() -> {
                try (var held = await(condition.hold())) {
                    try {
                        await(condition.awaitSignal());
                    } finally {
                        throwIf(condition.isLocked());
                    }
                }
            });
            Task<@Nullable Void> other = createTask(() -> {
                try (var held = await(condition.hold())) {
                    await(condition.awaitSignal());
                }
            });
            victim.is(failing);
            while (!failing.isDone() || !other.isDone()) {
                try (var held = await(condition.hold())) {
                    condition.signal();
                }
                turn();
            }
            if (!failing.isCancelled()) { // it was not cancelled before it had the lock
                assertThat(failing.exception()).hasMessage("in the clean-up");
            }
            assertThat(condition).hasToString("<Condition unlocked>");
        });
    }

    private static void throwIf(boolean locked) {
        if (locked) {
            throw new IllegalArgumentException("in the clean-up");
        }
    }

    /// Seven parties for rounds of three, one cancelled: two rounds are complete whatever happens.
    @Test
    @Spec({"SYNC-5", "F-S-10"})
    void barrier_partyCancelled_eachRoundIsAPermutation() {
        sweep(victim -> {
            Barrier barrier = new Barrier(3);
            List<Integer> indexes = new ArrayList<>();
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                tasks.add(createTask(() -> {
                    indexes.add(await(barrier.arrive()));
                }));
            }
            victim.is(tasks.get(1));
            while (tasks.stream().filter(Task::isDone).count() < 6) {
                await(sleep(Duration.ofMillis(1))); // for ever if somebody is stuck
            }
            boolean lostFromARound = victim.wasCancelled() && indexes.size() == 5;
            if (!tasks.stream().allMatch(Task::isDone)) {
                assertThat(barrier.waitingCount()).isEqualTo(1);
                barrier.abort();
            }
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
            assertThat(tasks).allSatisfy(task -> {
                if (!task.isCancelled() && task.exception() != null) {
                    assertThat(task.exception()).isInstanceOf(BrokenBarrierException.class);
                }
            });
            assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
            assertThat(indexes).hasSize(lostFromARound ? 5 : 6);
            for (int index = 0; index < 3; index++) {
                int number = index;
                assertThat(indexes.stream().filter(each -> each == number).count())
                        .isBetween(lostFromARound ? 1L : 2L, 2L);
            }
        });
    }

    @Test
    @Spec("SYNC-5")
    void barrier_resetOrAbortedWhileOneIsCancelled_isUsableAfterwards() {
        for (boolean abort : List.of(true, false)) {
            sweep(victim -> {
                Barrier barrier = new Barrier(2);
                List<Task<@Nullable Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    tasks.add(createTask(() -> {
                        try {
                            await(barrier.arrive());
                            turn();
                        } catch (BrokenBarrierException e) {
                            turn();
                        }
                    }));
                }
                victim.is(tasks.get(0));
                turn();
                if (abort) {
                    barrier.abort();
                }
                turn();
                barrier.reset();
                while (!tasks.stream().allMatch(Task::isDone)) {
                    await(sleep(Duration.ofMillis(1)));
                    barrier.reset();
                }
                assertCancelledIfAsked(victim, tasks);
                Task<Integer> one = createTask(barrier.arrive());
                assertThat(await(barrier.arrive()) + await(one)).isEqualTo(1);
            });
        }
    }
}
