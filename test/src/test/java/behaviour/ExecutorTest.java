package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ExecutorTest {
    @Test
    @Spec("EXE-1")
    void runInExecutor_none_usesTheDefaultWhoseThreadsAreNamedAfterUs() {
        InVirtualTime.run(() -> {
            String name = await(getRunningLoop()
                    .runInExecutor(null, () -> Thread.currentThread().getName()));
            assertThat(name).startsWith("asyncio");
        });
    }

    @Test
    @Spec("EXE-1")
    void runInExecutor_given_usesThat() {
        try (ExecutorService mine = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("mine").factory())) {
            InVirtualTime.run(() -> {
                assertThat(await(getRunningLoop()
                                .runInExecutor(
                                        mine, () -> Thread.currentThread().getName())))
                        .isEqualTo("mine");
            });
            assertThat(mine.isShutdown()).as("not the loop's to shut down").isFalse();
        }
    }

    @Test
    @Spec("EXE-1")
    void setDefaultExecutor_given_isUsedAndShutDownWithTheLoop() {
        ExecutorService mine = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("mine").factory());
        InVirtualTime.run(() -> {
            getRunningLoop().setDefaultExecutor(mine);
            assertThat(await(getRunningLoop()
                            .runInExecutor(null, () -> Thread.currentThread().getName())))
                    .isEqualTo("mine");
        });
        assertThat(mine.isTerminated()).isTrue();
    }

    @Test
    @Spec("EXE-1")
    void cancel_queuedWork_neverBegins_runningWorkGoesOn() {
        AtomicBoolean queuedRan = new AtomicBoolean();
        AtomicBoolean runningEnded = new AtomicBoolean();
        CountDownLatch release = new CountDownLatch(1);
        try (ExecutorService single = Executors.newSingleThreadExecutor()) {
            InVirtualTime.run(() -> {
                EventLoop loop = getRunningLoop();
                Future<Integer> begun = loop.createFuture();
                Future<Integer> running = loop.runInExecutor(single, () -> {
                    loop.callSoonThreadsafe(() -> begun.setResult(1));
                    release.await();
                    runningEnded.set(true);
                    return 1;
                });
                Future<Integer> queued = loop.runInExecutor(single, () -> {
                    queuedRan.set(true);
                    return 2;
                });
                await(begun);
                assertThat(queued.cancel()).isTrue();
                assertThat(running.cancel()).isTrue();
                assertThatThrownBy(() -> await(running)).isInstanceOf(CancelledError.class);
                assertThatThrownBy(() -> await(queued)).isInstanceOf(CancelledError.class);
                await(sleep(Duration.ZERO));
                release.countDown();
            });
        }
        assertThat(runningEnded).isTrue();
        assertThat(queuedRan).isFalse();
    }

    @Test
    @Spec("EXE-1")
    void runInExecutor_afterTheShutdown_refused() {
        InVirtualTime.run(() -> {
            EventLoop loop = getRunningLoop();
            await(loop.shutdownDefaultExecutor(Duration.ofMinutes(1)));
            assertThatThrownBy(() -> loop.runInExecutor(null, () -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Executor shutdown has been called");
            try (ExecutorService mine = Executors.newSingleThreadExecutor()) {
                assertThatThrownBy(() -> loop.setDefaultExecutor(mine)).isInstanceOf(IllegalStateException.class);
                assertThat(await(loop.runInExecutor(mine, () -> 7))).isEqualTo(7);
            }
        });
    }

    @Test
    @Spec("EXE-1")
    void runInExecutor_rejected_throwsAndLeavesNoFuturePending() {
        ExecutorService full = Executors.newSingleThreadExecutor();
        full.close();
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> getRunningLoop().runInExecutor(full, () -> 1))
                    .isInstanceOf(RejectedExecutionException.class);
        });
    }

    @Test
    @Spec({"F-R-7", "WRN-2"})
    void shutdownDefaultExecutor_stuckThread_isLeftBehindWithAWarning() {
        RecordingLogger logger = new RecordingLogger();
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        String result = InVirtualTime.run(logger, () -> {
            EventLoop loop = getRunningLoop();
            Future<Integer> begun = loop.createFuture();
            Future<Integer> stuck = loop.runInExecutor(null, () -> {
                loop.callSoonThreadsafe(() -> begun.setResult(1));
                try {
                    never.await();
                } catch (InterruptedException e) {
                    interrupted.set(true);
                }
                ended.countDown();
                return 1;
            });
            await(begun);
            await(loop.shutdownDefaultExecutor(Duration.ofMillis(1)));
            assertThat(stuck.isDone()).isFalse();
            ended.await(); // the warning has interrupted it
            return "went on";
        });
        assertThat(result).isEqualTo("went on");
        assertThat(interrupted).isTrue();
        assertThat(logger.messagesWith("did not finish its work within PT0.001S"))
                .hasSize(1);
    }

    @Test
    @Spec({"DBG-4", "AS101"})
    void runInExecutor_bodyOnlyMakesACoroutine_itIsReportedAsForgotten() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            await(getRunningLoop().runInExecutor(null, () -> async(() -> 1)));
        });
        assertThat(logger.messagesWith("AS101"))
                .singleElement()
                .satisfies(message -> assertThat(message).contains("was never awaited"));
    }

    @Test
    @Spec("DBG-4")
    void runInExecutor_bodyMakesACoroutineThatIsAwaited_isFine() {
        InVirtualTime.run(() -> {
            assertThat(await(await(getRunningLoop().runInExecutor(null, () -> async(() -> 7)))))
                    .isEqualTo(7);
        });
    }
}
