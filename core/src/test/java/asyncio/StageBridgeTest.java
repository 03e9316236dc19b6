package asyncio;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StageBridgeTest {
    @Test
    void toCompletableFuture_chainedCode_isNobodysTask() {
        String[] seen = {""};
        Asyncio.run(() -> {
            Future<String> future = Asyncio.getRunningLoop().createFuture();
            CompletableFuture<String> chained = future.toCompletableFuture().thenApply(value -> {
                seen[0] = String.valueOf(Asyncio.currentTask());
                await(sleep(Duration.ZERO));
                return value;
            });
            future.setResult("value");
            await(sleep(Duration.ZERO)); // whoever suspends last must not be taken for the chained code's task
            await(sleep(Duration.ZERO));
            await(sleep(Duration.ZERO));

            assertThat(chained.isDone()).isTrue();
            assertThatThrownBy(chained::join)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this is a callback");
        });

        assertThat(seen[0]).isEqualTo("null");
    }

    @Test
    void cancel_stageThatIsNoFuture_doesNotEndTheLoop() {
        CompletableFuture<String> inner = new CompletableFuture<>() {
            @Override
            public CompletableFuture<String> toCompletableFuture() {
                throw new UnsupportedOperationException("a stage and nothing else");
            }
        };
        Asyncio.run(() -> {
            Task<String> task = createTask(() -> await(inner));
            await(sleep(Duration.ZERO));
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            await(sleep(Duration.ZERO));
        });

        assertThat(inner).isNotCancelled();
    }

    @Test
    void close_taskNotDone_cancelsItsStage() {
        CompletableFuture<String> stage;
        try (EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(System.getLogger("asyncio.quiet")))) {
            stage = loop.createTask(Asyncio.async(() -> await(sleep(Duration.ofDays(1), "late"))))
                    .toCompletableFuture();
            loop.runUntilComplete(sleep(Duration.ZERO));
        }

        assertThat(stage).isCancelled();
    }
}
