package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Handle;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A loop on one thread, used from others.
class ThreadsafeTest extends LoopFixture {
    private final EventLoop loop = EventLoop.create(realOptions().name("served"));
    private final Thread loopThread = Thread.ofPlatform().name("loop thread").unstarted(loop::runForever);

    @BeforeEach
    void start() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        loop.callSoon(running::countDown);
        loopThread.start();
        running.await();
    }

    @AfterEach
    void end() throws InterruptedException {
        loop.callSoonThreadsafe(loop::stop);
        loopThread.join();
        loop.close();
    }

    @Test
    @Spec({"LOOP-6", "F-LOOP-16"})
    void callSoonThreadsafe_idleLoopWithoutTimers_wakesIt() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loop.callSoonThreadsafe(ran::countDown);
            ran.await(); // for ever, if the wake-up is lost
        }
    }

    @Test
    @Spec("F-LOOP-16")
    void everyLoopConfinedCall_fromAnotherThread_refusedNamingBothThreads() throws InterruptedException {
        AtomicReference<Future<String>> made = new AtomicReference<>();
        AtomicReference<Task<String>> started = new AtomicReference<>();
        CountDownLatch ready = new CountDownLatch(1);
        loop.callSoonThreadsafe(() -> {
            made.set(loop.createFuture());
            started.set(loop.createTask(async(() -> await(made.get()))));
            ready.countDown();
        });
        ready.await();
        Runnable callback = () -> note("ran");
        Future<String> future = made.get();
        List<ThrowingCallable> calls = List.of(
                () -> loop.callSoon(callback),
                () -> loop.callLater(SECOND, callback),
                () -> loop.callAt(SECOND, callback),
                () -> loop.createTask(noting("ran")),
                () -> loop.runInExecutor(null, () -> "ran"),
                () -> loop.setTaskFactory(null),
                () -> loop.setExceptionHandler(null),
                () -> loop.setDebug(true),
                loop::stop,
                () -> future.setResult("wrong"),
                () -> future.setException(new IllegalStateException("wrong")),
                future::cancel,
                () -> future.addDoneCallback(done -> note("ran")),
                future::toCompletableFuture,
                () -> started.get().cancel(),
                () -> started.get().uncancel());

        Thread.currentThread().setName("a stranger");
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("AS201")
                    .hasMessageContaining("Non-thread-safe operation")
                    .hasMessageContaining("a stranger")
                    .hasMessageContaining("loop thread")
                    .hasMessageContaining("served");
        }

        CompletableFuture<String> result = runCoroutineThreadsafe(
                async(() -> {
                    made.get().setResult("right");
                    return await(started.get());
                }),
                loop);
        assertThat(result.join()).isEqualTo("right");
        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("LOOP-6")
    void callSoonThreadsafe_fromSeveralThreads_eachOnceAndInTheOrderOfItsThread() throws InterruptedException {
        int threads = 4;
        int each = 2_000;
        List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(threads * each);
        List<Thread> producers = IntStream.range(0, threads)
                .mapToObj(thread -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        int number = thread * each + i;
                        loop.callSoonThreadsafe(() -> {
                            ran.add(number);
                            done.countDown();
                        });
                    }
                }))
                .toList();
        for (Thread producer : producers) {
            producer.join();
        }
        done.await();

        assertThat(ran).hasSize(threads * each).doesNotHaveDuplicates();
        for (int thread = 0; thread < threads; thread++) {
            int first = thread * each;
            assertThat(ran.stream().filter(number -> number / each == first / each))
                    .isSorted();
        }
    }

    @Test
    @Spec("LOOP-6")
    void cancel_whileTheCallbackRuns_waitsUntilItIsOver() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Handle handle = loop.callSoonThreadsafe(() -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                note("interrupted");
            }
            note("callback over");
        });
        entered.await();
        Thread canceller = Thread.ofPlatform().start(() -> {
            handle.cancel();
            note("cancel over");
        });
        while (canceller.getState() != Thread.State.WAITING && canceller.isAlive()) {
            Thread.onSpinWait();
        }
        go.countDown();
        canceller.join();

        assertThat(notes).containsExactly("callback over", "cancel over");
    }

    @Test
    @Spec("LOOP-6")
    void cancel_beforeTheCallbackRuns_itNeverDoes() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        loop.callSoonThreadsafe(() -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                note("interrupted");
            }
        });
        entered.await();
        Handle handle = loop.callSoonThreadsafe(() -> note("ran"));
        loop.callSoonThreadsafe(after::countDown);
        handle.cancel();
        go.countDown();
        after.await();

        assertThat(handle.isCancelled()).isTrue();
        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("LOOP-6")
    void cancel_byTheCallbackItself_harmless() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch published = new CountDownLatch(1);
        AtomicReference<Handle> own = new AtomicReference<>();
        own.set(loop.callSoonThreadsafe(() -> {
            try {
                published.await();
            } catch (InterruptedException e) {
                note("interrupted");
            }
            own.get().cancel();
            done.countDown();
        }));
        published.countDown();
        done.await();

        assertThat(own.get().isCancelled()).isTrue();
        assertThat(notes).isEmpty();
    }

    @Test
    @Spec({"F-TASK-23", "TASK-8"})
    void runCoroutineThreadsafe_fromTenThreads_everyResultArrives() throws InterruptedException {
        int threads = 10;
        int each = 50;
        Set<Object> tasks = ConcurrentHashMap.newKeySet();
        Set<Integer> results = ConcurrentHashMap.newKeySet();
        List<Thread> callers = IntStream.range(0, threads)
                .mapToObj(thread -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < each; i++) {
                        int number = thread * each + i;
                        results.add(runCoroutineThreadsafe(
                                        async(() -> {
                                            turn();
                                            assertThat(getRunningLoop()).isSameAs(loop);
                                            tasks.add(java.util.Objects.requireNonNull(currentTask()));
                                            return number;
                                        }),
                                        loop)
                                .join());
                    }
                }))
                .toList();
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(results).hasSize(threads * each);
        assertThat(tasks).hasSize(threads * each);
        assertThatThrownBy(asyncio.Asyncio::currentTask).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Spec("F-TASK-23")
    void runCoroutineThreadsafe_failure_arrivesAsItIs() {
        IllegalArgumentException failure = new IllegalArgumentException("broken");
        CompletableFuture<@Nullable Void> result = runCoroutineThreadsafe(
                async(() -> {
                    throw failure;
                }),
                loop);

        assertThatThrownBy(result::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isSameAs(failure);
    }

    @Test
    @Spec("F-TASK-23")
    void runCoroutineThreadsafe_cancelledFromOutside_coroutineIsCancelled() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<@Nullable Void> result = runCoroutineThreadsafe(
                async(() -> {
                    try {
                        begun.countDown();
                        await(sleep(FOREVER));
                    } finally {
                        ended.countDown();
                    }
                }),
                loop);
        begun.await();
        assertThat(result.cancel(false)).isTrue();
        ended.await();

        assertThatThrownBy(result::join).isInstanceOf(CancellationException.class);
    }

    @Test
    @Spec({"TASK-8", "F-TASK-22"})
    void allTasks_fromAnotherThreadWhileTasksComeAndGo_neverFailsAndShowsOnlyThisLoops() throws InterruptedException {
        CompletableFuture<@Nullable Void> churn = runCoroutineThreadsafe(
                async(() -> {
                    for (int round = 0; round < 300; round++) {
                        List<Task<@Nullable Void>> tasks = new ArrayList<>();
                        for (int i = 0; i < 20; i++) {
                            tasks.add(asyncio.Asyncio.createTask(() -> {
                                turn();
                            }));
                        }
                        for (Task<@Nullable Void> task : tasks) {
                            await(task);
                        }
                    }
                }),
                loop);
        while (!churn.isDone()) {
            for (Task<?> task : loop.allTasks()) {
                assertThat(task.loop()).isSameAs(loop);
            }
        }

        churn.join();
        CountDownLatch settled = new CountDownLatch(1);
        loop.callSoonThreadsafe(settled::countDown);
        settled.await();
        assertThat(loop.allTasks()).isEmpty();
    }
}
