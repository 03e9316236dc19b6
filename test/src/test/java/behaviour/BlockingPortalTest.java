package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.BlockingPortal;
import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.PortalResource;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.ThreadOptions;
import asyncio.sync.Lock;
import asyncio.testing.RecordingLogger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BlockingPortalTest {
    private final RecordingLogger logger = new RecordingLogger();
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

    private BlockingPortal start() {
        return BlockingPortal.start(
                RunOptions.defaults().loop(asyncio.LoopOptions.defaults().logger(logger)));
    }

    private static void waitForever() {
        await(getRunningLoop().<@Nullable Void>createFuture());
    }

    /// Runs code on a thread that is interrupted when the portal's code has begun.
    private static @Nullable Throwable interruptedIn(CountDownLatch begun, Runnable code) throws InterruptedException {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().name("caller").start(() -> {
            try {
                code.run();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        begun.await();
        thread.interrupt();
        thread.join();
        return thrown.get();
    }

    @Test
    void call_body_runsOnTheLoopsThreadAndReturnsItsResult() {
        try (BlockingPortal portal = start()) {
            assertThat(portal.call(() -> {
                        await(sleep(Duration.ofNanos(1)));
                        assertThat(getRunningLoop()).isSameAs(portal.loop());
                        return 42;
                    }))
                    .isEqualTo(42);
            portal.call(() -> notes.add("no result"));
        }
        assertThat(notes).containsExactly("no result");
    }

    @Test
    void call_bodyFails_checkedExceptionComesOutAsItIs() {
        IOException failure = new IOException("disk");
        try (BlockingPortal portal = start()) {
            assertThatThrownBy(() -> portal.call(() -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
        }
        assertThat(InVirtualTime.findings(logger)).isEmpty();
    }

    @Test
    void call_context_isACopyOfTheCallers() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        variable.set("caller's");
        try (BlockingPortal portal = start()) {
            assertThat(portal.call(() -> {
                        String seen = variable.get();
                        variable.set("the loop's");
                        return seen;
                    }))
                    .isEqualTo("caller's");
        }
        assertThat(variable.get()).isEqualTo("caller's");
    }

    @Test
    void call_onTheLoopsOwnThread_isRefusedAtOnce() {
        try (BlockingPortal portal = start()) {
            portal.call(() -> {
                assertThatThrownBy(() -> portal.call(() -> 1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("wait for itself");
                assertThatThrownBy(portal::close).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> portal.open(out -> out.emit(1))).isInstanceOf(IllegalStateException.class);
                assertThat(await(portal.startTask(() -> 7)))
                        .as("which waits for nothing")
                        .isEqualTo(7);
            });
        }
    }

    @Test
    void call_afterClose_isRefused() {
        BlockingPortal portal = start();
        portal.close();
        portal.close();
        assertThatThrownBy(() -> portal.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("start another portal");
        assertThatThrownBy(() -> portal.startTask(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(portal.loop().isClosed()).isTrue();
    }

    @Test
    void call_threadInterrupted_coroutineIsCancelledAndWaitedFor() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean status = new AtomicBoolean();
        try (BlockingPortal portal = start()) {
            Throwable thrown = interruptedIn(begun, () -> {
                try {
                    portal.call(() -> {
                        begun.countDown();
                        try {
                            waitForever();
                        } finally {
                            await(sleep(Duration.ofNanos(1)));
                            notes.add("cleaned up");
                        }
                    });
                } finally {
                    notes.add("caller goes on");
                    status.set(Thread.currentThread().isInterrupted());
                }
            });
            assertThat(thrown).isInstanceOf(CancelledError.class).hasMessage("the calling thread was interrupted");
            assertThat(thrown)
                    .hasToString("asyncio.CancelledError: the calling thread was interrupted"
                            + " (cancelled by thread caller)");
        }
        assertThat(notes).containsExactly("cleaned up", "caller goes on");
        assertThat(status).isTrue();
    }

    @Test
    void call_threadInterruptedTwice_leavesAtOnceAndTheCoroutineGoesOn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch refusing = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(1);
        try (BlockingPortal portal = start()) {
            Thread caller = Thread.ofPlatform().start(() -> {
                assertThatThrownBy(() -> portal.call(() -> {
                            begun.countDown();
                            try {
                                waitForever();
                            } catch (CancelledError e) {
                                refusing.countDown();
                                await(toThread(() -> left.await()));
                                notes.add("ended later");
                            }
                        }))
                        .isInstanceOf(CancelledError.class);
                left.countDown();
            });
            begun.await();
            caller.interrupt();
            refusing.await();
            caller.interrupt();
            caller.join();
        }
        assertThat(notes).containsExactly("ended later");
    }

    @Test
    void call_threadIsInterruptedAlready_nothingRuns() {
        try (BlockingPortal portal = start()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> portal.call(() -> notes.add("ran"))).isInstanceOf(CancelledError.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(notes).isEmpty();
    }

    @Test
    void startTask_cancelled_taskIsCancelledAndCloseWaitsForIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (BlockingPortal portal = start()) {
            CompletableFuture<@Nullable Void> task = portal.startTask(() -> {
                begun.countDown();
                try {
                    waitForever();
                } finally {
                    await(sleep(Duration.ofNanos(1)));
                    notes.add("cleaned up");
                }
            });
            begun.await();
            assertThat(task.cancel(false)).isTrue();
            assertThatThrownBy(task::join).isInstanceOf(CancellationException.class);
        }
        assertThat(notes).containsExactly("cleaned up");
    }

    @Test
    void startTask_failsAfterItWasCancelled_exceptionHandlerIsTold() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (BlockingPortal portal = start()) {
            CompletableFuture<@Nullable Void> task = portal.startTask(() -> {
                begun.countDown();
                try {
                    waitForever();
                } finally {
                    fail("clean-up");
                }
            });
            begun.await();
            task.cancel(false);
        }
        assertThat(logger.messagesWith("failed after it was cancelled")).hasSize(1);
    }

    private static void fail(String words) {
        throw new IllegalArgumentException(words);
    }

    @Test
    void close_callsRun_waitsForThemAndTakesNoMore() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        BlockingPortal portal = start();
        CompletableFuture<String> running = portal.startTask(() -> {
            await(toThread(() -> release.await()));
            return "done";
        });
        Thread closer = Thread.ofPlatform().start(portal::close);
        while (!portal.toString().contains("closed")) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> portal.call(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(running.isDone()).isFalse();
        release.countDown();
        closer.join();
        assertThat(running.join()).isEqualTo("done");
        assertThat(portal.loop().isClosed()).isTrue();
    }

    @Test
    void cancelAll_callsRun_theyAreCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (BlockingPortal portal = start()) {
            CompletableFuture<@Nullable Void> running = portal.startTask(() -> {
                begun.countDown();
                waitForever();
            });
            begun.await();
            portal.cancelAll();
            assertThatThrownBy(running::join).isInstanceOf(CancellationException.class);
            assertThat(portal.call(() -> 1)).as("still open").isEqualTo(1);
        }
    }

    @Test
    void close_interrupted_cancelsWhatRunsAndEndsTheLoop() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BlockingPortal portal = start();
        CompletableFuture<@Nullable Void> running = portal.startTask(() -> {
            begun.countDown();
            waitForever();
        });
        begun.await();
        Thread.currentThread().interrupt();
        portal.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(running).isCancelled();
        assertThat(portal.loop().isClosed()).isTrue();
    }

    @Test
    void systemExit_inACall_comesOutOfItAndPendingCallsFail() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BlockingPortal portal = start();
        CompletableFuture<@Nullable Void> pending = portal.startTask(() -> {
            begun.countDown();
            waitForever();
        });
        begun.await();
        assertThatThrownBy(() -> portal.call(() -> {
                    throw new SystemExit(3);
                }))
                .isInstanceOf(SystemExit.class);
        assertThatThrownBy(pending::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the portal's loop has ended")
                .hasCauseInstanceOf(SystemExit.class);
        assertThatThrownBy(() -> portal.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(SystemExit.class);
        portal.close();
    }

    @Test
    void systemExit_inABackgroundTask_comesOutOfClose() {
        BlockingPortal portal = start();
        assertThatThrownBy(() -> portal.call(() -> {
                    createTask(() -> {
                        throw new SystemExit(4);
                    });
                    waitForever();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(portal::close).isInstanceOf(SystemExit.class);
        portal.close();
    }

    @Test
    void loopStopped_byACall_pendingCallsFailAndNothingHangs() {
        try (BlockingPortal portal = start()) {
            assertThatThrownBy(() -> portal.call(() -> {
                        getRunningLoop().stop();
                        waitForever();
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the portal's loop has ended");
        }
    }

    @Test
    void backgroundTasks_atClose_areCancelledAndWaitedFor() {
        try (BlockingPortal portal = start()) {
            portal.call(() -> {
                createTask(() -> {
                    try {
                        waitForever();
                    } finally {
                        notes.add("background ended");
                    }
                });
                await(sleep(Duration.ZERO));
            });
            notes.add("closing");
        }
        assertThat(notes).containsExactly("closing", "background ended");
    }

    @Test
    void to_fromAWorkerThread_callsIntoTheLoopThatWaitsForIt() {
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            assertThat(await(toThread(() -> {
                        try (BlockingPortal portal = BlockingPortal.to(loop)) {
                            return portal.call(() -> {
                                await(sleep(Duration.ofSeconds(1)));
                                return getRunningLoop() == loop;
                            });
                        }
                    })))
                    .isTrue();
            assertThat(loop.isRunning()).as("not the portal's to end").isTrue();
        });
    }

    @Test
    void to_workerOfACancelledTask_callIsCancelledAlong() {
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            asyncio.Future<Integer> begun = loop.createFuture();
            Task<@Nullable Void> task = createTask(() -> await(toThread(
                    () -> {
                        try (BlockingPortal portal = BlockingPortal.to(loop)) {
                            portal.call(() -> {
                                begun.setResult(1);
                                try {
                                    waitForever();
                                } finally {
                                    notes.add("call ended");
                                }
                            });
                        }
                    },
                    ThreadOptions.DEFAULT.interruptible(true).awaited(true))));
            await(begun);
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
        assertThat(notes).containsExactly("call ended");
    }

    @Test
    void to_loopCloses_callFails() throws Exception {
        EventLoop loop = EventLoop.create();
        BlockingPortal portal = BlockingPortal.to(loop);
        CompletableFuture<Integer> queued = portal.startTask(() -> 1);
        loop.close();
        assertThatThrownBy(queued::join).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> portal.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Event loop is closed");
        portal.close();
    }

    @Test
    void open_resource_isAcquiredAndReleasedInOneTask() {
        AtomicReference<@Nullable Task<?>> acquirer = new AtomicReference<>();
        try (BlockingPortal portal = start()) {
            Lock lock = new Lock();
            try (PortalResource<String> resource = portal.open(out -> {
                await(lock.acquire());
                acquirer.set(currentTask());
                try {
                    out.emit("resource");
                    assertThat(currentTask()).isSameAs(acquirer.get());
                } finally {
                    lock.release();
                    notes.add("released");
                }
            })) {
                notes.add(resource.value());
                assertThat(portal.<Boolean>call(lock::isLocked)).isTrue();
            }
            notes.add("closed");
            assertThat(portal.<Boolean>call(lock::isLocked)).isFalse();
        }
        assertThat(notes).containsExactly("resource", "released", "closed");
    }

    @Test
    void open_bodyFailsOrEmitsNothingOrTwice_isSaid() {
        try (BlockingPortal portal = start()) {
            IOException failure = new IOException("no such resource");
            assertThatThrownBy(() -> portal.<Integer>open(out -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThatThrownBy(() -> portal.<Integer>open(out -> notes.add("nothing")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("emits the resource");
            PortalResource<Integer> twice = portal.open(out -> {
                out.emit(1);
                out.emit(2);
            });
            assertThatThrownBy(twice::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("emit must be called once");
            twice.close();
        }
    }

    @Test
    void open_portalCloses_resourceIsReleasedByCancellation() {
        PortalResource<Integer> resource;
        try (BlockingPortal portal = start()) {
            resource = portal.open(out -> {
                try {
                    out.emit(1);
                    notes.add("went on");
                } finally {
                    await(sleep(Duration.ofNanos(1)));
                    notes.add("released");
                }
            });
        }
        assertThat(notes).containsExactly("released");
        resource.close();
        assertThat(resource.value()).isEqualTo(1);
    }

    @Test
    void close_interruptedWithAnOpenResource_releaseIsNotDisturbed() {
        BlockingPortal portal = start();
        PortalResource<Integer> resource = portal.open(out -> {
            try {
                out.emit(1);
            } finally {
                await(sleep(Duration.ofMillis(1)));
                notes.add("released");
            }
        });
        Thread.currentThread().interrupt();
        portal.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(notes).containsExactly("released");
        resource.close();
    }

    @Test
    void closeOfAResource_interruptedThread_releasesAllTheSame() {
        try (BlockingPortal portal = start()) {
            PortalResource<Integer> resource = portal.open(out -> {
                out.emit(1);
                await(sleep(Duration.ofMillis(1)));
                notes.add("released");
            });
            Thread.currentThread().interrupt();
            resource.close();
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(notes).containsExactly("released");
    }

    @Test
    void open_threadInterruptedWhileItWaits_bodyIsCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (BlockingPortal portal = start()) {
            Throwable thrown = interruptedIn(
                    begun,
                    () -> portal.<Integer>open(out -> {
                        begun.countDown();
                        try {
                            waitForever();
                        } finally {
                            notes.add("given up");
                        }
                    }));
            assertThat(thrown).isInstanceOf(CancelledError.class);
        }
        assertThat(notes).containsExactly("given up");
    }

    @Test
    void call_tenThousandTimesFromEightThreads_noneIsLost() throws Exception {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(8);
                BlockingPortal portal = start()) {
            List<Future<Long>> sums = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sums.add(threads.submit(() -> {
                    long sum = 0;
                    for (int number = next.getAndIncrement(); number < 10_000; number = next.getAndIncrement()) {
                        int value = number;
                        sum += portal.call(() -> {
                            ran.incrementAndGet();
                            if (value % 3 == 0) {
                                await(sleep(Duration.ZERO));
                            }
                            return value;
                        });
                    }
                    return sum;
                }));
            }
            long total = 0;
            for (Future<Long> each : sums) {
                total += each.get();
            }
            assertThat(total).isEqualTo(9_999L * 10_000 / 2);
        }
        assertThat(ran).hasValue(10_000);
    }
}
