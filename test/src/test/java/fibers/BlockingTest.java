package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.blocking;
import static asyncio.Asyncio.checkCancelled;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.AsyncGenerator;
import asyncio.CancelledError;
import asyncio.CapacityLimiter;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.ReturnWhen;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.WaitKind;
import asyncio.testing.RecordingLogger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A task's own thread leaves the loop for a blocking call and comes back.
class BlockingTest {
    private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();
    private static final Duration LONG = Duration.ofHours(1);

    /// Blocks until it is interrupted.
    private static void blockForEver() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /// The same, and is on the stack from before others hear of it.
    private static void announceAndBlock(CountDownLatch begun) throws InterruptedException {
        begun.countDown();
        blockForEver();
    }

    // The thread

    @Test
    void blocking_body_runsOnTheSameThreadWithAllThatBelongsToIt() {
        ThreadLocal<String> local = new ThreadLocal<>();
        ContextVar<String> variable = ContextVar.of("variable");
        run(() -> {
            Thread self = Thread.currentThread();
            local.set("local");
            variable.set("before");
            String seen = ScopedValue.where(SCOPED, "scoped")
                    .call(() -> await(blocking(() -> {
                        assertThat(Thread.currentThread()).isSameAs(self);
                        String all = local.get() + " " + SCOPED.get() + " " + variable.get();
                        local.set("changed");
                        variable.set("after");
                        return all;
                    })));

            assertThat(seen).isEqualTo("local scoped before");
            assertThat(Thread.currentThread()).isSameAs(self);
            assertThat(local.get()).isEqualTo("changed");
            assertThat(variable.get()).isEqualTo("after");
            Steps steps = Steps.start();
            steps.assertNoneDuring(() -> Thread.sleep(1)); // back on the loop: it holds
            steps.stop();
        });
    }

    @Test
    void blocking_body_letsTheOthersRun() {
        run(() -> {
            CountDownLatch reached = new CountDownLatch(3);
            Task<?> other = createTask(() -> {
                while (reached.getCount() > 0) {
                    reached.countDown();
                    await(sleep(Duration.ofMillis(1)));
                }
            });
            await(blocking(() -> reached.await()));
            await(other);
        });
    }

    @Test
    void blocking_insideAMonitor_keepsIt() {
        run(() -> {
            Object monitor = new Object();
            synchronized (monitor) {
                await(blocking(() -> assertThat(Thread.holdsLock(monitor)).isTrue()));
                assertThat(Thread.holdsLock(monitor)).isTrue();
            }
        });
    }

    @Test
    void blocking_onADeepStack_comesBack() {
        run(() -> {
            assertThat(deep(1_000)).isEqualTo(1_000);
        });
    }

    private static int deep(int depth) {
        return depth == 0 ? await(blocking(() -> 0)) : deep(depth - 1) + 1;
    }

    @Test
    void blocking_inAnUpcall_isRefusedOrRuns() {
        run(() -> {
            List<String> ran = new ArrayList<>();
            Throwable thrown = NativeCall.run(() -> await(blocking(() -> ran.add("body"))));
            if (Threads.isFast()) {
                assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessageStartingWith("AS205");
                assertThat(ran).isEmpty();
            } else {
                assertThat(thrown).isNull();
            }
            assertThat(await(blocking(() -> "after"))).isEqualTo("after");
        });
    }

    @Test
    void blocking_oneAfterTheOther_eachComesBack() {
        run(() -> {
            for (int i = 0; i < 1_000; i++) {
                int trip = i;
                assertThat(await(blocking(() -> trip))).isEqualTo(trip);
            }
        });
    }

    // Off the loop

