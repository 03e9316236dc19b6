package behaviour;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.RunOptions;
import asyncio.testing.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineTest {
    @Test
    void engine_isTheOneThatTheBuildAskedFor() {
        VirtualTime time = VirtualTime.create();
        String engine = run(
                Asyncio.async(() -> {
                    await(sleep(Duration.ofHours(1)));
                    return getRunningLoop().engine();
                }),
                RunOptions.defaults().loop(time.options()));

        assertThat(engine).isEqualTo(System.getProperty("asyncio.engine")).isEqualTo(Asyncio.engine());
        assertThat(time.now()).isEqualTo(Duration.ofHours(1));
    }
}
