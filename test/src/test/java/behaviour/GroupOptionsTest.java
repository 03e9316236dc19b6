package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.race;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.GroupOptions;
import asyncio.JoinPolicy;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.testing.CancelSweep;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Limits, join policies and daemons of task groups, and races.
class GroupOptionsTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void join(Future<@Nullable Void> task) {
        await(asyncio.Asyncio.waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
    }

    private Coroutine<String> worker(String name, long delayMillis) {
        return async(() -> {
            try {
                await(sleep(millis(delayMillis)));
                log.add(name + " done");
                return name;
            } catch (CancelledError e) {
                log.add(name + " cancelled");
                throw e;
            }
        });
    }

    // Limit

    @Test
    void limited_moreChildren_runAtMostSoManyAtOnceInOrder() {
        int[] running = {0};
        int[] most = {0};
        InVirtualTime.run(() -> {
            await(taskGroup(GroupOptions.limited(3), group -> {
                for (int i = 0; i < 10; i++) {
                    int number = i;
                    group.createTask(() -> {
                        log.add("" + number);
                        most[0] = Math.max(most[0], ++running[0]);
                        await(sleep(millis(1)));
                        running[0]--;
                    });
                }
            }));
        });
        assertThat(most[0]).isEqualTo(3);
        assertThat(log).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void limited_childFails_waitingOnesNeverBegin() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(GroupOptions.limited(1), group -> {
                        group.createTask(failingAfter(millis(1), new IllegalStateException("first")));
                        group.createTask(worker("second", 1));
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
        assertThat(log).isEmpty();
    }

    @Test
    void limit_zero_isRefused() {
        assertThatThrownBy(() -> GroupOptions.limited(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got 0");
    }

    // Daemons

    @Test
    void daemon_isCancelledWhenTheOthersHaveEnded() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                group.createDaemon(worker("daemon", 3_600_000));
                group.createTask(worker("child", 5));
                await(sleep(millis(1)));
                log.add("body ends");
            }));
            log.add("group ends");
        });
        assertThat(log).containsExactly("body ends", "child done", "daemon cancelled", "group ends");
    }

    @Test
    void daemon_alone_isCancelledWhenTheBodyEnds() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                group.createDaemon(worker("daemon", 3_600_000));
                turn();
            }));
        });
        assertThat(log).containsExactly("daemon cancelled");
    }

    @Test
    void daemon_fails_isTheGroupsFailure() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        group.createDaemon(failing(new IllegalStateException("daemon")));
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
    }

    @Test
    void daemon_addsAChildWhileItIsCancelled_thatIsWaitedFor() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                group.createDaemon(() -> {
                    try {
                        await(sleep(HOUR));
                    } finally {
                        group.createTask(worker("last", 2));
                    }
                });
                turn();
            }));
        });
        assertThat(log).containsExactly("last done");
    }

    // Join policies

    @Test
    void any_firstEnds_othersAreCancelled() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create(GroupOptions.joining(JoinPolicy.ANY));
            await(group.run(inside -> {
                inside.createTask(worker("slow", 50));
                inside.createTask(worker("quick", 5));
            }));
            assertThat(group.decider().orElseThrow().result()).isEqualTo("quick");
        });
        assertThat(log).containsExactly("quick done", "slow cancelled");
    }

    @Test
    void any_firstFails_isTheGroupsFailure() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(GroupOptions.joining(JoinPolicy.ANY), group -> {
                        group.createTask(worker("slow", 50));
                        group.createTask(failingAfter(millis(5), new IllegalStateException("first")));
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
        assertThat(log).containsExactly("slow cancelled");
    }

    @Test
    void any_endedBeforeTheBody_takesEffectWhenTheBodyEnds() {
        InVirtualTime.run(() -> {
            await(taskGroup(GroupOptions.joining(JoinPolicy.ANY), group -> {
                group.createTask(worker("quick", 1));
                group.createTask(worker("slow", 50));
                await(sleep(millis(10)));
                log.add("body ends");
            }));
        });
        assertThat(log).containsExactly("quick done", "body ends", "slow cancelled");
    }

    @Test
    void firstSuccess_failuresBefore_areForgotten() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create(GroupOptions.joining(JoinPolicy.FIRST_SUCCESS));
            await(group.run(inside -> {
                inside.createTask(failingAfter(millis(1), new IllegalStateException("early")));
                inside.createTask(worker("good", 5));
                inside.createTask(worker("slow", 50));
            }));
            assertThat(group.decider().orElseThrow().result()).isEqualTo("good");
        });
        assertThat(log).containsExactly("good done", "slow cancelled");
    }

    @Test
    void firstSuccess_allFail_throwsThemAll() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(GroupOptions.joining(JoinPolicy.FIRST_SUCCESS), group -> {
                        group.createTask(failingAfter(millis(1), new IllegalStateException("one")));
                        group.createTask(failingAfter(millis(2), new IllegalStateException("two")));
                    })))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            failure -> assertThat(failure.exceptions()).hasSize(2));
        });
    }

    // Race

    @Test
    void race_firstSuccessWins_losersAreCancelledAndAwaited() {
        InVirtualTime.run(() -> {
            String winner = await(race(worker("slow", 50), worker("quick", 5), failing2(millis(1))));
            assertThat(winner).isEqualTo("quick");
            log.add("race is over");
        });
        assertThat(log).containsExactly("quick done", "slow cancelled", "race is over");
    }

    private static Coroutine<String> failing2(Duration delay) {
        return async(() -> {
            await(sleep(delay));
            if (delay.isPositive()) {
                throw new IllegalStateException("a loser");
            }
            return "";
        });
    }

    @Test
    void race_futures_losersAreCancelled() {
        InVirtualTime.run(() -> {
            Task<String> loser = createTask(worker("slow", 50));
            assertThat(await(race(List.of(loser, worker("quick", 5))))).isEqualTo("quick");
            assertThat(loser.isCancelled()).isTrue();
        });
    }

    @Test
    void race_allFail_throwsAGroup_allCancelled_isACancellation_none_isRefused() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(race(failing2(millis(1)), failing2(millis(2)))))
                    .isInstanceOf(ExceptionGroup.class);
            Task<String> cancelled = createTask(worker("never", 50));
            cancelled.cancel();
            assertThatThrownBy(() -> await(race(cancelled))).isInstanceOf(CancelledError.class);
            assertThatThrownBy(() -> race(List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must not be empty");
        });
    }

    @Test
    void race_loserFailsInCleanUp_isReported() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            Coroutine<String> careless = async(() -> {
                try {
                    await(sleep(HOUR));
                    return "never";
                } catch (CancelledError e) {
                    throw new IllegalArgumentException("in clean-up", e);
                }
            });
            assertThat(await(race(careless, worker("quick", 5)))).isEqualTo("quick");
            turn();
        });
        assertThat(logger.messagesWith("failed after another one had succeeded"))
                .hasSize(1);
    }

    @Test
    void race_sameIteration_theFirstToEndWins() {
        InVirtualTime.run(() -> {
            Future<String> first = asyncio.Asyncio.getRunningLoop().createFuture();
            Future<String> second = asyncio.Asyncio.getRunningLoop().createFuture();
            Task<String> race = createTask(race(List.of(first, second)));
            turn();
            turn();
            second.setResult("second");
            first.setResult("first");
            assertThat(await(race)).isEqualTo("second");
        });
    }

    @Test
    void sweep_raceCancelledAtEachMoment_nobodyIsLeft() {
        CancelSweep.Scenario scenario = victim -> {
            int[] running = {0};
            Task<@Nullable Void> task = createTask(() -> {
                String winner =
                        await(race(contender(running, "a", 1), contender(running, "b", 2), contender(running, "c", 2)));
                assertThat(winner).isEqualTo("a");
            });
            victim.is(task);
            join(task);
            assertThat(running[0]).isZero();
            assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
            if (!task.isCancelled()) {
                assertThat(task.exception()).isNull();
            }
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    private static Coroutine<String> contender(int[] running, String name, long delayMillis) {
        return async(() -> {
            running[0]++;
            try {
                await(sleep(millis(delayMillis)));
                return name;
            } finally {
                try {
                    turn();
                } finally {
                    running[0]--;
                }
            }
        });
    }

    @Test
    void sweep_limitedGroupWithDaemon_nobodyIsLeft() {
        CancelSweep.Scenario scenario = victim -> {
            int[] running = {0};
            Task<@Nullable Void> task = createTask(() -> {
                await(taskGroup(GroupOptions.limited(2), group -> {
                    group.createDaemon(contender(running, "daemon", 100));
                    for (int i = 0; i < 4; i++) {
                        group.createTask(contender(running, "child", 1));
                    }
                }));
            });
            victim.is(task);
            join(task);
            assertThat(running[0]).isZero();
            assertThat(task.isCancelled()).isEqualTo(victim.wasCancelled());
        };
        CancelSweep.inOrder(scenario);
        CancelSweep.inRandomOrders(200, scenario);
    }

    @Test
    void gather_ofGroups_works() {
        InVirtualTime.run(() -> {
            List<String> results =
                    await(gather(race(worker("a", 1), worker("b", 2)), race(worker("c", 3), worker("d", 4))));
            assertThat(results).containsExactly("a", "c");
        });
    }
}
