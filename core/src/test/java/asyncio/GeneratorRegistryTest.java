package asyncio;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GeneratorRegistryTest {
    private static final int MAX_TURNS = 10_000;

    private static void readOnce(boolean[] closed) {
        AsyncGenerator<String> generator = Asyncio.generator(out -> {
            try {
                out.emit("one");
                out.emit("two");
            } finally {
                closed[0] = true;
            }
        });
        assertThat(await(generator.anext())).contains("one");
    }

    @Test
    @SuppressWarnings("SystemGc") // the subject: a generator that became garbage
    void sweep_generatorThatNobodyHolds_isClosed() {
        boolean[] closed = {false};
        Asyncio.run(() -> {
            readOnce(closed);
            for (int turn = 0; turn < MAX_TURNS && !closed[0]; turn++) {
                System.gc();
                await(sleep(Duration.ofMillis(1)));
            }
            assertThat(closed[0]).as("closed while the loop runs").isTrue();
        });
    }
}
