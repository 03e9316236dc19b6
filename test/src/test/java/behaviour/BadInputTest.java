package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimerHandle;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What wrong input gets, and that the loop goes on.
class BadInputTest extends LoopFixture {
    private static final Duration PAST = Duration.ofSeconds(Long.MIN_VALUE);

    @Test
    @Spec("F-LOOP-17")
    void nullDuration_refusedAtOnceAndNamed() {
        runMain(() -> {
            EventLoop loop = getRunningLoop();
            List<ThrowingCallable> calls = List.of(
                    () -> sleep(nothing()),
                    () -> loop.callLater(nothing(), () -> note("ran")),
                    () -> loop.callAt(nothing(), () -> note("ran")),
                    () -> timeout(nothing()),
                    () -> timeout(nothing(), () -> note("ran")),
                    () -> asyncio.Asyncio.timeoutAt(nothing()));
            for (ThrowingCallable call : calls) {
                assertThatThrownBy(call)
                        .isInstanceOf(NullPointerException.class)
                        .hasMessageContaining("must not be null");
            }
            Future<String> future = loop.createFuture();
            assertThatThrownBy(() -> waitFor(future, nothing())).hasMessageContaining("timeout must not be null");
            turns(2);
        });

        assertThat(notes).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-7")
    void overflowingDelay_neverFiresAndDelaysNobody() {
        runMain(() -> {
            EventLoop loop = getRunningLoop();
            time.advance(SECOND); // now plus the delay does not fit
            TimerHandle later = loop.callLater(FOREVER, () -> note("later"));
            TimerHandle at = loop.callAt(FOREVER, () -> note("at"));
            Task<@Nullable Void> sleeper = createTask(() -> {
                await(sleep(FOREVER));
            });
            Task<String> limited = createTask(() -> await(waitFor(sleep(SECOND, "in time"), FOREVER)));
            Task<String> bounded = createTask(() -> await(timeout(FOREVER, () -> await(sleep(SECOND, "in time")))));
            assertThat(await(limited)).isEqualTo("in time");
            assertThat(await(bounded)).isEqualTo("in time");
            assertThat(sleeper.isDone()).isFalse();
            assertThat(later.when()).isEqualTo(at.when()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
            sleeper.cancel();
            assertThatThrownBy(() -> await(sleeper)).isInstanceOf(CancelledError.class);
        });

        assertThat(notes).isEmpty();
        assertThat(time.now()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    @Spec("LOOP-7")
    void deadlineOfLongAgo_firesAtOnce() {
        RecordingPoller poller = new RecordingPoller();
        time.advance(SECOND);
        try (EventLoop loop = EventLoop.create(options().poller(() -> poller))) {
            loop.callAt(PAST, () -> {
                note("past");
                loop.stop();
            });
            loop.runForever();
        }

        assertThat(poller.waits).containsExactly(Duration.ZERO);
        assertThat(notes).containsExactly("poll", "past");
    }

    @Test
    @Spec("TO-1")
    void negativeTimeouts_letTheBodyBeginOrNot() {
        runMain(() -> {
            assertThatThrownBy(() -> await(timeout(PAST, () -> {
                        note("timeout body");
                        await(sleep(SECOND));
                    })))
                    .isInstanceOf(asyncio.TimeoutException.class);
            assertThatThrownBy(() -> await(waitFor(noting("waitFor body"), PAST)))
                    .isInstanceOf(asyncio.TimeoutException.class);
            assertThatThrownBy(() -> await(asyncio.Asyncio.timeoutAt(PAST, () -> await(sleep(SECOND, "late")))))
                    .isInstanceOf(asyncio.TimeoutException.class);
        });

        assertThat(notes).containsExactly("timeout body");
        assertThat(time.now()).isEqualTo(Duration.ZERO);
    }

    @Test
    @Spec("CORO-1")
    void await_inACallback_refusedAndTheLoopGoesOn() {
        Coroutine<String> coroutine = async(() -> "value");
        try (EventLoop loop = newLoop()) {
            Future<String> pending = loop.createFuture();
            loop.callSoon(() -> assertThatThrownBy(() -> await(coroutine))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this is a callback"));
            loop.callSoon(() -> assertThatThrownBy(() -> await(pending))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("await must be called in a task"));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
            assertThat(loop.runUntilComplete(coroutine)).isEqualTo("value"); // refused, so unused
        }

        assertThat(notes).containsExactly("next");
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("CORO-1")
    void await_outsideAnyLoop_refused() {
        Coroutine<String> coroutine = async(() -> "value");
        assertThatThrownBy(() -> await(coroutine))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no event loop runs this thread");
        assertThatThrownBy(() -> await(new java.util.concurrent.CompletableFuture<String>()))
                .isInstanceOf(IllegalStateException.class);

        assertThat(runMain(() -> await(coroutine))).isEqualTo("value");
    }

    @Test
    @Spec("FUT-5")
    void await_futureOfALoopOnAnotherThread_refusedNamingBoth() throws InterruptedException {
        EventLoop other = EventLoop.create(realOptions().name("other loop"));
        CountDownLatch running = new CountDownLatch(1);
        AtomicReference<Future<String>> made = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(other::runForever);
        other.callSoonThreadsafe(() -> {
            made.set(other.createFuture());
            running.countDown();
        });
        running.await();
        try {
            runMain(() -> {
                getRunningLoop().setExceptionHandler(null);
                assertThatThrownBy(() -> await(made.get()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("attached to a different loop")
                        .hasMessageContaining("other loop")
                        .hasMessageContaining(getRunningLoop().name());
                assertThatThrownBy(() -> await(waitFor(made.get(), SECOND))).isInstanceOf(IllegalStateException.class);
                note("went on");
            });
        } finally {
            other.callSoonThreadsafe(other::stop);
            thread.join();
            other.close();
        }

        assertThat(notes).containsExactly("went on");
    }

    @Test
    @Spec("LOOP-8")
    void resultWhoseToStringFails_isReportedWithoutEndingTheLoop() {
        Object hostile = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("toString broken");
            }
        };
        try (EventLoop loop = newLoop()) {
            Future<Object> future = loop.createFuture();
            future.addDoneCallback(done -> {
                throw new IllegalArgumentException("callback broken");
            });
            future.setResult(hostile);
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("next");
        assertThat(logger.messagesWith("Exception in callback")).hasSize(1);
    }

    @Test
    @Spec("LOOP-8")
    void endlessRecursionInACallback_reportedAndTheLoopGoesOn() {
        try (EventLoop loop = newLoop()) {
            loop.callSoon(BadInputTest::recurse);
            loop.callSoon(() -> note("next"));
            runOnce(loop);
            assertThat(loop.runUntilComplete(sleep(SECOND, "again"))).isEqualTo("again");
        }

        assertThat(notes).containsExactly("next");
        assertThat(findings())
                .singleElement()
                .satisfies(entry -> assertThat(entry.thrown()).isInstanceOf(StackOverflowError.class));
    }

    @SuppressWarnings("InfiniteRecursion")
    private static void recurse() {
        recurse();
    }
}
