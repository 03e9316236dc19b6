package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A loop that is driven one iteration at a time.
class RunOnceTest {
    private final VirtualTime time = VirtualTime.create();
    private final List<String> seen = new ArrayList<>();

    private EventLoop loop() {
        return EventLoop.create(time.options());
    }

    @Test
    void runOnce_ready_runsOneIteration() {
        try (EventLoop loop = loop()) {
            loop.callSoon(() -> {
                seen.add("first");
                loop.callSoon(() -> seen.add("second"));
            });
            assertThat(loop.isRunning()).isFalse();

            assertThat(loop.runOnce(Duration.ofHours(1))).isTrue();
            assertThat(seen).containsExactly("first");
            assertThat(loop.isRunning()).isFalse();
            assertThat(loop.runOnce(Duration.ZERO)).isTrue();
            assertThat(seen).containsExactly("first", "second");
            assertThat(time.now()).isZero();
        }
    }

    @Test
    void runOnce_nothingReady_waitsForTheTimeoutAtMost() {
        try (EventLoop loop = loop()) {
            loop.callLater(millis(10), () -> seen.add("timer"));
            assertThat(loop.runOnce(millis(4))).isTrue();
            assertThat(time.now()).isEqualTo(millis(4));
            assertThat(loop.runOnce(Duration.ZERO)).isTrue();
            assertThat(time.now()).isEqualTo(millis(4));
            assertThat(seen).isEmpty();
            assertThat(loop.runOnce(millis(400))).isTrue();
            assertThat(seen).containsExactly("timer");
            assertThat(time.now()).isEqualTo(millis(10));
        }
    }

    @Test
    void runOnce_again_carriesATaskThrough() {
        try (EventLoop loop = loop()) {
            Task<Integer> task = loop.createTask(async(() -> {
                for (int i = 0; i < 3; i++) {
                    await(sleep(millis(1)));
                    await(sleep(Duration.ZERO));
                }
                return 3;
            }));
            int iterations = 0;
            while (!task.isDone()) {
                loop.runOnce(Duration.ofDays(1));
                iterations++;
            }
            assertThat(task.result()).isEqualTo(3);
            assertThat(iterations).isBetween(7, 20);
            assertThat(loop.runUntilComplete(async(() -> 4))).isEqualTo(4);
        }
    }

    @Test
    void runOnce_stopped_saysSoOnce() {
        try (EventLoop loop = loop()) {
            loop.callSoon(loop::stop);
            loop.callSoon(() -> seen.add("same iteration"));
            assertThat(loop.runOnce(Duration.ZERO)).isFalse();
            assertThat(seen).containsExactly("same iteration");
            assertThat(loop.runOnce(Duration.ZERO)).isTrue();
            loop.stop();
            assertThat(loop.runOnce(Duration.ofDays(1))).isFalse();
        }
    }

    @Test
    void runOnce_systemExit_isThrownAndTheLoopRunsAgain() {
        try (EventLoop loop = loop()) {
            loop.callSoon(() -> {
                throw new SystemExit(3);
            });
            loop.callSoon(() -> seen.add("next"));
            assertThatThrownBy(() -> loop.runOnce(Duration.ZERO)).isInstanceOf(SystemExit.class);
            assertThat(seen).isEmpty();
            loop.runOnce(Duration.ZERO);
            assertThat(seen).containsExactly("next");
        }
    }

    @Test
    void runOnce_whereALoopRuns_isRefused() {
        try (EventLoop loop = loop();
                EventLoop other = loop()) {
            loop.callSoon(() -> {
                assertThatThrownBy(() -> loop.runOnce(Duration.ZERO)).hasMessageContaining("AS204");
                assertThatThrownBy(() -> other.runOnce(Duration.ZERO)).hasMessageContaining("AS204");
                seen.add("refused");
            });
            loop.runOnce(Duration.ZERO);
            assertThat(seen).containsExactly("refused");
        }
    }
}
