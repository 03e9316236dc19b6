package fibers;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/// Counts the turns of a task that does nothing else: whether anything ran on the loop meanwhile.
final class Steps {
    private long count; // on the loop only
    private boolean stopped;

    /// Starts the counting task; it ends when the program does.
    static Steps start() {
        Steps steps = new Steps();
        createTask(() -> {
            while (!steps.stopped) {
                steps.count++;
                await(sleep(Duration.ZERO));
            }
        });
        return steps;
    }

    long count() {
        return count;
    }

    void stop() {
        stopped = true;
    }

    /// Fails if a step ran on the loop during the code, or if none can run after it.
    void assertNoneDuring(Code code) throws Exception {
        await(sleep(Duration.ZERO));
        long before = count;
        code.run();
        assertThat(count).as("steps of others during blocking code").isEqualTo(before);
        await(sleep(Duration.ZERO));
        assertThat(count).as("steps of others after blocking code").isGreaterThan(before);
    }

    /// Code that may throw anything.
    @FunctionalInterface
    interface Code {
        void run() throws Exception;
    }
}
