package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Task;
import asyncio.TaskOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// An await beneath a frame that the JVM cannot suspend.
///
/// The fast engine refuses it and says which frame it is. The baton engine waits, which blocks one of
/// the threads that carry virtual threads: with as many such awaits as there are carriers, or with a
/// single carrier, everything stands still.
class PinnedAwaitTest {
    private static void assertOutcome(@Nullable Throwable thrown, String frame) {
        if (Threads.isFast()) {
            assertThat(thrown).isInstanceOf(IllegalStateException.class);
            assertThat(thrown).hasMessageStartingWith("AS205").hasMessageContaining(frame);
        } else {
            assertThat(thrown).isNull();
        }
    }

    @Test
    void await_inAnUpcall_isRefusedOrWaits() {
        run(() -> {
            Steps steps = Steps.start();
            Throwable thrown = NativeCall.run(() -> await(sleep(Duration.ofMillis(1))));
            assertOutcome(thrown, "native");
            steps.assertNoneDuring(() -> Thread.sleep(1)); // the fiber is as good as before
            await(sleep(Duration.ofMillis(1)));
            steps.stop();
        });
    }

    @Test
    void await_inAClassInitialiser_isRefusedOrWaits() {
        run(() -> {
            Steps steps = Steps.start();
            assertOutcome(AwaitsOnLoad.THROWN, "AwaitsOnLoad.<clinit>");
            steps.assertNoneDuring(() -> Thread.sleep(1));
            await(sleep(Duration.ofMillis(1)));
            steps.stop();
        });
    }

    private static final class AwaitsOnLoad {
        static final @Nullable Throwable THROWN;

        static {
            Throwable thrown = null;
            try {
                await(sleep(Duration.ofMillis(1)));
            } catch (Throwable e) {
                thrown = e;
            }
            THROWN = thrown;
        }
    }

    @Test
    void await_refusedInAnUpcall_leavesTheFutureUsable() {
        run(() -> {
            Task<String> other = createTask(() -> {
                await(sleep(Duration.ofMillis(1)));
                return "value";
            });
            assertOutcome(NativeCall.run(() -> await(other)), "native");
            assertThat(await(other)).isEqualTo("value");
        });
    }

    @Test
    void createTask_eagerInAnUpcall_runsTheTask() {
        run(() -> {
            TaskOptions eager = TaskOptions.DEFAULT.eagerStart(true);
            Task<?>[] task = new Task<?>[1];
            assertThat(NativeCall.run(() -> task[0] = createTask(Asyncio.async(() -> "value"), eager)))
                    .isNull();
            assertThat(task[0].isDone()).isEqualTo(!Threads.isFast()); // in the next iteration instead
            assertThat(await(task[0])).isEqualTo("value");
        });
    }
}
