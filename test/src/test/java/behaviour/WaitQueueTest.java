package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.testing.CancelSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitQueueTest {
    private static WaitQueue newLine() {
        return new WaitQueue(WaitKind.EVENT, "a test");
    }

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static List<Task<@Nullable Void>> park(WaitQueue line, List<String> log, String... names) {
        List<Task<@Nullable Void>> tasks = new ArrayList<>();
        for (String name : names) {
            tasks.add(createTask(
                    () -> {
                        line.park(() -> log.add(name + " passes on"));
                        log.add(name);
                    },
                    name));
        }
        return tasks;
    }

    private static void join(List<? extends Future<@Nullable Void>> tasks) {
        await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
    }

    @Test
    void wakeNext_several_firstInFirstOut() {
        List<String> log = new ArrayList<>();
        run(() -> {
            WaitQueue line = newLine();
            List<Task<@Nullable Void>> tasks = park(line, log, "a", "b", "c");
            turn();
            assertThat(line.size()).isEqualTo(3);
            assertThat(line.wakeNext()).isTrue();
            line.wakeAll();
            assertThat(line.wokenCount()).isEqualTo(3);
            assertThat(line.wakeNext()).isFalse();
            join(tasks);
            assertThat(line.isEmpty()).isTrue();
        });
        assertThat(log).containsExactly("a", "b", "c");
    }

    @Test
    void isEmpty_wokenButNotRun_staysFalseSoThatNobodyOvertakes() {
        run(() -> {
            WaitQueue line = newLine();
            List<Task<@Nullable Void>> tasks = park(line, new ArrayList<>(), "a");
            turn();
            line.wakeNext();
            assertThat(line.isEmpty()).isFalse();
            turn();
            assertThat(line.isEmpty()).isTrue();
            join(tasks);
        });
    }

    @Test
    void cancel_pendingFromTheMiddle_leavesTheOthersInOrder() {
        List<String> log = new ArrayList<>();
        run(() -> {
            WaitQueue line = newLine();
            List<Task<@Nullable Void>> tasks = park(line, log, "a", "b", "c", "d");
            turn();
            tasks.get(1).cancel();
            assertThat(line.size()).isEqualTo(3);
            tasks.get(3).cancel();
            tasks.get(0).cancel();
            line.wakeAll();
            join(tasks);
            assertThat(line.isEmpty()).isTrue();
        });
        assertThat(log).containsExactly("c");
    }

    @Test
    void cancel_woken_passesOn() {
        List<String> log = new ArrayList<>();
        run(() -> {
            WaitQueue line = newLine();
            List<Task<@Nullable Void>> tasks = park(line, log, "a");
            turn();
            line.wakeNext();
            tasks.getFirst().cancel();
            join(tasks);
            assertThat(tasks.getFirst().isCancelled()).isTrue();
            assertThat(line.isEmpty()).isTrue();
        });
        assertThat(log).containsExactly("a passes on");
    }

    @Test
    void parkThroughCancel_cancelledTwice_keepsItsPlaceAndReturnsTheLatest() {
        List<String> log = new ArrayList<>();
        run(() -> {
            WaitQueue line = newLine();
            Task<@Nullable Void> stubborn = createTask(() -> {
                CancelledError error = line.parkThroughCancel();
                log.add("stubborn " + (error == null ? "was not cancelled" : error.getMessage()));
            });
            turn();
            List<Task<@Nullable Void>> tasks = park(line, log, "behind");
            turn();
            stubborn.cancel("one");
            turn();
            stubborn.cancel("two");
            turn();
            assertThat(stubborn.isDone()).isFalse();
            line.wakeAll();
            join(List.of(stubborn, tasks.getFirst()));
            assertThat(line.isEmpty()).isTrue();
        });
        assertThat(log).containsExactly("stubborn two", "behind");
    }

    /// What a test's task wants; an enum would do, but each must be another object.
    private static final class Wish implements WaitQueue.Request {
        private final boolean counts;
        private boolean asked;

        Wish(boolean counts) {
            this.counts = counts;
        }

        @Override
        public boolean cancelledAfterWakeUp() {
            asked = true;
            return counts;
        }
    }

    @Test
    void parkFor_requests_areSeenFirstToLastAndWokenByKind() {
        List<String> log = new ArrayList<>();
        run(() -> {
            WaitQueue line = newLine();
            List<Wish> wishes = List.of(new Wish(false), new Wish(true), new Wish(false));
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (Wish wish : wishes) {
                tasks.add(createTask(() -> {
                    line.parkFor(wish);
                    log.add("woken " + wishes.indexOf(wish));
                }));
            }
            assertThat(line.first()).isNull();
            turn();
            assertThat(line.first()).isSameAs(wishes.getFirst());
            line.wakeAll(request -> !((Wish) request).counts);
            assertThat(line.first()).isSameAs(wishes.get(1));
            assertThat(line.wokenCount()).isEqualTo(2);
            line.wakeNext();
            join(tasks);
            assertThat(line.isEmpty()).isTrue();
        });
        assertThat(log).containsExactly("woken 0", "woken 2", "woken 1");
    }

    @Test
    void parkFor_cancelledAfterTheWakeUp_requestDecides() {
        for (boolean counts : List.of(true, false)) {
            run(() -> {
                WaitQueue line = newLine();
                List<String> log = new ArrayList<>();
                Wish wish = new Wish(counts);
                Task<@Nullable Void> task = createTask(() -> {
                    line.parkFor(wish);
                    log.add("returned");
                    turn();
                    log.add("not reached");
                });
                turn();
                line.wakeNext();
                task.cancel();
                join(List.of(task));
                assertThat(wish.asked).isTrue();
                assertThat(task.isCancelled()).isTrue();
                assertThat(task.cancelling()).isEqualTo(1);
                assertThat(log).isEqualTo(counts ? List.of("returned") : List.of());
                assertThat(line.isEmpty()).isTrue();
            });
        }
    }

    @Test
    void parkInAny_oneWakesIt_leavesTheOthersInTheSameMoment() {
        run(() -> {
            List<WaitQueue> lines = List.of(newLine(), newLine(), newLine());
            Task<Integer> task = createTask(
                    () -> WaitQueue.parkInAny(lines, List.of(new Wish(false), new Wish(false), new Wish(false))));
            turn();
            assertThat(lines).allMatch(line -> line.size() == 1);
            assertThat(lines.get(1).wakeNext()).isTrue();
            assertThat(lines.get(0).wakeNext()).isFalse();
            assertThat(lines.get(1).wokenCount()).isEqualTo(1);
            assertThat(await(task)).isEqualTo(1);
            assertThat(lines).allMatch(WaitQueue::isEmpty);
        });
    }

    @Test
    void parkInAny_cancelled_leavesAllLines() {
        for (boolean woken : List.of(true, false)) {
            run(() -> {
                List<WaitQueue> lines = List.of(newLine(), newLine());
                List<Wish> wishes = List.of(new Wish(false), new Wish(false));
                Task<Integer> task = createTask(() -> WaitQueue.parkInAny(lines, wishes));
                turn();
                if (woken) {
                    lines.get(1).wakeNext();
                }
                task.cancel();
                await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
                assertThat(task.isCancelled()).isTrue();
                assertThat(lines).allMatch(WaitQueue::isEmpty);
                assertThat(wishes.get(0).asked).isFalse();
                assertThat(wishes.get(1).asked).isEqualTo(woken);
            });
        }
    }

    @Test
    void park_lineOfAnotherLoop_isRefused() {
        WaitQueue line = newLine();
        run(() -> {
            List<Task<@Nullable Void>> tasks = park(line, new ArrayList<>(), "a");
            turn();
            line.wakeNext();
            join(tasks);
        });
        run(() -> assertThatThrownBy(() -> line.park(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a test is bound to a different event loop"));
    }

    @Test
    void park_outsideATask_isRefused() {
        assertThatThrownBy(() -> newLine().park(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    /// Three permits for six tasks, one of which is cancelled: each of the others gets one.
    @Test
    void sweep_noWakeUpIsLost() {
        CancelSweep.Scenario scenario = victim -> {
            WaitQueue line = newLine();
            int[] free = {0};
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                tasks.add(createTask(() -> {
                    if (free[0] == 0 || !line.isEmpty()) {
                        line.park(() -> wake(line, free));
                    }
                    free[0]--;
                    turn();
                }));
            }
            victim.is(tasks.get(2));
            for (int i = 0; i < 6; i++) {
                turn();
                free[0]++;
                wake(line, free);
            }
            if (victim.wasCancelled()) {
                turn(); // whoever was passed on to
            }
            join(tasks);
            assertThat(line.isEmpty()).isTrue();
            assertThat(free[0]).isBetween(0, victim.wasCancelled() ? 1 : 0);
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    private static void wake(WaitQueue line, int[] free) {
        while (free[0] > line.wokenCount() && line.wakeNext()) {
            // the next one
        }
    }
}
