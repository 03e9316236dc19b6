package behaviour;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Runner;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunnerTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final RecordingLogger logger = new RecordingLogger();
    private final List<String> log = new ArrayList<>();

    private Runner runner() {
        return Runner.create(InVirtualTime.options(logger));
    }

    // run

    @Test
    @Spec("RUN-1")
    void run_coroutine_givesItsResultAndClosesTheLoop() {
        EventLoop[] loop = new EventLoop[1];
        assertThat(run(async(() -> {
                    loop[0] = getRunningLoop();
                    return 7;
                })))
                .isEqualTo(7);
        assertThat(loop[0].isClosed()).isTrue();
    }

    @Test
    @Spec({"RUN-1", "AS204", "AS101", "WRN-2"})
    void run_insideARunningLoop_refusedBeforeTheCoroutineIsTouched() {
        InVirtualTime.run(logger, () -> {
            Coroutine<Integer> inner = async(() -> 7);
            assertThatThrownBy(() -> run(inner))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("AS204")
                    .hasMessageContaining("cannot be called from a running event loop");
            assertThat(inner.isUsed()).isFalse();
        });
        assertThat(logger.messagesWith("AS101")).as("left un-awaited").hasSize(1);
    }

    @Test
    @Spec("RUN-1")
    void run_debugGiven_setsIt() {
        for (boolean debug : new boolean[] {true, false}) {
            assertThat(run(async(() -> getRunningLoop().isDebug()), debug)).isEqualTo(debug);
        }
    }

    // Runner

    @Test
    @Spec("RUN-2")
    void close_neverRan_doesNothingAndLeavesItUsable() {
        Runner runner = runner();
        runner.close();
        assertThat(runner).hasToString("<Runner created>");
        assertThat(runner.run(async(() -> 7))).isEqualTo(7);
        assertThat(runner).hasToString("<Runner initialized>");
        runner.close();
        runner.close();
        assertThat(runner).hasToString("<Runner closed>");
    }

    @Test
    @Spec("RUN-2")
    void run_closedRunner_refused() {
        Runner runner = runner();
        runner.run(async(() -> 7));
        runner.close();
        Coroutine<Integer> late = async(() -> 8);
        assertThatThrownBy(() -> runner.run(late))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Runner is closed");
        assertThatThrownBy(runner::getLoop).isInstanceOf(IllegalStateException.class);
        assertThat(late.isUsed()).isFalse();
    }

    @Test
    @Spec({"RUN-2", "RUN-3"})
    void run_severalTimes_sameLoopAndSameContext() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        try (Runner runner = runner()) {
            EventLoop first = runner.run(async(() -> {
                variable.set("first");
                return getRunningLoop();
            }));
            assertThat(first).isSameAs(runner.getLoop());
            assertThat(runner.run(async(() -> {
                        assertThat(getRunningLoop()).isSameAs(first);
                        return variable.get();
                    })))
                    .isEqualTo("first");
            Context other = new Context();
            assertThat(runner.run(async(() -> variable.get()), other)).isEqualTo("default");
        }
        assertThat(variable.get()).as("a copy of the caller's context").isEqualTo("default");
    }

    @Test
    @Spec({"RUN-3", "AS204"})
    void run_runnerInsideARunningLoop_refused() {
        try (Runner runner = runner()) {
            InVirtualTime.run(() -> {
                Coroutine<Integer> inner = async(() -> 7);
                assertThatThrownBy(() -> runner.run(inner))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("cannot be called from a running event loop");
                inner.close();
            });
        }
    }

    @Test
    @Spec("F-R-5")
    void run_mainCancelledByUserCode_cancellationComesOut() {
        try (Runner runner = runner()) {
            VoidBody main = () -> {
                Task<?> self = currentTask();
                assertThat(self).isNotNull();
                getRunningLoop().callSoon(self::cancel);
                await(sleep(HOUR));
            };
            assertThatThrownBy(() -> runner.run(async(main))).isInstanceOf(CancelledError.class);
        }
    }

    // Shutdown

    @Test
    @Spec("RUN-5")
    void close_tasksLeft_allAreCancelledAtOnceAndAwaited() {
        InVirtualTime.run(() -> {
            for (int i = 0; i < 2; i++) {
                int number = i;
                Task<?> left = createTask(() -> {
                    try {
                        await(sleep(HOUR));
                    } finally {
                        log.add("cancelled " + number);
                        await(sleep(millis(10 - 5 * number)));
                        log.add("cleaned up " + number);
                    }
                });
                assertThat(left.isDone()).isFalse();
            }
            await(sleep(millis(1)));
        });
        assertThat(log).containsExactly("cancelled 0", "cancelled 1", "cleaned up 1", "cleaned up 0");
    }

    @Test
    @Spec("RUN-5")
    void close_taskOfMainsLastStep_getsItsFirstStep() {
        InVirtualTime.run(() -> {
            createTask(() -> {
                        log.add("first step");
                        await(sleep(HOUR));
                    })
                    .setName("late");
        });
        assertThat(log).containsExactly("first step");
    }

    @Test
    @Spec({"RUN-5", "WRN-1"})
    void close_taskFailsInTheShutdown_isReportedAndTheResultStays() {
        RuntimeException failure = new IllegalStateException("clean-up failed");
        String result = InVirtualTime.run(logger, () -> {
            Task<?> left = createTask(() -> {
                try {
                    await(sleep(HOUR));
                } catch (CancelledError e) {
                    throw failure;
                }
            });
            await(sleep(millis(1)));
            return "result " + left.isDone();
        });
        assertThat(result).isEqualTo("result false");
        assertThat(InVirtualTime.findings(logger)).singleElement().satisfies(entry -> {
            assertThat(entry.message()).contains("unhandled exception during asyncio.run() shutdown");
            assertThat(entry.thrown()).isSameAs(failure);
        });
    }

    @Test
    @Spec("F-R-3")
    void close_taskStartedByACleanUp_isCancelledInTheNextRound() {
        InVirtualTime.run(() -> {
            Task<?> left = createTask(() -> {
                try {
                    await(sleep(HOUR));
                } finally {
                    createTask(() -> {
                                try {
                                    await(sleep(HOUR));
                                } finally {
                                    log.add("second round");
                                }
                            })
                            .setName("spawned");
                    await(sleep(Duration.ZERO));
                }
            });
            await(sleep(millis(1)));
            assertThat(left.isDone()).isFalse();
        });
        assertThat(log).containsExactly("second round");
    }

    @Test
    @Spec({"F-R-3", "RUN-5", "AS104", "WRN-1"})
    void close_tasksThatStartTasksForEver_areReportedAndDropped() {
        InVirtualTime.run(logger, () -> {
            spawn();
            await(sleep(millis(1)));
        });
        assertThat(logger.messagesWith("AS104"))
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .contains("Task was destroyed but it is pending!")
                        .contains("name=spawned"));
    }

    private static void spawn() {
        createTask(() -> {
                    try {
                        await(sleep(HOUR));
                    } finally {
                        if (!getRunningLoop().isClosed()) {
                            spawn();
                            await(sleep(Duration.ZERO));
                        }
                    }
                })
                .setName("spawned");
    }

    @Test
    @Spec({"RUN-5", "F-TASK-16"})
    void run_childEndsTheProgram_mainCleansUpInTheShutdown() {
        assertThatThrownBy(() -> InVirtualTime.run(() -> {
                    Task<?> child = createTask(() -> {
                        throw new SystemExit(3);
                    });
                    try {
                        await(sleep(HOUR));
                    } finally {
                        log.add("main cleans up, " + child.isDone());
                    }
                }))
                .isInstanceOfSatisfying(
                        SystemExit.class, exit -> assertThat(exit.code()).isEqualTo(3));
        assertThat(log).containsExactly("main cleans up, true");
    }

    @Test
    @Spec({"RUN-5", "F-TG-14"})
    void close_mainThrowsTheSameExitAgain_othersStillCleanUpAndItComesOutOnce() {
        SystemExit exit = new SystemExit(3);
        assertThatThrownBy(() -> InVirtualTime.run(() -> {
                    Task<?> other = createTask(() -> {
                        try {
                            await(sleep(HOUR));
                        } finally {
                            await(sleep(millis(5)));
                            log.add("other cleaned up");
                        }
                    });
                    VoidBody exiting = () -> {
                        throw exit;
                    };
                    await(createTask(async(exiting)));
                    assertThat(other.isDone()).isFalse();
                }))
                .isSameAs(exit);
        assertThat(log).containsExactly("other cleaned up");
        assertThat(exit.getSuppressed()).isEmpty();
    }

    @Test
    @Spec("RUN-5")
    void close_taskThrowsAnExitInTheShutdown_itComesOutAfterTheShutdown() {
        assertThatThrownBy(() -> InVirtualTime.run(() -> {
                    Task<?> left = createTask(() -> {
                        try {
                            await(sleep(HOUR));
                        } catch (CancelledError e) {
                            throw new SystemExit(4);
                        }
                    });
                    await(sleep(millis(1)));
                    return left.isDone();
                }))
                .isInstanceOfSatisfying(
                        SystemExit.class, e -> assertThat(e.code()).isEqualTo(4));
    }

    // Generators

    @Test
    @Spec({"AG-1", "RUN-5"})
    void close_generatorsLeft_areClosedAfterTheTasks() {
        InVirtualTime.run(() -> {
            Task<?> left = createTask(() -> {
                try {
                    await(sleep(HOUR));
                } finally {
                    log.add("task");
                }
            });
            for (String name : List.of("a", "b")) {
                AsyncGenerator<Integer> numbers = generator(out -> {
                    try {
                        out.emit(1);
                    } finally {
                        await(sleep(millis(1)));
                        log.add(name + " in " + allTasks().size());
                    }
                });
                assertThat(await(numbers.anext())).contains(1);
            }
            assertThat(left.isDone()).isFalse();
        });
        assertThat(log).hasSize(3).startsWith("task");
        assertThat(log.get(1)).startsWith("a in");
        assertThat(log.get(2)).startsWith("b in");
    }

    @Test
    @Spec({"AG-1", "WRN-1"})
    void close_generatorsFailWhileClosing_eachIsReported() {
        InVirtualTime.run(logger, () -> {
            for (Throwable failure :
                    List.of(new IllegalStateException("an exception"), new AssertionError("an error"))) {
                AsyncGenerator<Integer> numbers = generator(out -> {
                    try {
                        out.emit(1);
                    } finally {
                        log.add("closing");
                        throwAny(failure);
                    }
                });
                assertThat(await(numbers.anext())).contains(1);
            }
        });
        assertThat(log).hasSize(2);
        assertThat(logger.messagesWith("an error occurred during closing of asynchronous generator"))
                .hasSize(2);
    }

    private static void throwAny(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    @Test
    @Spec("AG-1")
    void sweep_generatorNobodyHolds_isClosedInATaskOfItsOwn() {
        InVirtualTime.run(() -> {
            Task<?> main = currentTask();
            assertThat(main).isNotNull();
            beginAndDrop(main);
            for (int i = 0; i < 500 && log.isEmpty(); i++) {
                System.gc(); // the collector tells in its own time
                await(sleep(millis(1)));
            }
            assertThat(log).containsExactly("closed in another task");
        });
    }

    private void beginAndDrop(Object main) {
        AsyncGenerator<Integer> numbers = generator(out -> {
            try {
                out.emit(1);
            } finally {
                await(sleep(Duration.ZERO));
                log.add(currentTask() == main ? "closed in its consumer" : "closed in another task");
            }
        });
        assertThat(await(numbers.anext())).contains(1);
    }

    @Test
    @Spec("AG-1")
    void shutdownAsyncgens_generatorNeverAsked_isNotTouched() {
        InVirtualTime.run(() -> {
            AsyncGenerator<Integer> untouched = generator(out -> log.add("ran"));
            await(getRunningLoop().shutdownAsyncgens());
            assertThat(log).isEmpty();
            assertThat(untouched).asString().contains("NEW");
        });
    }

    @Test
    @Spec({"AG-1", "WRN-2"})
    void anext_firstAfterTheShutdown_isWarnedOf() {
        InVirtualTime.run(logger, () -> {
            await(getRunningLoop().shutdownAsyncgens());
            AsyncGenerator<Integer> late = generator(out -> out.emit(1));
            assertThat(await(late.anext())).contains(1);
            await(late.aclose());
        });
        assertThat(logger.messagesWith("was scheduled after loop.shutdownAsyncgens() call"))
                .hasSize(1);
    }
}
