package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.TimerHandle;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `callLater`, `callAt` and `sleep`.
class TimersTest extends LoopFixture {
    private final RecordingPoller poller = new RecordingPoller();

    @Test
    @Spec({"LOOP-7", "F-LOOP-7"})
    void callLater_zero_afterWhatIsReady() {
        try (EventLoop loop = newLoop()) {
            loop.callSoon(() -> note("soon before"));
            loop.callLater(Duration.ZERO, () -> note("later"));
            loop.callSoon(() -> note("soon after"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("soon before", "soon after", "later");
    }

    @Test
    @Spec("LOOP-7")
    void callLater_negative_nextIteration() {
        try (EventLoop loop = newLoop()) {
            loop.callLater(Duration.ofSeconds(-5), () -> note("negative"));
            loop.callLater(Duration.ofSeconds(Long.MIN_VALUE), () -> note("most negative"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("negative", "most negative");
        assertThat(time.now()).isEqualTo(Duration.ZERO);
    }

    @Test
    @Spec({"LOOP-7", "F-LOOP-8"})
    void callLater_registeredInReverse_byDeadline() {
        List<Integer> fired = new ArrayList<>();
        try (EventLoop loop = newLoop()) {
            for (int i = 20; i > 0; i--) {
                int number = i;
                loop.callLater(Duration.ofMillis(i), () -> fired.add(number));
            }
            loop.runUntilComplete(sleep(SECOND));
        }

        assertThat(fired).isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    @Spec({"LOOP-7", "F-LOOP-8"})
    void callAt_equalDeadlines_firstInFirstOutAlsoAfterCancellations() {
        List<Integer> fired = new ArrayList<>();
        try (EventLoop loop = newLoop()) {
            List<TimerHandle> handles = IntStream.range(0, 50)
                    .mapToObj(i -> loop.callAt(SECOND, () -> fired.add(i)))
                    .toList();
            IntStream.of(0, 7, 21, 49).forEach(i -> handles.get(i).cancel());
            loop.runUntilComplete(sleep(SECOND.multipliedBy(2)));
        }

        assertThat(fired)
                .isEqualTo(IntStream.range(0, 50)
                        .filter(i -> i != 0 && i != 7 && i != 21 && i != 49)
                        .boxed()
                        .toList());
    }

    @Test
    @Spec({"LOOP-7", "F-LOOP-8"})
    void callLater_randomDelays_inOrderAndNeverEarly() {
        SplittableRandom random = new SplittableRandom(42);
        List<Duration> planned = new ArrayList<>();
        List<Duration> fired = new ArrayList<>();
        try (EventLoop loop = newLoop()) {
            for (int i = 0; i < 500; i++) {
                TimerHandle[] handle = new TimerHandle[1];
                handle[0] = loop.callLater(Duration.ofNanos(random.nextLong(1_000_000)), () -> {
                    assertThat(loop.time()).isGreaterThanOrEqualTo(handle[0].when());
                    fired.add(handle[0].when());
                });
                planned.add(handle[0].when());
            }
            loop.runUntilComplete(sleep(SECOND));
        }

        planned.sort(Comparator.naturalOrder());
        assertThat(fired).isEqualTo(planned);
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-7")
    void when_ofATimer_theTimeAskedFor() {
        try (EventLoop loop = newLoop()) {
            time.advance(SECOND);

            assertThat(loop.time()).isEqualTo(SECOND);
            assertThat(loop.callLater(SECOND, () -> note("ran")).when()).isEqualTo(Duration.ofSeconds(2));
            assertThat(loop.callAt(Duration.ofSeconds(7), () -> note("ran")).when())
                    .isEqualTo(Duration.ofSeconds(7));
        }
    }

    @Test
    @Spec({"LOOP-5", "F-LOOP-9"})
    void cancel_mostOfManyTimers_loopNeverWakesForThem() {
        try (EventLoop loop = EventLoop.create(options().poller(() -> poller))) {
            List<TimerHandle> handles = IntStream.rangeClosed(1, 200)
                    .mapToObj(i -> loop.callAt(Duration.ofSeconds(i), () -> note("fired " + i)))
                    .toList();
            IntStream.rangeClosed(1, 200)
                    .filter(i -> i % 4 != 0)
                    .forEach(i -> handles.get(i - 1).cancel());
            loop.callAt(Duration.ofSeconds(201), loop::stop);

            loop.runForever();
        }

        assertThat(poller.waits).hasSize(51).startsWith(Duration.ofSeconds(4));
        assertThat(notes.stream().filter(text -> text.startsWith("fired"))).hasSize(50);
    }

    @Test
    @Spec("LOOP-8")
    void cancel_ofATimerThatIsDueInThisIteration_doesNotRun() {
        try (EventLoop loop = newLoop()) {
            TimerHandle[] second = new TimerHandle[1];
            loop.callAt(SECOND, () -> second[0].cancel());
            second[0] = loop.callAt(SECOND, () -> note("second"));
            loop.callAt(SECOND, () -> note("third"));
            loop.runUntilComplete(sleep(Duration.ofSeconds(2)));

            assertThat(second[0].isCancelled()).isTrue();
        }

        assertThat(notes).containsExactly("third");
    }

    @Test
    @Spec("TASK-10")
    void sleep_result_returned() {
        String result = runMain(() -> await(sleep(SECOND, "value")));

        assertThat(result).isEqualTo("value");
        assertThat(time.now()).isEqualTo(SECOND);
    }

    @Test
    @Spec("TASK-10")
    void sleep_cancelled_itsTimerIsGone() {
        try (EventLoop loop = EventLoop.create(options().poller(() -> poller))) {
            loop.runUntilComplete(async(() -> {
                Task<@Nullable Void> sleeper = createTask(() -> {
                    await(sleep(Duration.ofHours(1)));
                });
                turn();
                sleeper.cancel();
                assertThatThrownBy(() -> await(sleeper)).isInstanceOf(CancelledError.class);
                await(sleep(SECOND));
            }));
        }

        assertThat(time.now()).isEqualTo(SECOND);
        assertThat(poller.waits).contains(SECOND).doesNotContain(Duration.ofHours(1), Duration.ofMinutes(59));
    }

    @Test
    @Spec({"CORO-2", "TASK-10"})
    void sleep_zeroOrNegative_oneTripThroughTheReadyQueue() {
        runMain(() -> {
            Task<@Nullable Void> other = createTask(() -> {
                for (int i = 0; i < 4; i++) {
                    note("other " + i);
                    turn();
                }
            });
            note("zero");
            await(sleep(Duration.ZERO));
            note("negative");
            await(sleep(Duration.ofSeconds(-1)));
            note("most negative");
            await(sleep(Duration.ofSeconds(Long.MIN_VALUE)));
            note("end");
            await(other);
        });

        assertThat(notes)
                .containsExactly(
                        "zero", "other 0", "negative", "other 1", "most negative", "other 2", "end", "other 3");
        assertThat(time.now()).isEqualTo(Duration.ZERO);
    }

    @Test
    @Spec("F-LOOP-18")
    void slowCallback_inDebugMode_warningThatNamesIt() {
        time.advance(SECOND); // the step clock's 0 means that no step runs
        try (EventLoop loop = EventLoop.create(options().stepClock(time).debug(true))) {
            loop.callSoon(() -> time.advance(Duration.ofMillis(150)));
            loop.callSoon(() -> time.advance(Duration.ofMillis(50)));
            Task<@Nullable Void> task = loop.createTask(async(() -> {
                time.advance(Duration.ofMillis(300));
            }));
            task.setName("slow one");
            loop.runUntilComplete(task);
        }

        assertThat(logger.messagesWith("Executing"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("AS301", "<Handle behaviour.TimersTest", "took 150 ms"),
                        second -> assertThat(second).contains("AS301", "name=slow one", "took 300 ms"));
    }

    @Test
    @Spec("F-LOOP-18")
    void slowCallback_withoutDebugMode_silence() {
        try (EventLoop loop = EventLoop.create(options().stepClock(time).debug(false))) {
            loop.callSoon(() -> time.advance(Duration.ofMillis(150)));
            runOnce(loop);
        }

        assertThat(findings()).isEmpty();
    }
}
