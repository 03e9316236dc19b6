package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Starting, stopping and iterating.
class LoopRunTest extends LoopFixture {
    private final RecordingPoller poller = new RecordingPoller();

    private EventLoop recordedLoop() {
        return EventLoop.create(options().poller(() -> poller));
    }

    @Test
    @Spec({"F-LOOP-1", "LOOP-5", "LOOP-6"})
    void callSoon_severalCallbacks_eachOnceInOrderAndLaterOnesAfterAPoll() {
        try (EventLoop loop = recordedLoop()) {
            loop.callSoon(() -> {
                note("a");
                loop.callSoon(() -> {
                    note("d");
                    loop.stop();
                });
            });
            loop.callSoon(() -> note("b"));
            loop.callSoon(() -> note("c"));

            loop.runForever();
        }

        assertThat(notes).containsExactly("poll", "a", "b", "c", "poll", "d");
        assertThat(poller.waits).containsOnly(Duration.ZERO);
    }

    @Test
    @Spec("LOOP-5")
    void runForever_timersOnly_pollsOnceForEachAndWaitsExactlyUntilTheNext() {
        try (EventLoop loop = recordedLoop()) {
            loop.callLater(Duration.ofMillis(30), loop::stop);
            loop.callLater(Duration.ofMillis(10), () -> note("first"));

            loop.runForever();
        }

        assertThat(notes).containsExactly("poll", "first", "poll");
        assertThat(poller.waits).containsExactly(Duration.ofMillis(10), Duration.ofMillis(20));
    }

    @Test
    @Spec("LOOP-5")
    void runForever_readyCallbackAndDueTimer_readyFirst() {
        try (EventLoop loop = newLoop()) {
            loop.callLater(SECOND, () -> {
                note("timer");
                loop.stop();
            });
            loop.callSoon(() -> {
                time.advance(SECOND);
                loop.callSoon(() -> note("ready"));
            });

            loop.runForever();
        }

        assertThat(notes).containsExactly("ready", "timer");
    }

    @Test
    @Spec("LOOP-1")
    void stop_beforeTheRun_oneIterationThatDoesNotWait() {
        try (EventLoop loop = recordedLoop()) {
            loop.callLater(SECOND, () -> note("timer"));
            loop.callSoon(() -> {
                note("ready");
                loop.callSoon(() -> note("added"));
            });

            runOnce(loop);

            assertThat(notes).containsExactly("poll", "ready");
            assertThat(poller.waits).containsExactly(Duration.ZERO);
            assertThat(loop.isRunning()).isFalse();
        }
    }

    @Test
    @Spec({"LOOP-1", "F-LOOP-4"})
    void stop_inACallback_restOfTheIterationRunsAndWhatItAddsWaitsForTheNextRun() {
        try (EventLoop loop = newLoop()) {
            loop.callSoon(() -> {
                note("one");
                loop.stop();
                loop.callSoon(() -> note("three"));
            });
            loop.callSoon(() -> note("two"));

            loop.runForever();
            assertThat(notes).containsExactly("one", "two");

            runOnce(loop);
            assertThat(notes).containsExactly("one", "two", "three");
        }
    }

    @Test
    @Spec({"LOOP-2", "F-LOOP-5"})
    void runUntilComplete_stoppedFirst_saysSoAndLeavesTheFuturePending() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            loop.callSoon(loop::stop);

            assertThatThrownBy(() -> loop.runUntilComplete(future))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Event loop stopped before Future completed.");
            assertThat(future.isDone()).isFalse();

