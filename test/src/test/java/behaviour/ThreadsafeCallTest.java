package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.TaskFactory;
import asyncio.TaskOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThreadsafeCallTest {
    /// A loop that runs on a thread of its own.
    private static final class Running implements AutoCloseable {
        final RecordingLogger logger = new RecordingLogger();
        final EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        private final CompletableFuture<Void> ended = CompletableFuture.runAsync(
                loop::runForever, run -> Thread.ofPlatform().start(run));

        void stop() {
            loop.callSoonThreadsafe(loop::stop);
            ended.join();
        }

        @Override
        public void close() {
            if (!ended.isDone()) {
                stop();
            }
            loop.close();
        }
    }

    @Test
    @Spec("F-TASK-23")
    void runCoroutineThreadsafe_tenThreadsOnOneLoop_everyResultIsDelivered() throws Exception {
        try (Running running = new Running();
                ExecutorService threads = Executors.newFixedThreadPool(10)) {
            List<Callable<Integer>> calls = new ArrayList<>();
            Set<Task<?>> tasks = new HashSet<>(); // of the loop's thread
            for (int i = 0; i < 100; i++) {
                int value = i;
                calls.add(() -> runCoroutineThreadsafe(
                                async(() -> {
                                    Task<?> self = currentTask();
                                    assertThat(self).isNotNull();
                                    tasks.add(self);
                                    await(sleep(Duration.ZERO));
                                    assertThat(currentTask()).isSameAs(self);
                                    return value;
                                }),
                                running.loop)
                        .join());
            }
            List<Integer> results = new ArrayList<>();
            for (Future<Integer> future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            assertThat(results).hasSize(100).doesNotHaveDuplicates();
            running.stop();
            assertThat(tasks).hasSize(100);
        }
    }

    @Test
    @Spec("F-TASK-23")
    void currentTask_twoLoopsOnTwoThreads_eachHasItsOwn() throws Exception {
        try (Running a = new Running();
                Running b = new Running()) {
            CompletableFuture<@Nullable Task<?>> inA = runCoroutineThreadsafe(async(() -> currentTask()), a.loop);
            CompletableFuture<@Nullable Task<?>> inB = runCoroutineThreadsafe(async(() -> currentTask()), b.loop);
            assertThat(inA.join())
                    .isNotNull()
                    .satisfies(task -> assertThat(task.loop()).isSameAs(a.loop));
            assertThat(inB.join())
                    .isNotNull()
                    .satisfies(task -> assertThat(task.loop()).isSameAs(b.loop));
        }
    }

    @Test
    @Spec("W-7")
    void runCoroutineThreadsafe_coroutineFails_failureArrives() throws Exception {
        RuntimeException failure = new IllegalArgumentException("failed");
        try (Running running = new Running()) {
            CompletableFuture<?> result = runCoroutineThreadsafe(failing(failure), running.loop);
            assertThatThrownBy(result::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(failure);
        }
    }

    @Test
    @Spec("W-7")
    void cancel_result_cancelsTheTask() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        try (Running running = new Running()) {
            CompletableFuture<Integer> result = runCoroutineThreadsafe(
                    async(() -> {
                        begun.countDown();
                        try {
                            return await(sleep(Duration.ofHours(1), 1));
                        } catch (CancelledError e) {
                            cancelled.countDown();
                            throw e;
                        }
                    }),
                    running.loop);
            begun.await();
            assertThat(result.cancel(false)).isTrue();
            cancelled.await();
        }
    }

    @Test
    @Spec("W-7")
    void runCoroutineThreadsafe_closedLoop_refusedAndTheCoroutineClosed() {
        EventLoop closed = EventLoop.create();
        closed.close();
        Coroutine<Integer> coroutine = async(() -> 1);
        assertThatThrownBy(() -> runCoroutineThreadsafe(coroutine, closed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Event loop is closed");
        assertThat(coroutine.isUsed()).isTrue();
    }

    @Test
    @Spec("W-7")
    void runCoroutineThreadsafe_taskCannotBeMade_failureArrivesAndIsReported() throws Exception {
        try (Running running = new Running()) {
            RuntimeException failure = new IllegalArgumentException("no task");
            TaskFactory refusing = new TaskFactory() {
                @Override
                public <T extends @Nullable Object> Task<T> create(
                        EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
                    throw failure;
                }
            };
            CountDownLatch set = new CountDownLatch(1);
            running.loop.callSoonThreadsafe(() -> {
                running.loop.setTaskFactory(refusing);
                set.countDown();
            });
            set.await();
            Coroutine<Integer> coroutine = async(() -> 1);
            CompletableFuture<Integer> result = runCoroutineThreadsafe(coroutine, running.loop);
            assertThatThrownBy(result::join).hasCause(failure);
            running.stop();
            assertThat(running.logger.messagesWith("could not be started")).hasSize(1);
        }
    }

    @Test
    @Spec("W-7")
    void close_coroutineNotEnded_resultIsCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Integer> result;
        try (Running running = new Running()) {
            result = runCoroutineThreadsafe(
                    async(() -> {
                        begun.countDown();
                        return await(getRunningLoop().<Integer>createFuture());
                    }),
                    running.loop);
            begun.await();
        }
        assertThatThrownBy(result::join).isInstanceOf(CancellationException.class);
    }
}
