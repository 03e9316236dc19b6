package fibers;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AsyncGenerator;
import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which engine a loop gets, which threads may run it, and how closing it ends what is suspended.
class LoopLifeTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final RecordingLogger logger = new RecordingLogger();

    private EventLoop loop() {
        return EventLoop.create(LoopOptions.defaults().logger(logger));
    }

    private static EventLoop loopOn(String engine) {
        return EventLoop.create(LoopOptions.defaults().engine(engine));
    }

    private static String engineOf(EventLoop loop) {
        return loop.runUntilComplete(async(() -> {
            await(sleep(Duration.ofMillis(1)));
            return getRunningLoop().engine();
        }));
    }

    // Closing

    @Test
    void close_withSuspendedTasks_runsTheirFinallyBlocksAndEndsTheirThreads() {
        List<Thread> threads = new ArrayList<>();
        List<String> ended = new CopyOnWriteArrayList<>();
        List<Task<?>> tasks = new ArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            for (int i = 0; i < 100; i++) {
                String mine = "task " + i;
                tasks.add(createTask(() -> {
                    threads.add(Thread.currentThread());
                    try {
                        await(sleep(LONG));
                    } finally {
                        ended.add(mine);
                        Thread.sleep(0, 1); // blocking is allowed while closing
                    }
                }));
            }
            await(sleep(Duration.ZERO));
        }));

        loop.close();

        assertThat(ended).hasSize(100).doesNotHaveDuplicates();
        assertThat(tasks).allSatisfy(task -> assertThat(task.isCancelled()).isTrue());
        for (Thread thread : threads) {
            Threads.parkUntil(() -> !thread.isAlive(), "thread of a closed loop to end");
        }
    }

    @Test
    void close_withTasksThatNeverBegan_runsNothingOfThem() {
        List<String> ran = new ArrayList<>();
        EventLoop loop = loop();
        Task<@Nullable Void> task = loop.createTask(async(() -> {
            ran.add("body");
        }));

        loop.close();

        assertThat(ran).isEmpty();
        assertThat(task.isCancelled()).isTrue();
    }

    @Test
    void close_withCodeThatAwaitsInFinally_failsThatAwait() {
        List<String> seen = new ArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            Task<?> task = createTask(() -> {
                try {
                    await(sleep(LONG));
                } finally {
                    seen.add("finally");
                    awaitAgain(seen);
                }
            });
            await(sleep(Duration.ZERO));
            assertThat(task.isDone()).isFalse();
        }));

        loop.close();

        assertThat(seen).containsExactly("finally", "FiberExit");
    }

    private static void awaitAgain(List<String> seen) {
        try {
            await(sleep(LONG));
            seen.add("awaited");
        } catch (Error e) {
            seen.add(e.getClass().getSimpleName());
            throw e;
        }
    }

    @Test
    void close_withCodeThatRefusesToEnd_returns() {
        int[] refusals = {0};
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            createTask(() -> refuse(refusals));
            await(sleep(Duration.ZERO));
        }));

        loop.close();

        assertThat(refusals[0]).isGreaterThan(100);
        assertThat(loop.isClosed()).isTrue();
    }

    private static void refuse(int[] refusals) {
        while (true) {
            try {
                await(sleep(Duration.ZERO));
            } catch (Throwable e) { // the subject: swallows what should end it
                refusals[0]++;
            }
        }
    }

    @Test
    void close_withAConsumerInsideAGenerator_unwindsBoth() {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            AsyncGenerator<Integer> source = generator(yielder -> {
                threads.add(Thread.currentThread());
                try {
                    await(sleep(LONG));
                    yielder.emit(1);
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
                    await(sleep(LONG)); // must not suspend for ever
                }
            });
            await(sleep(Duration.ZERO));
        }));

        loop.close();

        assertThat(seen).containsExactly("generator", "consumer");
        assertThat(threads).hasSize(2);
        for (Thread thread : threads) {
            Threads.parkUntil(() -> !thread.isAlive(), "thread of a closed loop to end");
        }
    }

    @Test
    void close_withAGeneratorThatWasLeft_unwindsIt() {
        List<String> seen = new ArrayList<>();
        List<AsyncGenerator<Integer>> kept = new ArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            AsyncGenerator<Integer> source = generator(yielder -> {
                try {
                    yielder.emit(1);
                } finally {
                    seen.add("generator");
                }
            });
            kept.add(source);
            assertThat(await(source.anext())).contains(1);
        }));

        loop.close();

        assertThat(seen).containsExactly("generator");
        assertThat(kept).hasSize(1);
    }

    @Test
    void close_onAVirtualThread_unwindsToo() throws Exception {
        List<String> ended = new CopyOnWriteArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            createTask(() -> {
                try {
                    await(sleep(LONG));
                } finally {
                    ended.add("finally");
                }
            });
            await(sleep(Duration.ZERO));
        }));

        Threads.onVirtualThread(loop::close);

        assertThat(ended).containsExactly("finally");
    }

    @Test
    void close_onAnInterruptedThread_unwindsAndKeepsTheStatus() {
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        EventLoop loop = loop();
        loop.runUntilComplete(async(() -> {
            createTask(() -> {
                try {
                    await(sleep(LONG));
                } finally {
                    interrupted.add(Thread.currentThread().isInterrupted());
                    Thread.sleep(1);
                }
            });
            await(sleep(Duration.ZERO));
        }));

        Thread.currentThread().interrupt();
        loop.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupted).containsExactly(false);
    }

    // Threads that run a loop

    @Test
    void loop_runByOneThreadAfterTheOther_goesOn() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        EventLoop loop = loop();
        List<Future<String>> futures = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            futures.add(loop.createFuture());
        }
        Task<@Nullable Void> task = loop.createTask(async(() -> {
            Thread self = Thread.currentThread();
            for (Future<String> future : futures) {
                seen.add(await(future));
                Thread.sleep(1); // a block on whichever thread runs the loop now
                assertThat(Thread.currentThread()).isSameAs(self);
            }
        }));
        for (int i = 0; i < futures.size(); i++) {
            String name = "thread " + i;
            Future<String> future = futures.get(i);
            Threads.onPlatformThread(
                    name,
                    0,
                    () -> loop.runUntilComplete(async(() -> {
                        await(sleep(Duration.ZERO));
                        future.setResult(name);
                        await(sleep(Duration.ofMillis(5)));
                    })));
        }

        loop.runUntilComplete(task);
        loop.close();

        assertThat(seen).containsExactly("thread 0", "thread 1", "thread 2", "thread 3");
    }

    @Test
    void loop_runOnALargeStack_givesCoroutinesThatStack() throws Exception {
        int[] depths = new int[2];
        Threads.onPlatformThread("small", 0, () -> depths[0] = depthOnALoop());
        Threads.onPlatformThread("large", 64L << 20, () -> depths[1] = depthOnALoop());

        assertThat(depths[0]).isPositive();
        if (Threads.isFast()) { // the baton's coroutines live on the JDK's own threads
            assertThat(depths[1]).isGreaterThan(4 * depths[0]);
        }
    }

    private static int depthOnALoop() {
        return Asyncio.run(() -> {
            await(sleep(Duration.ZERO));
            int[] depth = {0};
            try {
                overflow(depth);
            } catch (StackOverflowError e) {
                return depth[0];
            }
            return 0;
        });
    }

    private static void overflow(int[] depth) {
        if (depth[0]++ >= 0) { // always
            overflow(depth);
        }
    }

    @Test
    void loop_insideACoroutine_isRefused() {
        Asyncio.run(() -> {
            try (EventLoop inner = EventLoop.create()) {
                assertThatThrownBy(inner::runForever)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS204");
            }
        });
    }

    @Test
    void loop_onAThreadThatACoroutineStarted_runs() {
        Asyncio.run(() -> {
            String[] engines = new String[2];
            Threads.onPlatformThread("inner", 0, () -> engines[0] = engineOf(closing("auto")));
            Threads.onVirtualThread(() -> engines[1] = engineOf(closing("auto")));
            assertThat(engines).containsExactly(Threads.isFast() ? "fast" : "baton", "baton");
            opened.forEach(EventLoop::close);
        });
    }

    private final List<EventLoop> opened = new CopyOnWriteArrayList<>();

    private EventLoop closing(String engine) {
        EventLoop loop = loopOn(engine);
        opened.add(loop);
        return loop;
    }

    // Choice

    @Test
    void engine_unset_isThatOfTheProperty() {
        try (EventLoop loop = loop()) {
            assertThat(loop.engine()).isEqualTo("auto");
            assertThat(engineOf(loop)).isEqualTo(System.getProperty("asyncio.engine"));
            assertThat(loop.engine()).isEqualTo(System.getProperty("asyncio.engine"));
        }
    }

    @Test
    void engine_auto_isFastWhereItCanBe() {
        try (EventLoop loop = loopOn("auto")) {
            assertThat(engineOf(loop)).isEqualTo(Asyncio.engineAdvice().isEmpty() ? "fast" : "baton");
        }
    }

    @Test
    void engine_forced_isThatOne() {
        try (EventLoop loop = loopOn("baton")) {
            assertThat(engineOf(loop)).isEqualTo("baton");
        }
        try (EventLoop loop = loopOn("FAST")) {
            if (Threads.isFast()) {
                assertThat(engineOf(loop)).isEqualTo("fast");
            } else { // this JVM was started without the flag
                Task<?> task = loop.createTask(async(() -> "never"));
                assertThatThrownBy(loop::runForever)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("--add-opens=java.base/java.lang=");
                assertThat(task.isDone()).isFalse();
            }
        }
    }

    @Test
    void engine_unknown_isRefused() {
        assertThatThrownBy(() -> loopOn("quick"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auto, fast or baton")
                .hasMessageContaining("quick");
    }

    @Test
    void engine_onAVirtualThread_isBatonOrRefused() throws Exception {
        Threads.onVirtualThread(() -> {
            try (EventLoop auto = loopOn("auto");
                    EventLoop baton = loopOn("baton");
                    EventLoop fast = loopOn("fast")) {
                assertThat(engineOf(auto)).isEqualTo("baton");
                assertThat(engineOf(baton)).isEqualTo("baton");
                Future<@Nullable Void> never = fast.createFuture();
                assertThatThrownBy(() -> fast.runUntilComplete(never))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("virtual thread")
                        .hasMessageContaining("platform thread");
            }
        });
    }

    @Test
    void engine_fastLoopTakenToAVirtualThread_isRefusedAndStaysUsable() throws Exception {
        try (EventLoop loop = loopOn("auto")) {
            String first = engineOf(loop);
            Threads.onVirtualThread(() -> {
                if ("fast".equals(first)) {
                    assertThatThrownBy(loop::runForever)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("virtual thread");
                } else {
                    assertThat(engineOf(loop)).isEqualTo("baton");
                }
            });
            assertThat(engineOf(loop)).isEqualTo(first);
        }
    }
}
