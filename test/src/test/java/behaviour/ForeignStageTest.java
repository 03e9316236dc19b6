package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.RunOptions;
import asyncio.TimeoutException;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

@Spec("FUT-5")
class ForeignStageTest {
    /// A stage that is no `CompletableFuture` and does not become one, as its contract allows.
    @SuppressWarnings("unchecked") // a proxy of that interface
    private static CompletionStage<String> stageThatCannotBeCancelled() {
        CompletableFuture<String> real = new CompletableFuture<>();
        return (CompletionStage<String>) Proxy.newProxyInstance(
                ForeignStageTest.class.getClassLoader(),
                new Class<?>[] {CompletionStage.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("toCompletableFuture")) {
                        throw new UnsupportedOperationException("not interoperable");
                    }
                    return method.invoke(real, arguments);
                });
    }

    @Test
    void await_stageThatCannotBeCancelled_isGivenUpAndTheLoopGoesOn() {
        RunOptions options = RunOptions.defaults().loop(VirtualTime.create().options());

        String end = run(
                async(() -> {
                    try {
                        await(timeout(Duration.ofSeconds(1), () -> {
                            await(stageThatCannotBeCancelled());
                        }));
                        return "completed";
                    } catch (TimeoutException e) {
                        await(sleep(Duration.ofSeconds(1)));
                        return "timed out";
                    }
                }),
                options);

        assertThat(end).isEqualTo("timed out");
    }
}
