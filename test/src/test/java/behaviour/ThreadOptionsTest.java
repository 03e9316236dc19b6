package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.checkCancelled;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.CapacityLimiter;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.ThreadOptions;
import asyncio.testing.CancelSweep;
import asyncio.testing.Spec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThreadOptionsTest {
    private static void turn() {
        await(sleep(Duration.ZERO));
    }

    /// Blocking code that says when it has begun, and ends when it is let go.
    private static final class Work {
        final CountDownLatch go = new CountDownLatch(1);
        final AtomicBoolean ended = new AtomicBoolean();
        final Future<@Nullable Void> begun = getRunningLoop().createFuture();

        String run() throws InterruptedException {
            begun.loop().callSoonThreadsafe(() -> begun.setResult(null));
            go.await();
            ended.set(true);
            return "result";
        }
    }

    @Test
    @Spec("W-6")
    void awaited_callerIsCancelled_itWaitsForTheThreadAndIsCancelledThen() {
        InVirtualTime.run(() -> {
            Work work = new Work();
            Task<String> task = createTask(() -> await(toThread(work::run, ThreadOptions.DEFAULT.awaited(true))));
            await(work.begun);
            assertThat(task.cancel("enough")).isTrue();
            turn();
            turn();
            assertThat(task.isDone()).as("it waits for the thread").isFalse();
            work.go.countDown();
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("enough");
            assertThat(work.ended).isTrue();
        });
    }

    @Test
    void awaited_workFailsAfterTheCancellation_failureIsSuppressedInIt() {
        IOException failure = new IOException("disk");
        InVirtualTime.run(() -> {
            Work work = new Work();
            List<Throwable> suppressed = new ArrayList<>();
            Task<String> task = createTask(() -> {
                try {
                    return await(toThread(
                            () -> {
                                work.run();
                                throw failure;
                            },
                            ThreadOptions.DEFAULT.awaited(true)));
                } catch (CancelledError e) {
                    suppressed.addAll(List.of(e.getSuppressed()));
                    throw e;
                }
            });
            await(work.begun);
            task.cancel();
            work.go.countDown();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(suppressed).containsExactly(failure);
        });
    }

    @Test
    void awaitedAndInterruptible_callerIsCancelled_threadIsInterruptedAndWaitedFor() {
        AtomicBoolean interrupted = new AtomicBoolean();
        InVirtualTime.run(() -> {
            Work work = new Work();
            Task<String> task = createTask(() -> await(toThread(
                    () -> {
                        try {
                            return work.run();
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                            throw e;
                        }
                    },
                    ThreadOptions.DEFAULT.awaited(true).interruptible(true))));
            await(work.begun);
            task.cancel();
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .satisfies(
                            e -> assertThat(e.getSuppressed()).hasExactlyElementsOfTypes(InterruptedException.class));
            assertThat(interrupted).isTrue();
        });
    }

    @Test
    void checkCancelled_afterTheCallerWasCancelled_throwsItsReasonInTheThread() {
        InVirtualTime.run(() -> {
            Work work = new Work();
            List<Throwable> thrown = new ArrayList<>();
            Task<String> task = createTask(() -> await(toThread(
                    () -> {
                        checkCancelled(); // not yet
                        work.run();
                        try {
                            checkCancelled();
                            return "went on";
                        } catch (CancelledError e) {
                            thrown.add(e);
                            throw e;
                        }
                    },
                    ThreadOptions.DEFAULT.awaited(true))));
            await(work.begun);
            task.cancel("enough");
            work.go.countDown();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            assertThat(thrown)
                    .singleElement()
                    .satisfies(e ->
                            assertThat(e).isInstanceOf(CancelledError.class).hasMessage("enough"));
        });
    }

    @Test
    void checkCancelled_inRunInExecutor_seesTheFutureCancelled() {
        CountDownLatch ended = new CountDownLatch(1);
        AtomicBoolean seen = new AtomicBoolean();
        InVirtualTime.run(() -> {
            Work work = new Work();
            Future<String> future = getRunningLoop().runInExecutor(null, () -> {
                work.run();
                try {
                    checkCancelled();
                } catch (CancelledError e) {
                    seen.set(true);
                    throw e;
                } finally {
                    ended.countDown();
                }
                return "went on";
            });
            await(work.begun);
            future.cancel();
            work.go.countDown();
            ended.await();
            assertThatThrownBy(() -> await(future)).isInstanceOf(CancelledError.class);
        });
        assertThat(seen).isTrue();
    }

    @Test
    void checkCancelled_elsewhere_isRefused() {
        assertThatThrownBy(() -> checkCancelled())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("toThread");
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> checkCancelled()).isInstanceOf(IllegalStateException.class);
            await(toThread(() -> {
                Thread other = Thread.ofPlatform()
                        .start(() ->
                                assertThatThrownBy(() -> checkCancelled()).isInstanceOf(IllegalStateException.class));
                other.join();
            }));
        });
    }

    @Test
    void body_throwsCancelledErrorItself_callIsCancelled() {
        InVirtualTime.run(() -> {
            Future<Integer> future = getRunningLoop().runInExecutor(null, () -> {
                throw new CancelledError("given up");
            });
            assertThatThrownBy(() -> await(future))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("given up");
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @Test
    void limiter_twoTokens_atMostTwoRunAtOnce() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        InVirtualTime.run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(2);
            List<Task<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int value = i;
                tasks.add(createTask(() -> await(toThread(
                        () -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            Thread.onSpinWait();
                            running.decrementAndGet();
                            return value;
                        },
                        ThreadOptions.DEFAULT.limiter(limiter)))));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(await(tasks.get(i))).isEqualTo(i);
            }
            assertThat(limiter.borrowers()).isEmpty();
        });
        assertThat(most.get()).isBetween(1, 2);
    }

    @Test
    void limiter_callerCancelledAndGone_tokenIsHeldUntilTheThreadHasEnded() {
        InVirtualTime.run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(1);
            ThreadOptions options = ThreadOptions.DEFAULT.limiter(limiter);
            Work work = new Work();
            Task<String> first = createTask(() -> await(toThread(work::run, options)));
            await(work.begun);
            first.cancel();
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            assertThat(limiter.available()).as("the thread works on").isZero();
            assertThat(limiter.borrowers().toString()).contains("a thread running");

            Task<Boolean> second = createTask(() -> await(toThread(() -> work.ended.get(), options)));
            turn();
            turn();
            assertThat(limiter.waitingCount()).isEqualTo(1);
            work.go.countDown();
            assertThat(await(second)).as("begun after the end of the first").isTrue();
            assertThat(limiter.available()).isEqualTo(1);
        });
    }

    @Test
    void limiter_oneTaskTwoCalls_bothGetATokenOfTheirOwn() {
        InVirtualTime.run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(1);
            await(limiter.acquire());
            Task<Integer> other = createTask(() -> await(toThread(() -> 1, ThreadOptions.DEFAULT.limiter(limiter))));
            turn();
            assertThat(other.isDone()).isFalse();
            limiter.release();
            assertThat(await(other)).isEqualTo(1);
            assertThat(await(toThread(() -> 2, ThreadOptions.DEFAULT.limiter(limiter))))
                    .isEqualTo(2);
        });
    }

    @Test
    void limiter_executorRefuses_tokenIsReturned() {
        ExecutorService closed = Executors.newSingleThreadExecutor();
        closed.close();
        InVirtualTime.run(() -> {
            CapacityLimiter limiter = new CapacityLimiter(1);
            getRunningLoop().setDefaultExecutor(closed);
            assertThatThrownBy(() -> await(toThread(() -> 1, ThreadOptions.DEFAULT.limiter(limiter))))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThat(limiter.available()).isEqualTo(1);
        });
    }

    @Test
    void limiter_queuedCallCancelled_tokenIsReturnedAtOnceAndTheWorkNeverBegins() {
        AtomicBoolean ran = new AtomicBoolean();
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            loop.setDefaultExecutor(Executors.newSingleThreadExecutor());
            CapacityLimiter limiter = new CapacityLimiter(1);
            Work busy = new Work();
            Future<String> running = loop.runInExecutor(null, busy::run);
            await(busy.begun);
            Task<@Nullable Void> queued = createTask(() -> await(toThread(
                    () -> ran.set(true), ThreadOptions.DEFAULT.limiter(limiter).awaited(true))));
            turn();
            assertThat(limiter.available()).isZero();
            queued.cancel();
            assertThatThrownBy(() -> await(queued)).isInstanceOf(CancelledError.class);
            assertThat(limiter.available()).isEqualTo(1);
            busy.go.countDown();
            assertThat(await(running)).isEqualTo("result");
        });
        assertThat(ran).isFalse();
    }

    @Test
    void shutdown_stuckThread_queuedCallsOfTheDefaultExecutorAreCancelled() {
        InVirtualTime.run(new asyncio.testing.RecordingLogger(), () -> {
            EventLoop loop = getRunningLoop();
            loop.setDefaultExecutor(Executors.newSingleThreadExecutor());
            Work stuck = new Work();
            Future<String> running = loop.runInExecutor(null, stuck::run);
            Future<Integer> queued = loop.runInExecutor(null, () -> 1);
            await(stuck.begun);
            await(loop.shutdownDefaultExecutor(Duration.ofMillis(1)));
            assertThatThrownBy(() -> await(queued)).isInstanceOf(CancelledError.class);
            assertThatThrownBy(() -> await(running)).isInstanceOf(InterruptedException.class);
        });
    }

    @Test
    void sweep_limiter_tokensAreNeitherLostNorDoubled() {
        CancelSweep.Scenario scenario = victim -> {
            CapacityLimiter limiter = new CapacityLimiter(1);
            AtomicInteger inside = new AtomicInteger();
            List<Task<@Nullable Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(createTask(() -> await(toThread(
                        () -> {
                            assertThat(inside.incrementAndGet()).isEqualTo(1);
                            inside.decrementAndGet();
                        },
                        ThreadOptions.DEFAULT.limiter(limiter).awaited(true)))));
            }
            victim.is(tasks.get(1));
            await(waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
            for (Task<?> task : tasks) {
                assertThat(task.isCancelled() || task.exception() == null).isTrue();
            }
            await(limiter.acquire()); // all are over: nobody else holds it
            assertThat(limiter.borrowers()).hasSize(1);
            limiter.release();
        };
        CancelSweep.inOrder(direct(scenario));
        CancelSweep.inRandomOrders(200, direct(scenario));
    }

    /// With an executor that runs the work where it is given, so that each run takes the same steps.
    private static CancelSweep.Scenario direct(CancelSweep.Scenario scenario) {
        return victim -> {
            getRunningLoop().setDefaultExecutor(new DirectExecutor());
            scenario.run(victim);
        };
    }

    private static final class DirectExecutor extends java.util.concurrent.AbstractExecutorService {
        private boolean shutdown;

        @Override
        public void execute(Runnable command) {
            command.run();
        }

        @Override
        public void shutdown() {
            shutdown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutdown;
        }

        @Override
        public boolean isTerminated() {
            return shutdown;
        }

        @Override
        public boolean awaitTermination(long timeout, java.util.concurrent.TimeUnit unit) {
            return shutdown;
        }
    }
}
