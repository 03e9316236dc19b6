package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static behaviour.InVirtualTime.failingAfter;
import static behaviour.InVirtualTime.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShieldTest {
    private final IllegalArgumentException failureA = new IllegalArgumentException("a");

    private final List<String> log = new ArrayList<>();

    @Test
    @Spec({"W-5", "F-W-11"})
    void cancel_outer_callerIsCancelledAndInnerCompletes() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(() -> await(sleep(millis(5), 7)));
            Task<Integer> caller = createTask(() -> await(shield(inner)));
            await(sleep(millis(1)));
            caller.cancel();
            assertThatThrownBy(() -> await(caller)).isInstanceOf(CancelledError.class);
            assertThat(inner.cancelling()).isZero();
            assertThat(await(inner)).isEqualTo(7);
        });
    }

    @Test
    @Spec({"W-5", "F-W-11"})
    void cancel_inner_outerIsCancelled() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(() -> await(sleep(millis(5), 7)));
            Future<Integer> outer = shield(inner);
            await(sleep(millis(1)));
            inner.cancel("why");
            assertThatThrownBy(() -> await(outer))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("why");
            assertThat(outer.isCancelled()).isTrue();
        });
    }

    @Test
    @Spec({"W-5", "F-W-11", "WRN-1"})
    void shield_innerFailsAfterOuterWasCancelled_isReportedOnce() {
        RecordingLogger logger = new RecordingLogger();
        InVirtualTime.run(logger, () -> {
            Future<?> outer = shield(failingAfter(millis(5), failureA));
            await(sleep(millis(1)));
            outer.cancel();
            await(sleep(millis(10)));
        });
        assertThat(logger.messagesWith("IllegalArgumentException exception in shielded future"))
                .hasSize(1);
        assertThat(InVirtualTime.findings(logger))
                .singleElement()
                .satisfies(entry -> assertThat(entry.thrown()).isSameAs(failureA));
    }

    @Test
    @Spec("W-5")
    void shield_innerFails_outerFailsAlike() {
        InVirtualTime.run(() -> {
            assertThatThrownBy(() -> await(shield(failingAfter(millis(1), failureA))))
                    .isSameAs(failureA);
        });
    }

    @Test
    @Spec("W-5")
    void shield_innerDone_isReturnedItself() {
        InVirtualTime.run(() -> {
            Task<Integer> inner = createTask(async(() -> 7));
            await(inner);
            assertThat(shield(inner)).isSameAs(inner);
        });
    }

    @Test
    @Spec("W-5")
    void run_ends_cancelsShieldedTasksToo() {
        InVirtualTime.run(() -> {
            shield(async(() -> {
                        try {
                            return await(sleep(Duration.ofHours(1), 1));
                        } catch (CancelledError e) {
                            log.add("cancelled");
                            throw e;
                        }
                    }))
                    .addDoneCallback(done -> log.add("outer done"));
            await(sleep(millis(1)));
        });
        assertThat(log).startsWith("cancelled");
    }
}
