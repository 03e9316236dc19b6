package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import asyncio.AsyncGenerator;
import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.ExceptionGroup;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TaskGroup;
import asyncio.VoidGroupBody;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskGroupTest {
    private final IllegalArgumentException failureA = new IllegalArgumentException("a");
    private final IllegalStateException failureB = new IllegalStateException("b");

    private static ExceptionGroup failureOf(Coroutine<?> group) {
        ExceptionGroup failure = catchThrowableOfType(ExceptionGroup.class, () -> await(group));
        assertThat(failure).isNotNull();
        return failure;
    }

    private static Task<?> self() {
        Task<?> task = currentTask();
        assertThat(task).isNotNull();
        return task;
    }

    private static void raise(Error error) {
        throw error;
    }

    // Results and order

    @Test
    @Spec({"TG-7", "F-TG-1"})
    void run_childrenSucceed_endsAfterTheLastAndStartsThemInOrder() {
        List<String> log = new ArrayList<>();
        InVirtualTime.run(() -> {
            String result = await(taskGroup(group -> {
                for (int i = 0; i < 3; i++) {
                    int number = i;
                    group.createTask(() -> {
                        log.add("start " + number);
                        await(sleep(millis(10 - number)));
                        log.add("end " + number);
                    });
                }
                log.add("body");
                return "result";
            }));
            assertThat(result).isEqualTo("result");
            log.add("after");
        });

        assertThat(log).containsExactly("body", "start 0", "start 1", "start 2", "end 2", "end 1", "end 0", "after");
    }

    @Test
    @Spec({"TG-2", "F-TG-11"})
    void createTask_byAChildWhileTheGroupIsExiting_isAcceptedAndAwaited() {
        List<String> log = new ArrayList<>();
        InVirtualTime.run(() -> {
            await(taskGroup(group -> {
                group.createTask(() -> {
                    await(sleep(millis(1)));
                    group.createTask(() -> {
                        await(sleep(millis(1)));
                        log.add("grandchild");
                    });
                });
            }));
            log.add("after");
        });

        assertThat(log).containsExactly("grandchild", "after");
    }

    @Test
    @Spec("TG-7")
    void run_twoChildrenFail_errorsAreInTheOrderOfTheirEnd() {
        InVirtualTime.run(() -> {
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(async(() -> {
                    await(sleep(Duration.ZERO));
                    await(failing(failureA));
                }));
                group.createTask(failing(failureB));
                group.createTask(async(() -> {
                    await(sleep(Duration.ZERO));
                    await(failing(failureA));
                }));
            }));
            assertThat(failure.exceptions()).startsWith(failureB);
            assertThat(failure).hasMessageStartingWith("unhandled errors in a TaskGroup");
        });
    }

    // Misuse

    @Test
    @Spec("TG-1")
    void run_twice_refused() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create();
            await(group.run(inside -> {}));
            assertThatThrownBy(() -> await(group.run(inside -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has already been entered");
        });
    }

    @Test
    @Spec("TG-1")
    void run_outsideATask_refused() {
        Coroutine<@Nullable Void> coroutine = TaskGroup.create().run(inside -> {});
        assertThatThrownBy(() -> await(coroutine)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Spec("TG-2")
    void createTask_beforeEntry_refusedAndTheCoroutineClosed() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create();
            Coroutine<Integer> coroutine = async(() -> 1);
            assertThatThrownBy(() -> group.createTask(coroutine))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has not been entered");
            assertThat(coroutine.isUsed()).isTrue();
        });
    }

    @Test
    @Spec("TG-2")
    void createTask_afterTheEnd_refused() {
        InVirtualTime.run(() -> {
            TaskGroup group = TaskGroup.create();
            await(group.run(inside -> {
                inside.createTask(() -> {});
            }));
            assertThatThrownBy(() -> group.createTask(async(() -> 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is finished");
        });
    }

    @Test
    @Spec("TG-2")
    void createTask_whileAborting_refused() {
        InVirtualTime.run(() -> {
            List<Throwable> refusals = new ArrayList<>();
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(() -> {
                    try {
                        await(sleep(millis(1)));
                    } finally {
                        try {
                            group.createTask(async(() -> 1));
                        } catch (IllegalStateException e) {
                            refusals.add(e);
                        }
                    }
                });
                group.createTask(failing(failureA));
            }));
            assertThat(failure.exceptions()).containsExactly(failureA);
            assertThat(refusals)
                    .singleElement()
                    .satisfies(refusal -> assertThat(refusal).hasMessageContaining("is shutting down"));
        });
    }

    // Failures

    @Test
    @Spec("TG-3")
    void run_childFails_siblingsAreCancelledAndTheBodyIsInterrupted() {
        InVirtualTime.run(() -> {
            List<String> log = new ArrayList<>();
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(() -> {
                    try {
                        await(sleep(Duration.ofHours(1)));
                    } catch (CancelledError e) {
                        log.add("sibling " + self().cancelling());
                        throw e;
                    }
                });
                group.createTask(failingAfter(millis(1), failureA));
                try {
                    await(sleep(Duration.ofHours(1)));
                } catch (CancelledError e) {
                    log.add("body " + self().cancelling());
                    throw e;
                }
            }));
            assertThat(failure.exceptions()).containsExactly(failureA);
            assertThat(log).containsExactlyInAnyOrder("sibling 1", "body 1");
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec({"TG-3", "F-TG-3"})
    void run_bodyFails_childrenAreCancelledAndTheFailureIsGrouped() {
        InVirtualTime.run(() -> {
            List<Task<?>> children = new ArrayList<>();
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                children.add(group.createTask(() -> {
                    await(sleep(Duration.ofHours(1)));
                }));
                await(sleep(Duration.ZERO));
                await(failing(failureA));
            }));
            assertThat(failure.exceptions()).containsExactly(failureA);
            assertThat(children).allMatch(Task::isCancelled);
        });
    }

    @Test
    @Spec("F-TG-4")
    void run_childFailsWhileBeingCancelled_bothErrorsComeOut() {
        InVirtualTime.run(() -> {
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(() -> {
                    try {
                        await(sleep(Duration.ofHours(1)));
                    } catch (CancelledError e) {
                        throw failureB;
                    }
                });
                group.createTask(failingAfter(millis(1), failureA));
            }));
            assertThat(failure.exceptions()).containsExactly(failureA, failureB);
        });
    }

    @Test
    @Spec({"TG-3", "F-TG-5"})
    void run_childEndsCancelled_groupIsUnaffected() {
        InVirtualTime.run(() -> {
            String result = await(taskGroup(group -> {
                Task<?> fromOutside = group.createTask(() -> {
                    await(sleep(Duration.ofHours(1)));
                });
                group.createTask(() -> {
                    await(sleep(Duration.ZERO));
                    throw new CancelledError("by itself");
                });
                Task<?> sibling = group.createTask(() -> {
                    await(sleep(millis(5)));
                });
                await(sleep(millis(1)));
                fromOutside.cancel();
                await(sleep(millis(1)));
                assertThat(sibling.isDone()).isFalse();
                return "fine";
            }));
            assertThat(result).isEqualTo("fine");
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("F-TG-10")
    void run_bodyReplacesTheGroupsCancellation_bothErrorsInThatOrder() {
        InVirtualTime.run(() -> {
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(failingAfter(millis(1), failureA));
                try {
                    await(sleep(Duration.ofHours(1)));
                } catch (CancelledError e) {
                    throw failureB;
                }
            }));
            assertThat(failure.exceptions()).containsExactly(failureA, failureB);
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("F-TG-15")
    void run_failed_nextAwaitRunsNormally() {
        InVirtualTime.run(() -> {
            failureOf(taskGroup(group -> {
                group.createTask(failing(failureA));
                await(sleep(Duration.ofHours(1)));
            }));
            await(sleep(Duration.ZERO));
            await(sleep(millis(1)));
            assertThat(self().cancelling()).isZero();
        });
    }

    @Test
    @Spec("F-TG-17")
    void run_childFails_exceptionsCarryNoCauseOfTheGroups() {
        InVirtualTime.run(() -> {
            RuntimeException fresh = new IllegalArgumentException("fresh");
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                group.createTask(failing(fresh));
                await(sleep(Duration.ofHours(1)));
            }));
            assertThat(fresh.getCause()).isNull();
            assertThat(fresh.getSuppressed()).isEmpty();
            assertThat(failure.getCause()).isNull();
            assertThat(failure.getSuppressed()).containsExactly(fresh); // its members, for who prints it as a cause
        });
    }

    @Test
    @Spec("F-TG-21")
    void run_bodyEndsByGeneratorExit_comesOutBare() {
        InVirtualTime.run(() -> {
            List<String> log = new ArrayList<>();
            AsyncGenerator<Integer> numbers = generator(out -> {
                VoidGroupBody emitting = group -> {
                    Task<?> child = group.createTask(() -> {
                        await(sleep(Duration.ofHours(1)));
                    });
                    try {
                        out.emit(1);
                    } finally {
                        log.add("closing " + child.isDone());
                    }
                };
                await(taskGroup(emitting));
            });
            assertThat(await(numbers.anext())).contains(1);
            await(numbers.aclose());
            log.add("closed " + Asyncio.allTasks().size());
            assertThat(log).containsExactly("closing false", "closed 1");
        });
    }

    // Fatal ones: TaskGroupCancelTest has those that cross the runner

    @Test
    @Spec("TG-5")
    void run_fatalFailureWithOthers_othersAreReported() {
        RecordingLogger logger = new RecordingLogger();
        assertThatThrownBy(() -> InVirtualTime.run(logger, () -> {
                    await(taskGroup(group -> {
                        group.createTask(() -> {
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } catch (CancelledError e) {
                                throw failureB;
                            }
                        });
                        await(sleep(Duration.ZERO));
                        raise(new asyncio.SystemExit(3));
                    }));
                }))
                .isInstanceOf(asyncio.SystemExit.class);

        assertThat(logger.messagesWith("TaskGroup task exception was not propagated"))
                .hasSize(1);
        assertThat(logger.entries())
                .anySatisfy(entry -> assertThat(entry.thrown()).isSameAs(failureB));
    }

    // Eager children

    @Test
    @Spec("TG-2")
    void createTask_eagerChildDoneAtOnce_isStillCounted() {
        InVirtualTime.run(() -> {
            Asyncio.getRunningLoop().setTaskFactory(TaskFactory.eager());
            ExceptionGroup failure = failureOf(taskGroup(group -> {
                Task<?> done = group.createTask(() -> {});
                assertThat(done.isDone()).isTrue();
                group.createTask(failing(failureA));
            }));
            assertThat(failure.exceptions()).containsExactly(failureA);
        });
    }
}
