package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Futures and the stages of `java.util.concurrent`.
@Spec("FUT-5")
class CompletionStageTest extends LoopFixture {
    @Test
    void await_stageThatAnotherThreadCompletes_itsValue() {
        runReal(() -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> stage.complete("from a thread"));
            note(await(stage));
        });

        assertThat(notes).containsExactly("from a thread");
    }

    @Test
    void await_completedStage_letsNobodyElseRun() {
        runMain(() -> {
            Task<@Nullable Void> other = createTask(() -> note("other"));
            note(await(CompletableFuture.completedFuture("main")));
            assertThatThrownBy(() -> await(CompletableFuture.failedFuture(new IOException("broken"))))
                    .isInstanceOf(IOException.class);
            note("still main");
            await(other);
        });

        assertThat(notes).containsExactly("main", "still main", "other");
    }

    @Test
    void await_failedStage_theFailureWithoutTheCompletionException() {
        IOException failure = new IOException("broken");
        runMain(() -> {
            CompletableFuture<String> stage =
                    CompletableFuture.<String>failedFuture(failure).thenApply(text -> text);
            assertThatThrownBy(() -> await(stage)).isSameAs(failure);
            CompletableFuture<String> bare = CompletableFuture.failedFuture(new CompletionException("no cause", null));
            assertThatThrownBy(() -> await(bare)).isInstanceOf(CompletionException.class);
        });
    }

    @Test
    void await_cancelledStage_cancelledError() {
        runMain(() -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            getRunningLoop().callSoon(() -> stage.cancel(false));
            assertThatThrownBy(() -> await(stage)).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void await_taskCancelled_cancelsTheStage() {
        runMain(() -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            Task<String> task = createTask(() -> await(stage));
            turn();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            turn();

            assertThat(stage).isCancelled();
        });
    }

    @Test
    void await_stageThatCannotBeCancelled_onlyTheTaskIs() {
        runMain(() -> {
            CompletableFuture<String> stage = new CompletableFuture<>() {
                @Override
                public CompletableFuture<String> toCompletableFuture() {
                    throw new UnsupportedOperationException("a stage only");
                }
            };
            Task<String> task = createTask(() -> await(stage));
            turn();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
            await(sleep(SECOND));
            note("went on");
        });

        assertThat(notes).containsExactly("went on");
    }

    @Test
    void toCompletableFuture_everyEnd_arrives() {
        IOException failure = new IOException("broken");
        try (EventLoop loop = newLoop()) {
            Future<String> good = loop.createFuture();
            Future<String> bad = loop.createFuture();
            Future<String> gone = loop.createFuture();
            CompletableFuture<String> goodStage = good.toCompletableFuture();
            CompletableFuture<String> badStage = bad.toCompletableFuture();
            CompletableFuture<String> goneStage = gone.toCompletableFuture();
            good.setResult("value");
            bad.setException(failure);
            gone.cancel();
            runOnce(loop);

            assertThat(goodStage).isCompletedWithValue("value");
            assertThatThrownBy(badStage::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(failure);
            assertThat(goneStage).isCancelled();
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void toCompletableFuture_cancelled_cancelsTheFuture() {
        runMain(() -> {
            Task<String> task = createTask(sleep(SECOND, "late"));
            CompletableFuture<String> stage = task.toCompletableFuture();
            turn();
            stage.cancel(false);
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void toCompletableFuture_loopClosesWhileTheEndIsQueued_stageIsCompletedAllTheSame() {
        EventLoop loop = newLoop();
        Future<String> future = loop.createFuture();
        CompletableFuture<String> stage = future.toCompletableFuture();
        future.setResult("value");
        loop.close();

        assertThat(stage).isCompletedWithValue("value");
    }

    @Test
    void of_stage_aFutureOfTheRunningLoop() {
        runMain(() -> {
            CompletableFuture<String> stage = new CompletableFuture<>();
            Future<String> future = Future.of(stage);
            assertThat(future.loop()).isSameAs(getRunningLoop());
            getRunningLoop().callSoon(() -> stage.complete("value"));
            assertThat(await(future)).isEqualTo("value");
        });
        assertThatThrownBy(() -> Future.of(new CompletableFuture<>())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void dependentOfAStage_thatFails_harmsNeitherLoopNorFuture() {
        runMain(() -> {
            Future<String> future = getRunningLoop().createFuture();
            CompletableFuture<String> dependent = future.toCompletableFuture().thenApply(text -> {
                throw new IllegalStateException("dependent broken");
            });
            future.setResult("value");
            turns(2);
            assertThat(await(future)).isEqualTo("value");
            assertThatThrownBy(() -> await(dependent)).hasMessage("dependent broken");
            assertThat(dependent).isCompletedExceptionally();
            assertThatThrownBy(dependent::join).isNotInstanceOf(CancellationException.class);
            await(async(() -> note("went on")));
        });

        assertThat(notes).containsExactly("went on");
    }
}
