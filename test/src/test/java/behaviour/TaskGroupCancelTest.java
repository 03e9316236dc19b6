package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TaskGroup;
import asyncio.TimeoutException;
import asyncio.VoidBody;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Cancellation of groups: from outside, by themselves, nested, in the iteration of a failure.
class TaskGroupCancelTest {
    private final IllegalArgumentException failureA = new IllegalArgumentException("a");
    private final IllegalStateException failureB = new IllegalStateException("b");

    private final List<String> log = new ArrayList<>();

    private static Task<?> self() {
        Task<?> task = currentTask();
        assertThat(task).isNotNull();
        return task;
    }

    /// Logs the cancellation that arrives, with the count at that moment.
    private VoidBody sleeper(String name) {
        return () -> {
            try {
                await(sleep(Duration.ofHours(1)));
            } catch (CancelledError e) {
                log.add(name + " " + self().cancelling());
                throw e;
            }
        };
    }

    private static void raise(Error error) {
        throw error;
    }

    // From outside

    @Test
    @Spec({"TG-3", "TG-4", "TG-5"})
    void cancel_parentInsideTheBody_childrenEndFirstAndTheCancellationComesOut() {
        InVirtualTime.run(() -> {
            Task<?> parent = createTask(() -> {
                try {
                    await(taskGroup(group -> {
                        group.createTask(() -> {
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } finally {
                                await(sleep(millis(1)));
                                log.add("child ended");
                            }
                        });
                        await(sleep(Duration.ofHours(1)));
                    }));
                } catch (CancelledError e) {
                    log.add("out: " + e.getMessage());
                    throw e;
                }
            });
            await(sleep(millis(1)));
            parent.cancel("stop");
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("child ended", "out: stop");
            assertThat(parent.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec("TG-4")
    void cancel_repeatedlyWhileExiting_leavesNoChildBehind() {
        InVirtualTime.run(() -> {
            Task<?> parent = createTask(() -> {
                await(taskGroup(group -> {
                    group.createTask(() -> {
                        try {
                            await(sleep(Duration.ofHours(1)));
                        } finally {
                            await(sleep(millis(10)));
                            log.add("child ended " + self().cancelling());
                        }
                    });
                }));
            });
            for (int i = 0; i < 3; i++) {
                await(sleep(millis(1)));
                assertThat(parent.cancel()).isTrue();
            }
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("child ended 1");
            assertThat(parent.cancelling()).isEqualTo(3);
        });
    }

    @Test
    @Spec({"F-TG-7", "TG-5"})
    void cancel_andChildFailsWhileUnwinding_groupComesOutAndTheCancellationFollows() {
        InVirtualTime.run(() -> {
            Task<?> parent = createTask(() -> {
                try {
                    await(taskGroup(group -> {
                        group.createTask(() -> {
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } catch (CancelledError e) {
                                throw failureA;
                            }
                        });
                        await(sleep(Duration.ofHours(1)));
                    }));
                } catch (ExceptionGroup e) {
                    assertThat(e.exceptions()).containsExactly(failureA);
                    log.add("group " + self().cancelling());
                }
                try {
                    await(sleep(Duration.ZERO));
                } catch (CancelledError e) {
                    log.add("again " + self().cancelling());
                    throw e;
                }
            });
            await(sleep(millis(1)));
            parent.cancel();
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("group 1", "again 1");
        });
    }

    // Same tick

    @Test
    @Spec("TG-5")
    void cancel_inTheIterationOfAChildsFailure_neitherIsLost() {
        InVirtualTime.run(() -> {
            Future<Integer> trigger = Asyncio.getRunningLoop().createFuture();
            Task<?> parent = createTask(() -> {
                try {
                    await(taskGroup(group -> {
                        group.createTask(() -> {
                            await(trigger);
                            throw failureA;
                        });
                        await(sleep(Duration.ofHours(1)));
                    }));
                } catch (ExceptionGroup e) {
                    log.add("group " + self().cancelling());
                }
                await(sleep(Duration.ZERO));
                log.add("not reached");
            });
            await(sleep(millis(1)));
            trigger.setResult(1);
            await(sleep(Duration.ZERO)); // the child has failed now; the group learns it in the next iteration
            parent.cancel();
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).containsExactly("group 1");
        });
    }

    @Test
    @Spec("TG-5")
    void cancel_togetherWithTheGroupsOwn_staysWhenTheBodyDidNotSeeIt() {
        InVirtualTime.run(() -> {
            TaskGroup[] entered = new TaskGroup[1];
            Task<?> parent = createTask(() -> {
                await(taskGroup(group -> {
                    entered[0] = group;
                    group.createTask(() -> {
                        await(sleep(Duration.ofHours(1)));
                    });
                }));
                log.add("not reached");
            });
            await(sleep(millis(1)));
            entered[0].cancel();
            parent.cancel("from outside");
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).isEmpty();
            assertThat(parent.cancelling()).isEqualTo(1);
        });
    }

