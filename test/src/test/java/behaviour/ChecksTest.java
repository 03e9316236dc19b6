package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failing;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Body;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a loop reports in every mode: see `loop.Check`.
class ChecksTest {
    private final IllegalStateException lost = new IllegalStateException("failure");

    private final RecordingLogger logger = new RecordingLogger();

    @Test
    @Spec({"AS102", "WRN-1", "F-TASK-14"})
    void task_failsAndNobodyAwaitsIt_isReportedOnceThoughItIsHeld() {
        Task<?>[] held = new Task<?>[1];
        InVirtualTime.run(logger, () -> {
            held[0] = createTask(failing(lost), "lonely");
            await(sleep(millis(1)));
        });
        assertThat(held[0].isDone()).isTrue();
        assertThat(InVirtualTime.findings(logger)).singleElement().satisfies(entry -> {
            assertThat(entry.message())
                    .contains("AS102")
                    .contains("task lonely")
                    .contains("was never retrieved");
            assertThat(entry.thrown()).isSameAs(lost);
        });
    }

    @Test
    @Spec({"AS102", "F-TASK-14"})
    void task_failsAndItsExceptionIsLookedAt_isNotReported() {
        InVirtualTime.run(() -> {
            Task<?> failed = createTask(failing(lost));
            await(sleep(millis(1)));
            assertThat(failed.exception()).isSameAs(lost);
        });
    }

    @Test
    @Spec({"AS102", "WRN-1"})
    void task_failsAndIsDropped_isReportedWhenItIsGarbage() {
        InVirtualTime.run(logger, () -> {
            createTask(failing(lost), "dropped").setName("dropped, renamed");
            for (int i = 0; i < 500 && logger.messagesWith("AS102").isEmpty(); i++) {
                await(sleep(millis(1)));
                System.gc(); // the collector tells in its own time
            }
            assertThat(logger.messagesWith("AS102")).hasSize(1);
        });
        assertThat(logger.messagesWith("AS102")).hasSize(1);
    }

    @Test
    @Spec({"AS104", "WRN-1"})
    void close_tasksAndTimersLeft_saysWhatKeptTheLoopAlive() {
        EventLoop loop = EventLoop.create(InVirtualTime.loop(logger));
        Body<Integer> forever = () -> await(sleep(Duration.ofHours(1), 1));
        Task<?> task = loop.createTask(async(forever), asyncio.TaskOptions.named("forgotten"));
        loop.callSoon(() -> loop.callSoon(loop::stop));
        loop.runForever();
        loop.close();
        assertThat(task.isCancelled()).isTrue();
        assertThat(logger.messagesWith("AS104"))
                .singleElement()
                .satisfies(message -> assertThat(message)
                        .contains("closed with a task not done")
                        .contains("Task was destroyed but it is pending!")
                        .contains("name=forgotten")
                        .contains("timers: 1"));
    }

    @Test
    @Spec("AS202")
    void await_futureOfAnotherLoop_refusedNamingBothLoops() {
        try (EventLoop other = EventLoop.create(InVirtualTime.loop(logger).name("other"))) {
            Future<Integer> foreign = other.createFuture();
            InVirtualTime.run(() -> {
                assertThatThrownBy(() -> await(foreign))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS202")
                        .hasMessageContaining("attached to a different loop, other")
                        .hasMessageContaining(getRunningLoop().name());
            });
        }
    }

    @Test
    @Spec({"AS204", "LOOP-3"})
    void runForever_insideARunningLoop_refused() {
        InVirtualTime.run(() -> {
            EventLoop own = getRunningLoop();
            assertThatThrownBy(own::runForever)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already running")
                    .hasMessageContaining("AS204");
            try (EventLoop other = EventLoop.create(InVirtualTime.loop(logger))) {
                assertThatThrownBy(other::runForever)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("another loop is running")
                        .hasMessageContaining("AS204");
            }
            assertThat(getRunningLoop()).as("the running loop stays current").isSameAs(own);
            await(sleep(millis(1)));
        });
    }

    /// Awaits while it is initialised.
    private static final class Initialised {
        static final int VALUE = await(sleep(Duration.ofMillis(1), 7));
    }

    @Test
    @Spec("AS205")
    void await_inAClassInitialiser_worksOrSaysWhyNot() {
        InVirtualTime.run(() -> {
            if (getRunningLoop().engine().equals("fast")) {
                assertThatThrownBy(() -> assertThat(Initialised.VALUE).isEqualTo(7))
                        .isInstanceOf(ExceptionInInitializerError.class)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("AS205")
                        .hasMessageContaining("the class initialiser at behaviour.ChecksTest$Initialised.<clinit>");
            } else { // pins a thread of the JDK's instead of the loop's
                assertThat(Initialised.VALUE).isEqualTo(7);
            }
            await(sleep(millis(1)));
        });
    }

    @Test
    @Spec({"AS501", "WRN-1"})
    void callSoon_callbackThrows_isReportedAndTheLoopGoesOn() {
        String result = InVirtualTime.run(logger, () -> {
            getRunningLoop().callSoon(() -> {
                throw lost;
            });
            await(sleep(Duration.ZERO));
            return "went on";
        });
        assertThat(result).isEqualTo("went on");
        assertThat(InVirtualTime.findings(logger)).singleElement().satisfies(entry -> {
            assertThat(entry.message())
                    .contains("Exception in callback <Handle behaviour.ChecksTest>")
                    .contains("AS501");
            assertThat(entry.thrown()).isSameAs(lost);
        });
    }
}
