package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a loop refuses, and what closing it leaves.
class LoopGuardsTest extends LoopFixture {
    @Test
    @Spec("LOOP-3")
    void runForever_nested_refusedAndTheLoopStaysCurrent() {
        try (EventLoop loop = newLoop()) {
            loop.runUntilComplete(async(() -> {
                assertThatThrownBy(loop::runForever)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("This event loop is already running");
                assertThat(getRunningLoop()).isSameAs(loop);
                assertThat(loop.isRunning()).isTrue();
                turn();
                note("went on");
            }));
        }
        assertThat(notes).containsExactly("went on");
    }

    @Test
    @Spec("LOOP-3")
    void runForever_insideAnotherLoop_refused() {
        try (EventLoop outer = newLoop();
                EventLoop inner = newLoop()) {
            outer.runUntilComplete(async(() -> {
                assertThatThrownBy(inner::runForever)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Cannot run the event loop while another loop is running");
                assertThat(getRunningLoop()).isSameAs(outer);
            }));

            assertThat(inner.runUntilComplete(sleep(SECOND, "usable"))).isEqualTo("usable");
        }
    }

    @Test
    @Spec({"LOOP-3", "LOOP-4", "F-LOOP-10"})
    void everySchedulingCall_onAClosedLoop_eventLoopIsClosed() throws IOException {
        EventLoop loop = newLoop();
        loop.close();
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        List<Coroutine<?>> coroutines = new ArrayList<>();
        Runnable nothing = () -> note("ran");
        List<ThrowingCallable> calls = List.of(
                () -> loop.callSoon(nothing),
                () -> loop.callSoonThreadsafe(nothing),
                () -> loop.callLater(SECOND, nothing),
                () -> loop.callAt(SECOND, nothing),
                () -> {
                    Coroutine<@Nullable Void> coroutine = noting("ran");
                    coroutines.add(coroutine);
                    loop.createTask(coroutine);
                },
                () -> Asyncio.runCoroutineThreadsafe(running(), loop),
                () -> loop.runInExecutor(null, () -> "ran"),
                loop::runForever,
                () -> loop.runUntilComplete(running()),
                () -> loop.addReader(pipe.source(), nothing),
                () -> loop.addWriter(pipe.source(), nothing));

        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Event loop is closed");
        }
        assertThat(loop.removeReader(pipe.source())).isFalse();
        assertThat(loop.removeWriter(pipe.source())).isFalse();
        assertThat(coroutines).allMatch(Coroutine::isUsed);
        assertThat(notes).isEmpty();
        pipe.source().close();
        pipe.sink().close();
    }

    private Coroutine<String> running() {
        return async(() -> {
            note("ran");
            return "ran";
        });
    }

    @Test
    @Spec({"LOOP-4", "F-LOOP-10"})
    void close_whileRunning_refusedAndTheLoopGoesOn() {
        try (EventLoop loop = newLoop()) {
            loop.runUntilComplete(async(() -> {
                assertThatThrownBy(loop::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("Cannot close a running event loop");
                await(sleep(SECOND));
                note("went on");
            }));
            assertThat(loop.isClosed()).isFalse();
        }
        assertThat(notes).containsExactly("went on");
    }

    @Test
    @Spec({"LOOP-4", "F-LOOP-10"})
    void close_withCallbacksQueued_theyNeverRunAndCloseAgainDoesNothing() {
        EventLoop loop = newLoop();
        loop.callSoon(() -> note("ready"));
        loop.callSoonThreadsafe(() -> note("sent"));
        loop.callLater(SECOND, () -> note("timer"));

        loop.close();
        loop.close();

        assertThat(loop.isClosed()).isTrue();
        assertThat(notes).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-4")
    void close_withSuspendedTask_finallyRunsTaskIsCancelledAndAs104IsReported() {
        EventLoop loop = newLoop();
        Task<@Nullable Void> task = loop.createTask(async(() -> {
            try {
                await(sleep(SECOND));
                note("slept");
            } finally {
                note("finally");
            }
        }));
        task.setName("left");
        Task<@Nullable Void> neverBegun = loop.createTask(noting("begun"));
        runOnce(loop);
        notes.remove("begun");
        Task<@Nullable Void> queued = loop.createTask(noting("queued"));

        loop.close();

        assertThat(notes).containsExactly("finally");
        assertThat(task.isCancelled()).isTrue();
        assertThat(neverBegun.isDone()).isTrue();
        assertThat(queued.isCancelled()).isTrue();
        assertThat(logger.messagesWith("AS104"))
                .singleElement()
                .satisfies(text ->
                        assertThat(text).contains("2 tasks", "Task was destroyed but it is pending!", "name=left"));
    }

    @Test
    @Spec("LOOP-4")
    void close_taskAwaitsInItsFinally_cannotAndEnds() {
        EventLoop loop = newLoop();
        Task<@Nullable Void> task = loop.createTask(async(() -> {
            try {
                await(sleep(SECOND));
            } finally {
                note("before");
                turn();
                note("after");
            }
        }));
        runOnce(loop);

        loop.close();

        assertThat(notes).containsExactly("before");
        assertThat(task.isDone()).isTrue();
        assertThat(loop.allTasks()).isEmpty();
    }

    @Test
    @Spec("LOOP-4")
    void close_defaultExecutor_takesNoMoreWork() {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            EventLoop loop = newLoop();
            loop.setDefaultExecutor(executor);
            loop.close();

            assertThatThrownBy(() -> executor.execute(() -> note("ran")))
                    .isInstanceOf(RejectedExecutionException.class);
        }
        assertThat(notes).isEmpty();
    }

    @Test
    @Spec("LOOP-11")
    void createTask_withTaskFactory_factoryGetsCoroutineAndOptions() {
        try (EventLoop loop = newLoop()) {
            List<Object> seen = new ArrayList<>();
            loop.setTaskFactory(new asyncio.TaskFactory() {
                @Override
                public <T extends @org.jspecify.annotations.Nullable Object> Task<T> create(
                        EventLoop owner, Coroutine<T> coroutine, asyncio.TaskOptions options) {
                    seen.add(owner);
                    seen.add(coroutine);
                    seen.add(String.valueOf(options.name()));
                    return Task.create(owner, coroutine, options.name("made by the factory"));
                }
            });
            Coroutine<String> coroutine = async(() -> "result");
            Task<String> task = loop.createTask(coroutine, asyncio.TaskOptions.named("given"));

            assertThat(loop.taskFactory()).isNotNull();
            assertThat(seen).containsExactly(loop, coroutine, "given");
            assertThat(task.name()).isEqualTo("made by the factory");
            assertThat(loop.runUntilComplete(task)).isEqualTo("result");

            loop.setTaskFactory(null);
            assertThat(loop.createTask(async(() -> "x"), asyncio.TaskOptions.named("plain"))
                            .name())
                    .isEqualTo("plain");
            runOnce(loop);
        }
    }

    @Test
    @Spec({"LOOP-11", "FUT-5"})
    void createFuture_ofALoop_pendingAndBoundToIt() {
        try (EventLoop loop = newLoop()) {
            Future<String> future = loop.createFuture();

            assertThat(future.isDone()).isFalse();
            assertThat(future.loop()).isSameAs(loop);
        }
    }

    @Test
    @Spec("F-LOOP-17")
    void nullArguments_whereNoneIsAllowed_refusedByName() {
        try (EventLoop loop = newLoop()) {
            assertThatThrownBy(() -> loop.callLater(nothing(), () -> note("ran")))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("delay");
            assertThatThrownBy(() -> loop.callAt(nothing(), () -> note("ran")))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("when");
            assertThatThrownBy(() -> loop.callSoon(nothing()))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("callback");
            loop.setExceptionHandler(null);
            loop.setTaskFactory(null);
            runOnce(loop);
        }
        assertThat(notes).isEmpty();
    }
}