    @Test
    void blocking_body_isAForeignThreadToTheLoop() {
        run(() -> {
            EventLoop loop = getRunningLoop();
            List<String> called = new CopyOnWriteArrayList<>();
            int result = await(blocking(() -> {
                assertThatThrownBy(() -> currentTask()).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> loop.callSoon(() -> {})).hasMessageStartingWith("AS201");
                assertThatThrownBy(() -> loop.createFuture().setResult(1)).hasMessageStartingWith("AS201");
                assertThatThrownBy(() -> getRunningLoop()).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> await(async(() -> 1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("await inside blocking: leave the blocking body first");
                assertThatThrownBy(() -> await(blocking(() -> 1))).hasMessageStartingWith("await inside blocking");
                loop.callSoonThreadsafe(() -> called.add("callback"));
                return runCoroutineThreadsafe(async(() -> await(sleep(Duration.ZERO, 7))), loop)
                        .get();
            }));
            assertThat(result).isEqualTo(7);
            assertThat(called).containsExactly("callback");
        });
    }

    @Test
    void blocking_inACallback_isRefused() {
        run(() -> {
            List<@Nullable Throwable> thrown = new ArrayList<>();
            getRunningLoop().callSoon(() -> thrown.add(catchThrowable(() -> await(blocking(() -> 1)))));
            await(sleep(Duration.ofMillis(1)));
            assertThat(thrown).singleElement().isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void task_thatIsAway_saysSo() {
        run(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            Task<?> task = createTask(() -> {
                await(blocking(() -> announceAndBlock(begun)));
            });
            await(blocking(() -> begun.await()));

            assertThat(Objects.requireNonNull(task.waitingFor()).waitKind()).isEqualTo(WaitKind.BLOCKING);
            assertThat(task.toString()).contains("wait_for=<a blocking call of fibers.BlockingTest>");
            assertThat(task.stack()).anyMatch(frame -> frame.getMethodName().equals("announceAndBlock"));
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void blocking_inDebugMode_isNoSlowStep() {
        RecordingLogger logger = new RecordingLogger();
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger))) {
            loop.setDebug(true);
            loop.setSlowCallbackDuration(Duration.ofMillis(40));
            loop.runUntilComplete(async(() -> {
                Objects.requireNonNull(currentTask()).setName("away");
                await(blocking(() -> {
                    CountDownLatch passed = new CountDownLatch(1);
                    loop.callSoonThreadsafe(() -> loop.callLater(Duration.ofMillis(150), passed::countDown));
                    passed.await();
                }));
            }));
            loop.setDebug(false);
        }
        assertThat(logger.entries()).noneMatch(entry -> entry.message().contains("name=away"));
    }

    // Outcomes

    @Test
    void blocking_failure_arrivesAsItIs() {
        run(() -> {
            IOException failure = new IOException("disk");
            assertThatThrownBy(() -> await(blocking(() -> {
                        throw failure;
                    })))
                    .isSameAs(failure);
            StackOverflowError overflow = new StackOverflowError();
            assertThatThrownBy(() -> await(blocking(() -> {
                        throw overflow;
                    })))
                    .isSameAs(overflow);
        });
    }

    @Test
    void blocking_systemExit_endsTheLoop() {
        assertThatThrownBy(() -> run(() -> {
                    await(blocking(() -> {
                        throw new SystemExit(3);
                    }));
                }))
                .isInstanceOf(SystemExit.class);
    }

    @Test
    void blocking_interruptStatus_isKeptAsTheBodyLeftIt() {
        run(() -> {
            await(blocking(() -> Thread.currentThread().interrupt()));
            assertThat(Thread.interrupted()).isTrue();
            await(blocking(() -> {}));
            assertThat(Thread.interrupted()).isFalse();
        });
    }

    // Cancellation

    @Test
    void cancel_away_interruptsAndRaisesWhenTheThreadIsBack() {
        run(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            List<String> seen = new ArrayList<>();
            Task<?> task = createTask(() -> {
                try {
                    await(blocking(() -> {
                        begun.countDown();
                        blockForEver();
                    }));
                } finally {
                    seen.add("interrupted " + Thread.currentThread().isInterrupted());
                    await(sleep(Duration.ofMillis(1)));
                }
            });
            await(blocking(() -> begun.await()));

            task.cancel("enough");

            CancelledError error = (CancelledError) catchThrowable(() -> await(task));
            assertThat(error).hasMessage("enough");
            assertThat(error.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class);
            assertThat(seen).containsExactly("interrupted false");
        });
    }

    @Test
    void cancel_ofABodyThatIgnoresIt_raisesWhenTheBodyReturns() {
        run(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            Task<String> task = createTask(() -> {
                try {
                    return await(blocking(() -> {
                        begun.countDown();
                        awaitStubbornly(end);
                        return "value";
                    }));
                } finally {
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }
            });
            await(blocking(() -> begun.await()));

            task.cancel();
            await(sleep(Duration.ofMillis(2)));
            assertThat(task.isDone()).isFalse();
            end.countDown();

            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    }

    private static void awaitStubbornly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void cancel_beforeTheBodyBegins_doesNotBeginIt() {
        run(() -> {
            List<String> ran = new ArrayList<>();
            Task<?> task = createTask(() -> {
                Objects.requireNonNull(currentTask()).cancel();
                await(blocking(() -> ran.add("body")));
            });
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(ran).isEmpty();
        });
    }

    @Test
    void timeout_aroundBlocking_waitsForTheThread() {
        run(() -> {
            List<String> seen = new CopyOnWriteArrayList<>();
            EventLoop loop = getRunningLoop();
            assertThatThrownBy(() -> await(Timeout.never().run(scope -> {
                        await(blocking(() -> {
                            loop.callSoonThreadsafe(() -> scope.reschedule(loop.time())); // begun: the time is up
                            try {
                                blockForEver();
                            } finally {
                                seen.add("ended");
                            }
                        }));
                    })))
                    .isInstanceOf(TimeoutException.class);
            assertThat(seen).containsExactly("ended");
        });
    }

    @Test
    void run_withATaskAway_interruptsItAndWaits() {
        List<String> seen = new CopyOnWriteArrayList<>();
        run(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            createTask(() -> await(blocking(() -> {
                begun.countDown();
                try {
                    blockForEver();
                } finally {
                    seen.add("ended");
                }
            })));
            await(blocking(() -> begun.await()));
        });
        assertThat(seen).containsExactly("ended");
    }

    // Limits

    @Test
    void limiter_ofTheLoop_boundsHowManyRun() {
        run(() -> {
            CapacityLimiter limiter = getRunningLoop().blockingLimiter();
            assertThat(limiter.total()).isEqualTo(40);
            assertMostAtATime(100, 40, null);
            limiter.setTotal(2);
            assertMostAtATime(20, 2, null);
            assertMostAtATime(20, 3, new CapacityLimiter(3));
            assertThat(limiter.borrowers()).isEmpty();
        });
    }

    @SuppressWarnings("ThreadPriorityCheck") // not a hint: the thread unmounts while it is away
    private static void assertMostAtATime(int calls, int limit, @Nullable CapacityLimiter limiter) {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            tasks.add(createTask(() -> {
                asyncio.VoidBody body = () -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.yield();
                    running.decrementAndGet();
                };
                await(limiter == null ? blocking(body) : blocking(body, limiter));
            }));
        }
        tasks.forEach(task -> await(task));
        assertThat(most.get()).isBetween(1, limit);
    }

