package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.AsyncGenerator;
import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Spec("AG-1")
class DroppedGeneratorTest {
    private static final int MAX_COLLECTIONS = 1_000; // the collector tells of a dropped object when it likes

    private boolean closed;

    private Coroutine<@Nullable Void> readOneAndDrop() {
        return async(() -> {
            AsyncGenerator<Integer> numbers = generator(out -> {
                try {
                    out.emit(1);
                    out.emit(2);
                } finally {
                    await(sleep(Duration.ofSeconds(1)));
                    closed = true;
                }
            });
            assertThat(await(numbers.anext())).contains(1);
        });
    }

    @Test
    void generator_droppedHalfWay_isClosedWhileTheLoopRuns() {
        RunOptions options = RunOptions.defaults().loop(VirtualTime.create().options());

        boolean closedInTime = run(
                async(() -> {
                    await(readOneAndDrop());
                    for (int i = 0; i < MAX_COLLECTIONS && !closed; i++) {
                        System.gc();
                        await(sleep(Duration.ofMinutes(1)));
                    }
                    return closed;
                }),
                options);

        assertThat(closedInTime).isTrue();
    }
}
