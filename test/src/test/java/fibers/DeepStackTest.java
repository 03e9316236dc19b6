package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Long stacks, the end of the stack, and the end of the heap.
class DeepStackTest {
    private static final int ATTEMPT_EVERY = 200; // frames: an await near the end of a long stack is slow
    private static final int SMALL_HEAP_ARRAY = Integer.MAX_VALUE; // more elements than any array may have

    @Test
    void await_atEachLevelOfARecursion_keepsEveryFrame() {
        run(() -> {
            Steps steps = Steps.start();
            assertThat(descend(2_000)).isEqualTo(2_000L * 2_001 / 2);
            assertThat(steps.count()).isGreaterThanOrEqualTo(4_000);
            steps.stop();
        });
    }

    private static long descend(int depth) {
        if (depth == 0) {
            return 0;
        }
        await(sleep(Duration.ZERO));
        long below = descend(depth - 1);
        await(sleep(Duration.ZERO));
        return below + depth;
    }

    @Test
    void stackOverflow_caught_leavesTheTaskUsable() {
        run(() -> {
            assertThatThrownBy(() -> endless(0)).isInstanceOf(StackOverflowError.class);
            await(sleep(Duration.ofMillis(1)));
            assertThat(descend(100)).isEqualTo(5_050);
        });
    }

    @Test
    void stackOverflow_uncaught_endsOnlyTheTask() {
        run(() -> {
            Task<Integer> overflowing = createTask(() -> endless(0));
            Task<String> other = createTask(() -> {
                await(sleep(Duration.ZERO));
                return "unharmed";
            });
            assertThatThrownBy(() -> await(overflowing)).isInstanceOf(StackOverflowError.class);
            assertThat(await(other)).isEqualTo("unharmed");
        });
    }

    private static int endless(int depth) {
        return depth < 0 ? 0 : endless(depth + 1) + 1; // never below zero
    }

    @Test
    void await_nearTheEndOfTheStack_failsOrWorksAndTheLoopStaysConsistent() {
        run(() -> {
            Steps steps = Steps.start();
            List<Task<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                tasks.add(createTask(() -> diveAndAwait(0)));
            }
            for (Task<Integer> task : tasks) {
                assertThat(await(task)).isGreaterThan(0);
            }
            steps.assertNoneDuring(() -> Thread.sleep(1));
            assertThat(descend(50)).isEqualTo(1_275);
            steps.stop();
        });
    }

    /// Runs into the end of the stack and then awaits, as deep as that works.
    private static int diveAndAwait(int depth) {
        try {
            return depth < 0 ? 0 : diveAndAwait(depth + 1); // never below zero
        } catch (StackOverflowError e) {
            if (depth % ATTEMPT_EVERY != 0) {
                throw e;
            }
            await(sleep(Duration.ZERO)); // overflows itself while too little stack is left
            return depth;
        }
    }

    @Test
    void outOfMemory_caught_leavesTheTaskUsable() {
        run(() -> {
            assertThatThrownBy(() -> hugeArray()).isInstanceOf(OutOfMemoryError.class);
            await(sleep(Duration.ofMillis(1)));
            assertThat(descend(10)).isEqualTo(55);
        });
    }

    @Test
    void outOfMemory_uncaught_endsOnlyTheTask() {
        run(() -> {
            Task<Integer> real = createTask(() -> hugeArray());
            Task<Integer> thrown = createTask(() -> {
                await(sleep(Duration.ZERO));
                throw new OutOfMemoryError("subject");
            });
            Task<String> other = createTask(() -> {
                await(sleep(Duration.ofMillis(1)));
                return "unharmed";
            });
            assertThatThrownBy(() -> await(real)).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> await(thrown))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessage("subject");
            assertThat(await(other)).isEqualTo("unharmed");
        });
    }

    private static int hugeArray() {
        return new long[SMALL_HEAP_ARRAY].length;
    }
}