    // Eager tasks and generators

    @Test
    void blocking_inAnEagerTask_returnsToTheCreator() {
        run(() -> {
            CountDownLatch end = new CountDownLatch(1);
            List<String> seen = new ArrayList<>();
            Task<String> task = getRunningLoop()
                    .createTask(
                            async(() -> {
                                seen.add("begun");
                                await(blocking(() -> end.await()));
                                return "value";
                            }),
                            TaskOptions.DEFAULT.eagerStart(true));
            seen.add("creator");
            assertThat(task.isDone()).isFalse();
            end.countDown();
            assertThat(await(task)).isEqualTo("value");
            assertThat(seen).containsExactly("begun", "creator");
        });
    }

    @Test
    void blocking_inAGenerator_comesBack() {
        run(() -> {
            AsyncGenerator<Integer> source = generator(yielder -> {
                for (int i = 0; i < 3; i++) {
                    int value = i;
                    yielder.emit(await(blocking(() -> value)));
                }
            });
            for (int i = 0; i < 3; i++) {
                assertThat(await(source.anext())).contains(i);
            }
            assertThat(await(source.anext())).isEmpty();
        });
    }

    // Closing

    @Test
    void close_withATaskAway_interruptsAndDoesNotWait() {
        RecordingLogger logger = new RecordingLogger();
        List<String> seen = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        Task<?> task = loop.runUntilComplete(async(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            Task<?> away = createTask(() -> {
                threads.add(Thread.currentThread());
                try {
                    await(blocking(() -> {
                        begun.countDown();
                        awaitStubbornly(end);
                    }));
                    seen.add("went on");
                } finally {
                    Throwable thrown = catchThrowable(() -> await(sleep(LONG)));
                    seen.add(thrown.getClass().getSimpleName());
                }
            });
            await(blocking(() -> begun.await()));
            return away;
        }));

