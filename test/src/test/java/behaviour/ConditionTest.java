package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Condition;
import asyncio.sync.Lock;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Spec("SYNC-3")
@SuppressWarnings("try") // the lock is held, not used
class ConditionTest {
    private final Condition condition = new Condition();
    private final List<String> log = new ArrayList<>();

    private static void turns(int count) {
        for (int i = 0; i < count; i++) {
            await(sleep(Duration.ZERO));
        }
    }

    private Task<@Nullable Void> waiter(String name) {
        return createTask(
                () -> {
                    try (var held = await(condition.hold())) {
                        log.add(name + (await(condition.awaitSignal()) ? " goes on" : ""));
                        assertThat(condition.isLocked()).isTrue();
                    }
                },
                name);
    }

    private void signal(int count) {
        try (var held = await(condition.hold())) {
            condition.signal(count);
        }
    }

    private static void join(Task<@Nullable Void> task) {
        await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
    }

    private static void join(Task<@Nullable Void> first, Task<@Nullable Void> second) {
        await(waitUntil(List.of(first, second), ReturnWhen.ALL_COMPLETED));
    }

    @Test
    void withoutTheLock_everythingIsRefused() {
        run(() -> {
            assertThatThrownBy(() -> await(condition.awaitSignal()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("cannot wait on un-acquired lock");
            assertThatThrownBy(() -> await(condition.awaitUntil(() -> false)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("cannot wait on un-acquired lock");
            assertThatThrownBy(condition::signal)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("cannot notify on un-acquired lock");
            assertThatThrownBy(condition::signalAll)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("cannot notify on un-acquired lock");
            assertThatThrownBy(() -> condition.signal(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("got -1");
            assertThatThrownBy(condition::release).isInstanceOf(IllegalStateException.class);
            assertThat(condition).hasToString("<Condition unlocked>");
        });
    }

    @Test
    void signal_several_wakesThatManyInOrder() {
        run(() -> {
            Task<@Nullable Void> a = waiter("a");
            Task<@Nullable Void> b = waiter("b");
            Task<@Nullable Void> c = waiter("c");
            turns(2);
            assertThat(condition.waitingCount()).isEqualTo(3);
            assertThat(condition).hasToString("<Condition unlocked waiters=3>");
            signal(0);
            turns(3);
            assertThat(log).isEmpty();
            signal(2);
            join(a, b);
            turns(3);
            assertThat(log).containsExactly("a goes on", "b goes on");
            try (var held = await(condition.hold())) {
                condition.signalAll();
                condition.signalAll(); // nobody is left
            }
            join(c);
        });
        assertThat(log).containsExactly("a goes on", "b goes on", "c goes on");
    }

    @Test
    void awaitSignal_releasesTheLockWhileItWaits() {
        run(() -> {
            Task<@Nullable Void> task = waiter("a");
            turns(1);
            assertThat(condition.isLocked()).isFalse();
            await(condition.acquire());
            condition.signal();
            turns(3);
            assertThat(log).as("the lock is held by this task").isEmpty();
            condition.release();
            join(task);
        });
        assertThat(log).containsExactly("a goes on");
    }

    @Test
    void awaitUntil_trueAlready_doesNotSuspend() {
        run(() -> {
            Task<@Nullable Void> other = createTask(() -> {
                log.add("other");
            });
            try (var held = await(condition.hold())) {
                assertThat(await(condition.awaitUntil(() -> true))).isTrue();
            }
            assertThat(log).isEmpty();
            join(other);
        });
    }

    @Test
    void awaitUntil_looksAgainAfterEachSignal() {
        run(() -> {
            int[] count = {0};
            Task<@Nullable Void> task = createTask(() -> {
                try (var held = await(condition.hold())) {
                    await(condition.awaitUntil(() -> ++count[0] == 3));
                }
            });
            turns(1);
            signal(1);
            turns(3);
            assertThat(count[0]).isEqualTo(2);
            signal(1);
            join(task);
            assertThat(count[0]).isEqualTo(3);
        });
    }

    @Test
    void awaitUntil_predicateFailsAfterASignal_theNextInLineGetsIt() {
        run(() -> {
            int[] calls = {0};
            Task<@Nullable Void> failing = createTask(() -> {
                try (var held = await(condition.hold())) {
                    await(condition.awaitUntil(() -> {
                        if (++calls[0] == 2) {
                            throw new IllegalArgumentException("no answer");
                        }
                        return false;
                    }));
                }
            });
            turns(1);
            Task<@Nullable Void> next = waiter("next");
            turns(1);
            signal(1);
            join(failing, next);
            assertThat(failing.exception()).hasMessage("no answer");
            assertThat(condition.isLocked()).isFalse();
        });
        assertThat(log).containsExactly("next goes on");
    }

    @Test
    @Spec("F-S-6")
    void cancel_whileWaiting_lockIsHeldAgainWhenTheErrorComesOut() {
        run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(condition.acquire());
                try {
                    await(condition.awaitSignal());
                } catch (CancelledError e) {
                    log.add("locked: " + condition.isLocked());
                    throw e;
                } finally {
                    condition.release();
                }
            });
            turns(1);
            await(condition.acquire());
            task.cancel();
            turns(3);
            assertThat(task.isDone()).as("it waits for the lock").isFalse();
            condition.release();
            join(task);
            assertThat(task.isCancelled()).isTrue();
            assertThat(condition.isLocked()).isFalse();
        });
        assertThat(log).containsExactly("locked: true");
    }

    @Test
    @Spec("F-S-6")
    void cancel_againWhileTheLockIsTaken_oneErrorTheLatest() {
        run(() -> {
            List<String> errors = new ArrayList<>();
            Task<@Nullable Void> task = createTask(() -> {
                await(condition.acquire());
                try {
                    await(condition.awaitSignal());
                } catch (CancelledError e) {
                    errors.add(String.valueOf(e.getMessage()));
                    await(sleep(Duration.ZERO)); // gets no second one
                    throw e;
                } finally {
                    condition.release();
                }
            });
            turns(1);
            await(condition.acquire());
            for (String words : List.of("one", "two", "three")) {
                task.cancel(words);
                turns(2);
            }
            condition.release();
            join(task);
            assertThat(errors).containsExactly("three");
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.cancelling()).isEqualTo(3);
        });
    }

    @Test
    void cancel_signalledWhileTheLockIsTaken_passesTheSignalOn() {
        run(() -> {
            Task<@Nullable Void> first = waiter("first");
            turns(1);
            Task<@Nullable Void> second = waiter("second");
            turns(1);
            await(condition.acquire());
            condition.signal();
            turns(2); // the first was woken and waits for the lock
            first.cancel();
            turns(1);
            condition.release();
            join(first, second);
            assertThat(first.isCancelled()).isTrue();
        });
        assertThat(log).containsExactly("second goes on");
    }

    @Test
    @Spec("F-S-7")
    void cancel_rightAfterTheSignal_anotherIsWoken() {
        run(() -> signalAndCancel(false));
        assertThat(log).containsExactly("second goes on");
    }

    @Test
    @Spec("F-S-7")
    void cancel_rightBeforeTheSignal_anotherIsWoken() {
        run(() -> signalAndCancel(true));
        assertThat(log).containsExactly("second goes on");
    }

    private void signalAndCancel(boolean cancelFirst) {
        Task<@Nullable Void> first = waiter("first");
        Task<@Nullable Void> second = waiter("second");
        turns(2);
        await(condition.acquire());
        if (cancelFirst) {
            first.cancel();
        }
        condition.signal();
        first.cancel();
        condition.release();
        join(first, second);
        assertThat(first.isCancelled()).isTrue();
        assertThat(condition.waitingCount()).isZero();
    }

    @Test
    void cancel_neverSignalled_wakesNobodyElse() {
        run(() -> {
            Task<@Nullable Void> first = waiter("first");
            Task<@Nullable Void> second = waiter("second");
            turns(2);
            first.cancel();
            turns(5);
            assertThat(first.isCancelled()).isTrue();
            assertThat(log).isEmpty();
            assertThat(condition.waitingCount()).isEqualTo(1);
            signal(1);
            join(second);
        });
    }

    @Test
    void lock_sharedByTwoConditions_eachHasItsOwnLine() {
        run(() -> {
            Lock lock = new Lock();
            Condition full = new Condition(lock);
            Condition empty = new Condition(lock);
            assertThat(full.lock()).isSameAs(empty.lock());
            Task<@Nullable Void> task = createTask(() -> {
                try (var held = await(full.hold())) {
                    await(full.awaitSignal());
                    log.add("full");
                }
            });
            turns(1);
            try (var held = await(empty.hold())) {
                empty.signalAll();
            }
            turns(3);
            assertThat(log).isEmpty();
            try (var held = await(lock.hold())) {
                full.signal();
            }
            join(task);
        });
        assertThat(log).containsExactly("full");
    }

    @Test
    @Spec("F-S-4")
    void awaitSignal_onAnotherLoop_isRefusedAndTheLockIsHeldAgain() {
        run(() -> {
            Task<@Nullable Void> task = waiter("a");
            turns(1);
            signal(1);
            join(task);
        });
        try (EventLoop other = EventLoop.create()) {
            other.runUntilComplete(Asyncio.async(() -> {
                await(condition.acquire());
                assertThatThrownBy(() -> await(condition.awaitSignal()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is bound to a different event loop");
                assertThat(condition.isLocked()).isTrue();
                condition.release();
            }));
        }
    }
}
