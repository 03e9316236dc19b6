package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.StartBody;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.TaskStatus;
import asyncio.testing.CancelSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `TaskGroup.start`: a child says when it is ready.
class TaskGroupStartTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<String> log = new ArrayList<>();

    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    private static void join(Future<@Nullable Void> task) {
        await(asyncio.Asyncio.waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
    }

    private static void serve(TaskStatus<Integer> status) {
        await(sleep(millis(5)));
        status.started(8080);
        await(sleep(millis(10)));
    }

    @Test
    void start_childSaysReady_returnsItsValueAndTheChildGoesOn() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                int port = await(group.start((TaskStatus<Integer> status) -> {
                    serve(status);
                    log.add("child ends");
                }));
                log.add("port " + port);
            }));
            log.add("group ends");
        });
        assertThat(log).containsExactly("port 8080", "child ends", "group ends");
    }

    @Test
    void start_childFailsBefore_throwsItAndTheGroupGoesOn() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                assertThatThrownBy(() -> await(group.start((TaskStatus<Integer> status) -> {
                            turn();
                            throw new IllegalArgumentException("port in use");
                        })))
                        .hasMessage("port in use");
                turn();
                log.add("body goes on");
            }));
        });
        assertThat(log).containsExactly("body goes on");
    }

    @Test
    void start_childFailsAfterwards_isTheGroupsFailure() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        await(group.start((TaskStatus<Integer> status) -> {
                            status.started(1);
                            turn();
                            throw new IllegalArgumentException("later");
                        }));
                        await(sleep(HOUR));
                    })))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            failure ->
                                    assertThat(failure.exceptions().getFirst()).hasMessage("later"));
        });
    }

    @Test
    void start_childEndsWithoutSayingSo_isAnError() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                assertThatThrownBy(() -> await(group.start((TaskStatus<Integer> status) -> turn())))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("child exited without calling started()");
            }));
        });
    }

    @Test
    void start_cancelled_cancelsTheChildAndWaitsForIt() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                Task<@Nullable Void> starter = createTask(() -> {
                    await(group.start((TaskStatus<Integer> status) -> {
                        try {
                            await(sleep(HOUR));
                        } finally {
                            await(sleep(millis(5)));
                            status.started(1); // too late: does nothing
                            log.add("child cleaned up");
                        }
                    }));
                });
                turn();
                turn();
                starter.cancel();
                join(starter);
                log.add("starter cancelled " + starter.isCancelled());
            }));
        });
        assertThat(log).containsExactly("child cleaned up", "starter cancelled true");
    }

    @Test
    void start_cancelledAndChildFailsInCleanUp_isTheGroupsFailure() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        Task<@Nullable Void> starter = createTask(() -> {
                            await(group.start((TaskStatus<Integer> status) -> {
                                try {
                                    await(sleep(HOUR));
                                } catch (CancelledError e) {
                                    throw new IllegalArgumentException("in clean-up", e);
                                }
                            }));
                        });
                        turn();
                        turn();
                        starter.cancel();
                        await(sleep(HOUR));
                    })))
                    .isInstanceOf(ExceptionGroup.class);
        });
    }

    @Test
    void start_groupAborts_cancelsTheStartingChild() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        group.createTask(InVirtualTime.failingAfter(millis(2), new IllegalStateException("sibling")));
                        await(group.start((TaskStatus<Integer> status) -> {
                            try {
                                await(sleep(HOUR));
                            } finally {
                                log.add("child ended");
                            }
                        }));
                    })))
                    .isInstanceOf(ExceptionGroup.class)
                    .satisfies(failure ->
                            assertThat(((ExceptionGroup) failure).exceptions()).hasSize(1));
        });
        assertThat(log).containsExactly("child ended");
    }

    @Test
    void started_twice_isRefused() {
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                await(group.start((TaskStatus<Integer> status) -> {
                    status.started(1);
                    assertThatThrownBy(() -> status.started(2))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("called twice");
                }));
            }));
        });
    }

    @Test
    void start_groupNotEnteredOrFinished_isRefused() {
        InVirtualTime.run(() -> {
            StartBody<Integer> body = status -> status.started(1);
            TaskGroup group = TaskGroup.create();
            assertThatThrownBy(() -> await(group.start(body))).hasMessageContaining("has not been entered");
            await(group.run(inside -> {}));
            assertThatThrownBy(() -> await(group.start(body))).hasMessageContaining("is finished");
        });
    }

    @Test
    void sweep_starterCancelledAtEachMoment_childNeverOutlivesTheGroup() {
        CancelSweep.Scenario scenario = victim -> {
            int[] running = {0};
            Task<@Nullable Void> task = createTask(() -> {
                await(taskGroup(group -> {
                    await(group.start((TaskStatus<Integer> status) -> {
                        running[0]++;
                        try {
                            turn();
                            status.started(1);
                            turn();
                        } finally {
                            try {
                                turn();
                            } finally {
                                running[0]--;
                            }
                        }
                    }));
                    turn();
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
}