        loop.close();

        assertThat(task.isCancelled()).isTrue();
        assertThat(logger.entries()).anyMatch(entry -> entry.message().contains("AS104"));
        assertThat(seen).isEmpty();
        end.countDown();
        Threads.parkUntil(() -> !threads.getFirst().isAlive(), "thread that was away to end");
        assertThat(seen).containsExactly("FiberExit");
    }

    @Test
    void close_withATaskThatHasComeBack_unwindsItAtOnce() {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(new RecordingLogger()));
        loop.runUntilComplete(async(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            createTask(() -> {
                threads.add(Thread.currentThread());
                try {
                    await(blocking(() -> {
                        begun.countDown();
                        end.await();
                    }));
                    seen.add("went on");
                } finally {
                    seen.add("finally");
                }
            });
            await(blocking(() -> begun.await()));
        }));
        end.countDown();
        Threads.awaitState(threads.getFirst(), Thread.State.WAITING); // for the loop

        loop.close();

        Threads.parkUntil(() -> !threads.getFirst().isAlive(), "thread that had come back to end");
        assertThat(seen).containsExactly("finally");
    }

    @Test
    void close_withAGeneratorAway_unwindsItsConsumerToo() {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(new RecordingLogger()));
        loop.runUntilComplete(async(() -> {
            CountDownLatch begun = new CountDownLatch(1);
            AsyncGenerator<Integer> source = generator(yielder -> {
                threads.add(Thread.currentThread());
                try {
                    await(blocking(() -> {
                        begun.countDown();
                        blockForEver();
                    }));
                } finally {
                    seen.add("generator");
                }
            });
            createTask(() -> {
                threads.add(Thread.currentThread());
                try {
                    await(source.anext());
                } finally {
                    seen.add("consumer");
                }
            });
            await(blocking(() -> begun.await()));
        }));

        loop.close();

        assertThat(threads).hasSize(2);
        for (Thread thread : threads) {
            Threads.parkUntil(() -> !thread.isAlive(), "thread of a closed loop to end");
        }
        assertThat(seen).containsExactly("generator", "consumer");
    }

    @Test
    void loop_stoppedWhileATaskIsAway_goesOnWithItInTheNextRun() {
        CountDownLatch end = new CountDownLatch(1);
        try (EventLoop loop = EventLoop.create()) {
            Task<String> task = loop.createTask(async(() -> await(blocking(() -> {
                end.await();
                return "value";
            }))));
            loop.runUntilComplete(async(() -> await(sleep(Duration.ofMillis(1)))));
            assertThat(task.isDone()).isFalse();
            end.countDown();
            assertThat(loop.runUntilComplete(task)).isEqualTo("value");
        }
    }

    @Test
    void checkCancelled_inTheBody_throwsWhenTheTaskIsCancelled() {
        CountDownLatch begun = new CountDownLatch(1);
        List<String> log = new CopyOnWriteArrayList<>();
        asyncio.Asyncio.run(() -> {
            Task<@Nullable Void> task = createTask(() -> {
                await(blocking(() -> {
                    checkCancelled();
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        try {
                            checkCancelled();
                        } catch (CancelledError error) {
                            log.add("told: " + error.getMessage());
                            throw error;
                        }
                    }
                }));
            });
            await(toThread(() -> begun.await()));
            task.cancel("enough");
            await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
            assertThat(task.isCancelled()).isTrue();
        });
        assertThat(log).containsExactly("told: enough");
    }
}
