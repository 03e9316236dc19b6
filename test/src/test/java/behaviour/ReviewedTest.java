package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitUntil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.ReturnWhen;
import asyncio.RunOptions;
import asyncio.Runner;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Cases that a review found: each was wrong once.
class ReviewedTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final RunOptions virtual =
            RunOptions.defaults().loop(VirtualTime.create().options().logger(logger));

    /// Two tasks that await each other; returns them once both are suspended.
    private static List<Task<Integer>> circle(List<String> seen) {
        List<Task<Integer>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            both.add(createTask(() -> {
                try {
                    return await(both.get(other));
                } finally {
                    await(sleep(Duration.ofMillis(200)));
                    seen.add("cleaned up " + other);
                }
            }));
        }
        await(sleep(Duration.ZERO));
        return both;
    }

    @Test
    @Spec("TASK-2")
    void cancel_tasksThatAwaitEachOther_endsBothOnceHoweverOftenAsked() {
        run(
                () -> {
                    List<String> seen = new ArrayList<>();
                    List<Task<Integer>> both = circle(seen);
                    both.getFirst().cancel();
                    both.getFirst().cancel();
                    both.getLast().cancel();
                    await(waitUntil(both, ReturnWhen.ALL_COMPLETED));
                    assertThat(both).allMatch(Task::isCancelled);
                    assertThat(seen).containsExactlyInAnyOrder("cleaned up 0", "cleaned up 1");
                },
                virtual);
    }

    @Test
    @Spec("TASK-3")
    void cancel_longChainOfTasks_reachesTheEndWithoutRecursion() {
        run(
                () -> {
                    Future<Integer> end = getRunningLoop().createFuture();
                    Task<Integer> last = createTask(() -> await(end));
                    for (int i = 0; i < 20_000; i++) {
                        Task<Integer> awaited = last;
                        last = createTask(() -> await(awaited));
                    }
                    Task<Integer> first = last;
                    assertThatThrownBy(() -> await(timeout(Duration.ofMillis(100), () -> await(first))))
                            .isInstanceOf(TimeoutException.class);
                    assertThat(end.isCancelled()).isTrue();
                    assertThat(first.isCancelled()).isTrue();
                },
                virtual);
    }

    @Test
    @Spec({"TG-6", "AS201"})
    void groupCancel_onAnotherThread_isRefusedAndChangesNothing() {
        run(
                () -> {
                    Task<?> me = currentTask();
                    assertThat(me).isNotNull();
                    try {
                        await(taskGroup(group -> {
                            CompletableFuture<Void> refused = CompletableFuture.runAsync(group::cancel);
                            assertThatThrownBy(refused::get)
                                    .isInstanceOf(ExecutionException.class)
                                    .hasMessageContaining("AS201");
                            me.cancel("from outside");
                            await(sleep(Duration.ofHours(1)));
                        }));
                        throw new AssertionError("the cancellation was lost");
                    } catch (CancelledError e) {
                        assertThat(e.getMessage()).isEqualTo("from outside");
                        me.uncancel();
                    }
                },
                virtual);
    }

    @Test
    @Spec("RUN-2")
    void runnerClose_insideItsRun_isRefusedAndChangesNothing() {
        Runner runner = Runner.create(virtual);
        String result = runner.run(async(() -> {
            assertThatThrownBy(runner::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("running event loop");
            await(sleep(Duration.ZERO));
            return "unharmed";
        }));
        assertThat(result).isEqualTo("unharmed");
        runner.close();
        assertThat(EventLoop.openLoops()).isEmpty();
    }

    @Test
    @Spec("AS202")
    void waitUntil_futureOfAnotherLoop_isRefused() {
        try (EventLoop other = EventLoop.create()) {
            Future<Integer> foreign = other.createFuture();
            run(
                    () -> {
                        Coroutine<?> waiting = waitUntil(List.of(foreign), ReturnWhen.ALL_COMPLETED);
                        assertThatThrownBy(() -> await(waiting))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining("AS202");
                    },
                    virtual);
        }
    }

    @Test
    @Spec("LOOP-5")
    void addWriter_refused_leavesTheReaderAsItWas() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open();
                EventLoop loop = EventLoop.create()) {
            server.configureBlocking(false);
            loop.addReader(server, () -> {});
            assertThatThrownBy(() -> loop.addWriter(server, () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("writing or connecting");
            assertThat(loop.removeReader(server)).isTrue();
        }
    }

    @Test
    @Spec("LOOP-5")
    void addReader_replacedByThePoller_keepsTheWriter() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel source = pipe.source();
                EventLoop loop = EventLoop.create()) {
            assertThat(source.isOpen()).isTrue();
            sink.configureBlocking(false);
            List<String> called = new ArrayList<>();
            loop.addWriter(sink, () -> called.add("first"));
            loop.addWriter(sink, () -> {
                called.add("second");
                loop.removeWriter(sink);
                loop.stop();
            });
            loop.runForever();
            assertThat(called).containsExactly("second");
        }
    }

    @Test
    @Spec("LOOP-9")
    void report_toStringThrowsAnError_loopGoesOn() {
        Object broken = new Object() {
            @Override
            public String toString() {
                throw new AssertionError("no description");
            }
        };
        String result = run(
                () -> {
                    Future<Object> future = getRunningLoop().createFuture();
                    future.setResult(broken);
                    assertThat(future.toString()).contains("whose toString failed");
                    return "alive";
                },
                virtual.debug(true));
        assertThat(result).isEqualTo("alive");
    }

    @Test
    @Spec("W-7")
    void close_viewsOfFuturesAndGathers_areCancelled() {
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        List<CompletableFuture<?>> views = new ArrayList<>();
        loop.callSoon(() -> {
            Future<Integer> future = loop.createFuture();
            views.add(future.toCompletableFuture());
            views.add(gather(future, loop.<Integer>createFuture()).toCompletableFuture());
            loop.stop();
        });
        loop.runForever();
        loop.close();
        assertThat(views).hasSize(2).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    @Spec("RUN-5")
    void shutdown_cleanupStopsTheLoop_everybodyStillCleansUp() {
        List<String> seen = new ArrayList<>();
        String result = run(
                () -> {
                    for (int i = 0; i < 2; i++) {
                        createTask(() -> {
                            try {
                                await(sleep(Duration.ofHours(1)));
                            } finally {
                                getRunningLoop().stop();
                                await(sleep(Duration.ofMillis(10)));
                                seen.add("cleaned up");
                            }
                        });
                    }
                    await(sleep(Duration.ZERO));
                    return "value";
                },
                virtual);
        assertThat(result).isEqualTo("value");
        assertThat(seen).hasSize(2);
    }

    @Test
    @Spec("LOOP-6")
    void callSoon_afterAnotherThreadsCall_runsAfterIt() {
        run(
                () -> {
                    List<String> order = new ArrayList<>();
                    EventLoop loop = getRunningLoop();
                    CompletableFuture.runAsync(() -> loop.callSoonThreadsafe(() -> order.add("other thread")))
                            .join();
                    loop.callSoon(() -> order.add("own"));
                    await(sleep(Duration.ZERO));
                    assertThat(order).containsExactly("other thread", "own");
                },
                virtual);
    }

    @Test
    @Spec("W-7")
    void threadsafeCall_cancelledOnTheLoopItself_isDirect() {
        run(
                () -> {
                    EventLoop loop = getRunningLoop();
                    CompletableFuture<@Nullable Void> result = runCoroutineThreadsafe(sleep(Duration.ofHours(1)), loop);
                    await(sleep(Duration.ZERO));
                    await(sleep(Duration.ZERO));
                    List<Task<?>> tasks = Asyncio.allTasks();
                    assertThat(result.cancel(false)).isTrue();
                    assertThat(tasks.getLast().cancelling()).isEqualTo(1);
                },
                virtual);
    }

    @Test
    @Spec("EXE-1")
    void setDefaultExecutor_replaced_workOfTheFirstIsWaitedFor() {
        List<String> seen = new ArrayList<>();
        run(() -> {
            EventLoop loop = getRunningLoop();
            CompletableFuture<String> gate = new CompletableFuture<>();
            Future<Boolean> work = loop.runInExecutor(null, () -> seen.add(gate.get()));
            ExecutorService second = Executors.newVirtualThreadPerTaskExecutor();
            loop.setDefaultExecutor(second);
            second.execute(() -> gate.complete("finished"));
            assertThat(work.isDone()).isFalse();
        });
        assertThat(seen).containsExactly("finished");
    }

    @Test
    @Spec("W-5")
    void shield_givenUpManyTimes_reportsTheFailureOnce() {
        run(
                () -> {
                    Task<Integer> inner = createTask(() -> {
                        await(sleep(Duration.ofMillis(50)));
                        throw new IllegalStateException("orphan");
                    });
                    for (int i = 0; i < 5; i++) {
                        Future<Integer> outer = shield(inner);
                        outer.cancel();
                        await(sleep(Duration.ZERO));
                    }
                    await(sleep(Duration.ofMillis(100)));
                    assertThat(logger.messagesWith("exception in shielded future"))
                            .hasSize(1);
                },
                virtual);
    }

    @Test
    @Spec("EXC-1")
    void exceptionGroup_printedAsACause_showsItsMembers() {
        ExceptionGroup group = new ExceptionGroup("several", List.of(new IOException("disk full")));
        StringWriter text = new StringWriter();
        new IllegalStateException("request failed", group).printStackTrace(new PrintWriter(text, true));
        assertThat(text.toString()).contains("disk full");
    }
}
