package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitFor;
import static asyncio.Asyncio.waitUntil;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testing.CancelSweep;
import asyncio.testing.CancelSweep.Scenario;
import asyncio.testing.CancelSweep.Victim;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Whatever waits is cancelled at each moment of its life: nothing is lost, nobody is stuck.
class CancelSweepTest {
    private static final int ORDERS = 200;

    private static void sweep(Scenario scenario) {
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(ORDERS, scenario);
    }

    /// Waits for tasks, whatever becomes of them.
    private static void join(List<? extends Task<?>> tasks) {
        for (Task<?> task : tasks) {
            await(waitUntil(List.of(future(task)), ReturnWhen.ALL_COMPLETED));
        }
    }

    @SuppressWarnings("unchecked") // the result is not looked at
    private static Future<Object> future(Task<?> task) {
        return (Future<Object>) task;
    }

    /// A request that was accepted ends its task: it was neither lost nor swallowed.
    private static void assertCancelledIfAsked(Victim victim, Task<?> task) {
        join(List.of(task));
        assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
        assertThat(task.cancelling()).isEqualTo(victim.wasCancelled() ? 1 : 0);
    }

    // The sweep itself

    @Test
    void inOrder_task_isCancelledAtEachOfItsSuspensions() {
        List<Integer> reached = new ArrayList<>();
        int moments = CancelSweep.inOrder(victim -> {
            int[] steps = {0};
            Task<?> task = victim.is(createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    steps[0]++;
                    await(sleep(Duration.ZERO));
                }
                steps[0]++;
            }));
            join(List.of(task));
            reached.add(steps[0]);
        });

        assertThat(reached).hasSize(moments + 1).startsWith(4).contains(0, 1, 2, 3);
    }

    @Test
    void inOrder_resourceLeakedByCancellation_tellsTheMoment() {
        assertThatThrownBy(() -> CancelSweep.inOrder(victim -> {
                    int[] open = {0};
                    Task<?> task = victim.is(createTask(() -> {
                        open[0]++;
                        await(sleep(millis(1)));
                        open[0]--;
                    }));
                    join(List.of(task));
                    assertThat(open[0]).as("open resources").isZero();
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("first-in first-out, cancelled at moment 1:")
                .hasMessageContaining("open resources");
    }

    @Test
    void inOrder_scenarioWithoutEnd_fails() {
        assertThatThrownBy(() -> CancelSweep.inOrder(victim -> {
                    Future<Integer> never = asyncio.Asyncio.getRunningLoop().createFuture();
                    Task<?> task = victim.is(createTask(() -> {
                        await(never);
                    }));
                    join(List.of(task));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("without a cancellation")
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void inOrder_taskLeftBehind_fails() {
        assertThatThrownBy(() -> CancelSweep.inOrder(victim -> {
                    victim.is(createTask(() -> {
                        await(sleep(millis(1)));
                    }));
                    await(sleep(Duration.ZERO));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("left tasks behind");
    }

    // Scopes

    @Test
    @Spec({"TG-3", "TG-4"})
    void taskGroup_cancelledAnywhere_noChildOutlivesIt() {
        sweep(victim -> {
            int[] children = {0};
            Task<?> task = victim.is(createTask(() -> {
                try {
                    await(taskGroup(group -> {
                        for (int i = 0; i < 2; i++) {
                            group.createTask(() -> {
                                children[0]++;
                                try {
                                    await(sleep(millis(1)));
                                } finally {
                                    try {
                                        await(sleep(Duration.ZERO)); // may be cancelled itself
                                    } finally {
                                        children[0]--;
                                    }
                                }
                            });
                        }
                        await(sleep(Duration.ZERO));
                    }));
                } finally {
                    assertThat(children[0]).as("children alive after the group").isZero();
                }
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
        });
    }

    @Test
    @Spec({"TG-5", "F-TG-7", "F-TG-15"})
    void taskGroup_withFailingChildCancelledAnywhere_losesNeitherFailureNorCancellation() {
        sweep(victim -> {
            boolean[] failed = {false};
            boolean[] reported = {false};
            Task<?> task = victim.is(createTask(() -> {
                try {
                    await(taskGroup(group -> {
                        group.createTask(() -> {
                            await(sleep(Duration.ZERO));
                            failed[0] = true;
                            await(failingAfter(Duration.ZERO, new IllegalStateException("child")));
                        });
                        await(sleep(millis(1)));
                    }));
                } catch (ExceptionGroup e) {
                    assertThat(e.exceptions()).singleElement().isInstanceOf(IllegalStateException.class);
                    reported[0] = true;
                }
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
            assertThat(reported[0] || victim.wasCancelled()).isTrue();
            assertThat(reported[0]).as("a failure without its cause").isIn(failed[0], false);
        });
    }

    @Test
    @Spec("F-TG-8")
    void nestedTaskGroups_cancelledAnywhere_unwindInsideOut() {
        sweep(victim -> {
            List<String> ended = new ArrayList<>();
            Task<?> task = victim.is(createTask(() -> {
                try {
                    await(taskGroup(outer -> {
                        outer.createTask(() -> {
                            await(sleep(millis(2)));
                        });
                        try {
                            await(taskGroup(inner -> {
                                inner.createTask(() -> {
                                    await(sleep(millis(1)));
                                });
                            }));
                        } finally {
                            ended.add("inner");
                        }
                    }));
                } finally {
                    ended.add("outer");
                }
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
            assertThat(List.of("inner", "outer")).endsWith(ended.toArray(new String[0]));
        });
    }

    @Test
    @Spec({"TG-6", "F-TG-20"})
    void taskGroup_thatCancelsItself_keepsTheForeignCancellation() {
        sweep(victim -> {
            Task<?> task = victim.is(createTask(() -> {
                await(taskGroup(group -> {
                    group.createTask(() -> {
                        await(sleep(Duration.ZERO));
                        group.cancel();
                    });
                    await(sleep(millis(1)));
                }));
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
        });
    }

    @Test
    @Spec({"TO-2", "F-WF-4"})
    void timeout_cancelledAnywhere_neverTurnsAForeignCancellationIntoATimeout() {
        sweep(victim -> {
            Task<?> task = victim.is(createTask(() -> {
                try {
                    await(timeout(millis(1), () -> {
                        await(sleep(millis(1))); // wakes in the iteration in which the deadline passes
                        await(sleep(millis(1)));
                    }));
                } catch (TimeoutException e) {
                    assertThat(task().cancelling()).isZero();
                }
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
        });
    }

    private static Task<?> task() {
        Task<?> current = asyncio.Asyncio.currentTask();
        assertThat(current).isNotNull();
        return current;
    }

    @Test
    @Spec({"W-3", "F-WF-4"})
    void waitFor_cancelledAnywhere_endsWhatItWaitsFor() {
        sweep(victim -> {
            boolean[] inside = {false};
            Task<?> inner = createTask(() -> {
                inside[0] = true;
                try {
                    await(sleep(millis(2)));
                } finally {
                    inside[0] = false;
                }
            });
            Task<?> task = victim.is(createTask(() -> {
                try {
                    await(waitFor(inner, millis(1)));
                } catch (TimeoutException e) {
                    assertThat(inner.isCancelled()).isTrue();
                }
                assertThat(inside[0]).isFalse();
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
            join(List.of(inner));
            assertThat(inside[0]).isFalse();
        });
    }

    @Test
    @Spec("W-1")
    void gather_cancelledAnywhere_endsEveryChild() {
        sweep(victim -> {
            int[] children = {0};
            List<Task<Integer>> started = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int value = i;
                started.add(createTask(() -> {
                    children[0]++;
                    try {
                        return await(sleep(millis(1), value));
                    } finally {
                        children[0]--;
                    }
                }));
            }
            List<List<Integer>> results = new ArrayList<>();
            Task<?> task = victim.is(createTask(() -> {
                results.add(await(gather(started)));
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
            join(started);
            assertThat(children[0]).isZero();
            results.forEach(result -> assertThat(result).containsExactly(0, 1, 2));
            assertThat(results.isEmpty() && !victim.wasCancelled()).isFalse();
        });
    }

    @Test
    @Spec({"W-5", "F-W-11"})
    void shield_cancelledAnywhere_innerCompletes() {
        sweep(victim -> {
            Task<Integer> inner = createTask(() -> await(sleep(millis(1), 7)));
            Task<?> task = victim.is(createTask(() -> {
                assertThat(await(shield(inner))).isEqualTo(7);
                await(sleep(Duration.ZERO));
            }));
            assertCancelledIfAsked(victim, task);
            assertThat(await(inner)).isEqualTo(7);
        });
    }

    // Synchronization

    @Test
    @Spec({"SYNC-1", "F-S-2"})
    void lock_waiterCancelledAnywhere_oneHolderAtATimeAndNobodyStuck() {
        sweep(victim -> {
            Lock lock = new Lock();
            int[] holders = {0};
            int[] served = {0};
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Task<?> task = createTask(() -> {
                    await(lock.acquire());
                    try {
                        assertThat(++holders[0]).isEqualTo(1);
                        await(sleep(Duration.ZERO));
                        served[0]++;
                    } finally {
                        holders[0]--;
                        lock.release();
                    }
                });
                tasks.add(i == 1 ? victim.is(task) : task);
            }
            join(tasks);
            assertThat(lock.isLocked()).isFalse();
            assertThat(served[0]).isEqualTo(victim.wasCancelled() ? 3 : 4);
            assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
            assertThat(await(lock.acquire())).isTrue();
        });
    }

    @Test
    @Spec("SYNC-4")
    void semaphore_waiterCancelledAnywhere_noPermitLost() {
        sweep(victim -> {
            Semaphore semaphore = new Semaphore(2);
            int[] holders = {0};
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Task<?> task = createTask(() -> {
                    await(semaphore.acquire());
                    try {
                        assertThat(++holders[0]).isBetween(1, 2);
                        await(sleep(Duration.ZERO));
                    } finally {
                        holders[0]--;
                        semaphore.release();
                    }
                });
                tasks.add(i == 2 ? victim.is(task) : task);
            }
            join(tasks);
            assertThat(tasks.stream().filter(Task::isCancelled)).hasSize(victim.wasCancelled() ? 1 : 0);
            assertThat(holders[0]).isZero();
            await(semaphore.acquire());
            assertThat(semaphore.isLocked()).as("the second permit is free").isFalse();
            await(semaphore.acquire());
            assertThat(semaphore.isLocked()).as("there are no more than two").isTrue();
        });
    }

    @Test
    @Spec({"Q-1", "F-Q-1"})
    void queue_getterCancelledAnywhere_noItemLost() {
        sweep(victim -> {
            Queue<Integer> queue = new Queue<>(1);
            List<Integer> got = new ArrayList<>();
            Task<?> producer = createTask(() -> {
                for (int item = 1; item <= 4; item++) {
                    await(queue.put(item));
                }
            });
            Task<?> cancelled = victim.is(createTask(() -> {
                while (got.size() < 4) {
                    got.add(await(queue.get()));
                }
            }));
            Task<?> other = createTask(() -> {
                while (got.size() < 4) {
                    got.add(await(queue.get()));
                }
            });
            join(List.of(producer));
            while (got.size() < 4) {
                await(sleep(Duration.ofHours(1))); // for ever if an item is lost
            }
            cancelled.cancel(); // each may wait for an item that there is not
            other.cancel();
            join(List.of(cancelled, other));
            assertThat(got)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, 4).boxed().toList());
            assertThat(queue.isEmpty()).isTrue();
        });
    }

    @Test
    @Spec({"Q-1", "F-Q-3"})
    void queue_putterCancelledAnywhere_everyItemThatWasPutArrives() {
        sweep(victim -> {
            Queue<String> queue = new Queue<>(1);
            List<String> put = new ArrayList<>();
            Task<?> cancelled = victim.is(createTask(() -> {
                for (String item : List.of("a", "b")) {
                    await(queue.put(item));
                    put.add(item);
                }
            }));
            Task<?> other = createTask(() -> {
                for (String item : List.of("x", "y")) {
                    await(queue.put(item));
                    put.add(item);
                }
            });
            List<String> got = new ArrayList<>();
            Task<?> consumer = createTask(() -> {
                while (!(cancelled.isDone() && other.isDone() && queue.isEmpty())) {
                    queue.tryGet().ifPresent(got::add);
                    await(sleep(millis(1)));
                }
            });
            join(List.of(cancelled, other, consumer));
            assertThat(got).containsExactlyInAnyOrderElementsOf(put).contains("x", "y");
        });
    }

    @Test
    void async_neverUsed_isReportedByTheSweep() {
        assertThatThrownBy(() -> CancelSweep.inOrder(victim -> {
                    var _ = async(() -> 1);
                    await(victim.is(createTask(() -> {
                        await(sleep(Duration.ZERO));
                    })));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("AS101");
    }
}