            loop.callSoon(() -> future.setResult("later"));
            assertThat(loop.runUntilComplete(future)).isEqualTo("later");
        }
    }

    @Test
    @Spec("LOOP-2")
    void runUntilComplete_coroutine_itsResult() {
        try (EventLoop loop = newLoop()) {
            assertThat(loop.runUntilComplete(sleep(SECOND, "done"))).isEqualTo("done");
            assertThat(time.now()).isEqualTo(SECOND);
        }
    }

    @Test
    @Spec("LOOP-2")
    void runUntilComplete_failingCoroutine_sameExceptionAndNoReport() {
        IllegalArgumentException failure = new IllegalArgumentException("broken");
        try (EventLoop loop = newLoop()) {
            assertThatThrownBy(() -> loop.runUntilComplete(async(() -> {
                        turn();
                        throw failure;
                    })))
                    .isSameAs(failure);
        }

        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-2")
    void runUntilComplete_systemExit_noStopIsLeftBehindForTheNextRun() {
        try (EventLoop loop = newLoop()) {
            assertThatThrownBy(() -> loop.runUntilComplete(async(() -> {
                        throw new SystemExit(3);
                    })))
                    .isInstanceOf(SystemExit.class);

            assertThat(loop.runUntilComplete(sleep(SECOND, "again"))).isEqualTo("again");
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-2")
    void runUntilComplete_doneFuture_itsResultWithoutWaiting() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();
            future.setResult("there");
            loop.callLater(SECOND, () -> note("timer"));

            assertThat(loop.runUntilComplete(future)).isEqualTo("there");
        }
        assertThat(time.now()).isEqualTo(Duration.ZERO);
        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("LOOP-10")
    void getRunningLoop_insideAndOutside_theLoopOrAnError() {
        assertThatThrownBy(Asyncio::getRunningLoop)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no running event loop");

        try (EventLoop loop = newLoop()) {
            assertThatThrownBy(Asyncio::getRunningLoop).isInstanceOf(IllegalStateException.class);
            List<EventLoop> seen = new ArrayList<>();
            loop.callSoon(() -> seen.add(getRunningLoop()));
            loop.runUntilComplete(async(() -> {
                turn();
                seen.add(getRunningLoop());
            }));

            assertThat(seen).containsExactly(loop, loop);
        }
        assertThatThrownBy(Asyncio::getRunningLoop).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Spec("LOOP-12")
    void run_withPollerAndOrderOfOnesOwn_loopUsesAndClosesThem() {
        List<Integer> choices = new ArrayList<>();
        LoopOptions own = options().name("own").poller(() -> poller).readyOrder(() -> count -> {
            choices.add(count);
            return count > 1 ? 1 : 0;
        });

        String name = Asyncio.run(
                async(() -> {
                    for (String text : List.of("a", "b", "c")) {
                        getRunningLoop().callSoon(() -> note(text));
                    }
                    turn();
                    return getRunningLoop().name();
                }),
                RunOptions.defaults().loop(own));

        assertThat(name).isEqualTo("own");
        assertThat(poller.closed).isTrue();
        assertThat(choices).contains(4, 3, 2, 1);
        assertThat(notes).containsSubsequence("b", "c", "a"); // the second of those that are ready
    }

    @Test
    void run_loopsOnSeveralThreads_doNotMeet() throws InterruptedException {
        int threads = 4;
        CountDownLatch allRun = new CountDownLatch(threads);
        List<Object> seen = new ArrayList<>();
        List<Thread> started = IntStream.range(0, threads)
                .mapToObj(number -> Thread.ofPlatform().start(() -> {
                    Object result;
                    try {
                        result = Asyncio.run(async(() -> {
                            allRun.countDown();
                            allRun.await(); // blocks this loop: the others must start all the same
                            EventLoop mine = getRunningLoop();
                            List<Task<Integer>> tasks = new ArrayList<>();
                            for (int i = 0; i < 50; i++) {
                                int value = i;
                                tasks.add(Asyncio.createTask(() -> {
                                    turns(3);
                                    assertThat(getRunningLoop()).isSameAs(mine);
                                    return value;
                                }));
                            }
                            int sum = 0;
                            for (Task<Integer> task : tasks) {
                                sum += await(task);
                            }
                            return sum;
                        }));
                    } catch (RuntimeException | Error e) {
                        result = e;
                    }
                    synchronized (seen) {
                        seen.add(result);
                    }
                }))
                .toList();
        for (Thread thread : started) {
            thread.join();
        }

        assertThat(seen).containsExactly(1225, 1225, 1225, 1225);
    }

    @Test
    void run_onAVirtualThread_usesTheBatonEngine() throws InterruptedException {
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try (EventLoop loop = EventLoop.create(options().engine("auto"))) {
                String text = loop.runUntilComplete(async(() -> {
                    Task<String> child = Asyncio.createTask(sleep(SECOND, "child"));
                    return await(child);
                }));
                outcome.set(text + " on " + loop.engine());
            } catch (RuntimeException | Error e) {
                outcome.set(e);
            }
        });
        thread.join();

        assertThat(outcome.get()).isEqualTo("child on baton");
    }

    @Test
    void run_fastEngineOnAVirtualThread_refusedWithTheReason() throws InterruptedException {
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try (EventLoop loop = EventLoop.create(options().engine("fast"))) {
                loop.stop();
                loop.runForever();
                outcome.set("ran");
            } catch (IllegalStateException e) {
                outcome.set(e);
            }
        });
        thread.join();

        assertThat(outcome.get())
                .asString()
                .contains("IllegalStateException", "fast engine cannot run on a virtual thread");
    }

    @Test
    void runForever_threadInterrupted_loopGoesOnAndTheCallerGetsTheInterruptBack() {
        try (EventLoop loop = EventLoop.create(realOptions())) {
            Thread.currentThread().interrupt();
            String result = loop.runUntilComplete(async(() -> {
                assertThat(Thread.currentThread().isInterrupted()).isFalse(); // a task has its own thread
                await(sleep(Duration.ofMillis(2)));
                return "done";
            }));

            assertThat(result).isEqualTo("done");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void runForever_interruptedWhileItWaits_stillServesWhatComesLater() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        AtomicReference<Object> outcome = new AtomicReference<>();
        try (EventLoop loop = EventLoop.create(realOptions())) {
            Thread thread = Thread.ofPlatform().start(() -> {
                loop.callSoon(running::countDown);
                loop.runForever();
                outcome.set(Thread.interrupted());
            });
            running.await();
            while (!isWaiting(thread)) {
                Thread.onSpinWait(); // an interrupt of a carrier is seen only while it waits
            }
            thread.interrupt();
            loop.callSoonThreadsafe(() -> loop.callLater(Duration.ofMillis(1), loop::stop));
            thread.join();
        }

        assertThat(outcome.get()).isEqualTo(true);
    }

    private static boolean isWaiting(Thread thread) {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    @Test
    void toString_openAndClosed_nameStateAndTasks() {
        EventLoop loop = EventLoop.create(options().name("main"));
        assertThat(loop).hasToString("<EventLoop main idle tasks=0>");
        String inside = loop.runUntilComplete(async(loop::toString));
        loop.close();

        assertThat(inside).isEqualTo("<EventLoop main running tasks=1>");
        assertThat(loop).hasToString("<EventLoop main closed tasks=0>");
    }
}