    // Nested

    @Test
    @Spec("F-TG-8")
    void run_childrenOfBothGroupsFailInOneIteration_innerSeesItsOwnFirst() {
        InVirtualTime.run(() -> {
            try {
                await(taskGroup(outer -> {
                    outer.createTask(failingAfter(millis(1), failureA));
                    try {
                        await(taskGroup(inner -> {
                            inner.createTask(failingAfter(millis(1), failureB));
                            await(sleep(Duration.ofHours(1)));
                        }));
                    } catch (ExceptionGroup e) {
                        assertThat(e.exceptions()).containsExactly(failureB);
                        log.add("inner " + self().cancelling());
                        throw e;
                    }
                }));
            } catch (ExceptionGroup e) {
                assertThat(e.split(IllegalArgumentException.class).matching()).isNotNull();
                assertThat(e.split(IllegalStateException.class).matching()).isNotNull();
                log.add("outer " + self().cancelling());
            }
            assertThat(log).containsExactly("inner 1", "outer 0");
        });
    }

    // KeyboardInterrupt and SystemExit

    @Test
    @Spec({"TG-5", "F-TG-14"})
    void run_fatalInTheBody_childrenEndAndItComesOutBare() {
        for (Error fatal : List.of(new SystemExit(3), new KeyboardInterrupt())) {
            RecordingLogger logger = new RecordingLogger();
            log.clear();
            assertThatThrownBy(() -> InVirtualTime.run(logger, () -> {
                        try {
                            await(taskGroup(group -> {
                                group.createTask(sleeper("child"));
                                await(sleep(Duration.ZERO));
                                raise(fatal);
                            }));
                        } catch (SystemExit | KeyboardInterrupt e) {
                            log.add("bare " + self().cancelling());
                            throw e;
                        }
                    }))
                    .isSameAs(fatal);
            assertThat(log).containsExactly("child 1", "bare 0");
        }
    }

    @Test
    @Spec({"TG-5", "F-TG-14"})
    void run_fatalInAChild_loopUnwindsAndTheGroupEndsInTheShutdown() {
        RecordingLogger logger = new RecordingLogger();
        SystemExit fatal = new SystemExit(3);
        assertThatThrownBy(() -> InVirtualTime.run(logger, () -> {
                    try {
                        await(taskGroup(group -> {
                            group.createTask(() -> {
                                await(sleep(Duration.ZERO));
                                throw fatal;
                            });
                            group.createTask(sleeper("sibling"));
                            await(sleep(Duration.ofHours(1)));
                        }));
                    } catch (SystemExit e) {
                        log.add("bare " + self().cancelling());
                        throw e;
                    }
                }))
                .isSameAs(fatal);

        assertThat(log).contains("bare 2").hasSize(2);
    }

    @Test
    @Spec("F-TG-14")
    void run_otherErrorOfTheJvm_isGrouped() {
        InVirtualTime.run(() -> {
            Error error = new AssertionError("an Error, not an Exception");
            VoidBody child = () -> {
                throw error;
            };
            try {
                await(taskGroup(group -> {
                    group.createTask(async(child));
                }));
            } catch (ExceptionGroup e) {
                assertThat(e.exceptions()).containsExactly(error);
                log.add("grouped");
            }
            assertThat(log).containsExactly("grouped");
        });
    }

    // cancel()

    @Test
    @Spec({"TG-6", "F-TG-18"})
    void cancel_inside_endsTheGroupWithoutAnError() {
        InVirtualTime.run(() -> {
            Object result = await(taskGroup(group -> {
                group.createTask(sleeper("child"));
                await(sleep(Duration.ZERO));
                group.cancel();
                group.cancel();
                assertThatThrownBy(() -> group.createTask(async(() -> 1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is shutting down");
                sleeper("body").run();
                return "not reached";
            }));
            log.add("after " + self().cancelling());
            await(sleep(Duration.ZERO));
            assertThat(result).isNull();
            assertThat(log).containsExactlyInAnyOrder("body 1", "child 1", "after 0");
        });
    }

    @Test
    @Spec("TG-6")
    void cancel_bodyEndsWithoutAnotherAwait_itsResultComesOut() {
        InVirtualTime.run(() -> {
            String result = await(taskGroup(group -> {
                group.createTask(sleeper("child"));
                await(sleep(Duration.ZERO));
                group.cancel();
                return "result";
            }));
            assertThat(result).isEqualTo("result");
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TG-6")
    void cancel_beforeEntry_takesEffectAtTheFirstAwait() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create();
            group.cancel();
            await(group.run(inside -> {
                log.add("body begins");
                assertThatThrownBy(() -> inside.createTask(async(() -> 1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("is shutting down");
                sleeper("body").run();
            }));
            assertThat(log).containsExactly("body begins", "body 1");
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TG-6", "F-TG-18"})
    void cancel_afterTheEnd_doesNothing() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create();
            await(group.run(inside -> {}));
            group.cancel();
            await(sleep(Duration.ZERO));
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("TG-6")
    void cancel_childFailsMeanwhile_failureStillComesOut() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        group.createTask(() -> {
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } catch (CancelledError e) {
                                throw failureA;
                            }
                        });
                        await(sleep(Duration.ZERO));
                        group.cancel();
                    })))
                    .isInstanceOfSatisfying(
                            ExceptionGroup.class,
                            e -> assertThat(e.exceptions()).containsExactly(failureA));
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TG-6", "F-TG-20"})
    void cancel_whileAnEnclosingTimeoutExpires_timeoutComesOut() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(timeout(millis(1), () -> {
                        await(taskGroup(group -> {
                            Asyncio.getRunningLoop().callLater(millis(1), group::cancel);
                            await(sleep(Duration.ofHours(1)));
                        }));
                    })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TG-6", "F-TG-20"})
    void cancel_whileTheParentIsCancelledToo_cancellationComesOut() {
        InVirtualTime.run(() -> {
            Task<?> parent = createTask(() -> {
                await(taskGroup(group -> {
                    Asyncio.getRunningLoop().callLater(millis(1), group::cancel);
                    await(sleep(Duration.ofHours(1)));
                }));
                log.add("not reached");
            });
            Asyncio.getRunningLoop().callLater(millis(1), parent::cancel);
            assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
            assertThat(log).isEmpty();
        });
    }

    // Eager children

    @Test
    @Spec("TG-2")
    void createTask_eagerChildThatAbortedTheGroup_isCancelledAtOnce() {
        InVirtualTime.run(() -> {
            Asyncio.getRunningLoop().setTaskFactory(TaskFactory.eager());
            await(taskGroup(group -> {
                Task<?> child = group.createTask(() -> {
                    group.cancel(); // before the group knows this child
                    sleeper("child").run();
                });
                assertThat(child.isDone()).isFalse();
            }));
            assertThat(log).containsExactly("child 1");
        });
    }

    @Test
    @Spec({"TG-2", "TG-3"})
    void createTask_eagerChildFailsAtOnce_siblingsAreCancelled() {
        InVirtualTime.run(() -> {
            Asyncio.getRunningLoop().setTaskFactory(TaskFactory.eager());
            assertThatThrownBy(() -> await(taskGroup(group -> {
                        group.createTask(async(sleeper("sibling")));
                        group.createTask(failing(failureB));
                        sleeper("body").run();
                    })))
                    .isInstanceOf(ExceptionGroup.class);
            assertThat(log).containsExactlyInAnyOrder("sibling 1", "body 1");
        });
    }
}
