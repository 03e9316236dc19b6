package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.Handle;
import asyncio.KeyboardInterrupt;
import asyncio.LoopOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where failures go that reach nobody else.
class ExceptionHandlerTest extends LoopFixture {
    private final ContextVar<String> variable = ContextVar.withDefault("variable", "default");
    private final List<ExceptionContext> told = new ArrayList<>();

    private static Runnable failing(Throwable failure) {
        return () -> {
            switch (failure) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalArgumentException(failure);
            }
        };
    }

    @Test
    @Spec({"LOOP-8", "LOOP-9"})
    void failingCallback_withAHandler_toldEverythingAndTheLoopGoesOn() {
        IllegalStateException failure = new IllegalStateException("broken");
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> {
                assertThat(where).isSameAs(loop);
                told.add(context);
            });
            Handle handle = loop.callSoon(failing(failure));
            loop.callSoon(() -> note("next"));
            runOnce(loop);

            assertThat(told).singleElement().satisfies(context -> {
                assertThat(context.message()).contains("Exception in callback");
                assertThat(context.exception()).isSameAs(failure);
                assertThat(context.handle()).isSameAs(handle);
                assertThat(context.task()).isNull();
                assertThat(context.future()).isNull();
            });
        }
        assertThat(notes).containsExactly("next");
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-9")
    void failingCallback_withoutAHandler_oneErrorInTheLog() {
        IllegalStateException failure = new IllegalStateException("broken");
        try (EventLoop loop = newLoop()) {
            assertThat(loop.exceptionHandler()).isNull();
            loop.callSoon(failing(failure));
            runOnce(loop);
        }

        assertThat(findings()).singleElement().satisfies(entry -> {
            assertThat(entry.level()).isEqualTo(System.Logger.Level.ERROR);
            assertThat(entry.message()).contains("Exception in callback", "AS501", "ExceptionHandlerTest");
            assertThat(entry.thrown()).isSameAs(failure);
        });
    }

    @Test
    @Spec("LOOP-8")
    void failingCallback_anError_isHandledLikeAnyFailure() {
        List<Throwable> failures = List.of(
                new AssertionError("assertion"),
                new StackOverflowError(),
                new OutOfMemoryError("pretended"),
                new CancelledError("a callback's own"));
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> told.add(context));
            failures.forEach(failure -> loop.callSoon(failing(failure)));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(told).map(ExceptionContext::exception).isEqualTo(failures);
        assertThat(notes).containsExactly("next");
    }

    @Test
    @Spec("LOOP-8")
    void systemExitInACallback_leavesTheRun_theRestStaysQueued() {
        SystemExit exit = new SystemExit(4);
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> told.add(context));
            loop.callSoon(failing(exit));
            loop.callSoon(() -> note("second"));

            assertThatThrownBy(loop::runForever).isSameAs(exit);
            assertThat(notes).isEmpty();

            loop.callSoon(failing(new KeyboardInterrupt()));
            assertThatThrownBy(loop::runForever).isInstanceOf(KeyboardInterrupt.class);
            assertThat(notes).containsExactly("second");
        }
        assertThat(told).isEmpty();
    }

    @Test
    @Spec({"LOOP-9", "F-LOOP-13"})
    void failingHandler_oneLogEntryWithBothFailuresAndTheLoopSurvives() {
        IllegalStateException failure = new IllegalStateException("broken");
        IllegalArgumentException second = new IllegalArgumentException("handler broken");
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> {
                throw second;
            });
            loop.callSoon(failing(failure));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("next");
        assertThat(findings()).singleElement().satisfies(entry -> {
            assertThat(entry.message()).contains("Unhandled error in exception handler", "Exception in callback");
            assertThat(entry.thrown()).isSameAs(second).hasSuppressedException(failure);
        });
    }

    @Test
    @Spec({"LOOP-9", "F-LOOP-13"})
    void failingHandler_throwsWhatItWasTold_loggedAndTheLoopSurvives() {
        IllegalStateException failure = new IllegalStateException("broken");
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> {
                throw (IllegalStateException) java.util.Objects.requireNonNull(context.exception());
            });
            loop.callSoon(failing(failure));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("next");
        assertThat(findings())
                .singleElement()
                .satisfies(entry -> assertThat(entry.thrown()).isSameAs(failure));
    }

    @Test
    @Spec({"LOOP-9", "F-LOOP-13"})
    void failingHandler_anError_loggedAndTheLoopSurvives() {
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> {
                throw new StackOverflowError();
            });
            loop.callSoon(failing(new IllegalStateException("broken")));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("next");
        assertThat(logger.messagesWith("Unhandled error in exception handler")).hasSize(1);
    }

    @Test
    @Spec({"LOOP-9", "F-LOOP-13"})
    void failingLogger_loopSurvives() {
        int[] calls = {0};
        System.Logger broken = new System.Logger() {
            @Override
            public String getName() {
                return "broken";
            }

            @Override
            public boolean isLoggable(Level level) {
                return true;
            }

            @Override
            public void log(
                    Level level,
                    @Nullable ResourceBundle bundle,
                    @Nullable String message,
                    @Nullable Throwable thrown) {
                calls[0]++;
                throw new IllegalStateException("logger broken");
            }

            @Override
            public void log(
                    Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... values) {
                calls[0]++;
                throw new IllegalStateException("logger broken");
            }
        };
        LoopOptions options = options().logger(broken);
        try (EventLoop loop = EventLoop.create(options)) {
            loop.callSoon(failing(new IllegalStateException("broken")));
            loop.callSoon(() -> note("next"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("next");
        assertThat(calls[0]).isEqualTo(2); // the failure, and that the log failed
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Spec("LOOP-9")
    void handler_throwsSystemExit_leavesTheRun(boolean running) {
        SystemExit exit = new SystemExit(2);
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> {
                throw exit;
            });
            if (running) {
                loop.callSoon(failing(new IllegalStateException("broken")));
                assertThatThrownBy(loop::runForever).isSameAs(exit);
            } else {
                assertThatThrownBy(() -> loop.callExceptionHandler(ExceptionContext.of("by hand", null)))
                        .isSameAs(exit);
            }
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec("LOOP-9")
    void setExceptionHandler_null_backToTheLog() {
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> told.add(context));
            loop.callExceptionHandler(ExceptionContext.of("first", null));
            loop.setExceptionHandler(null);
            loop.callExceptionHandler(ExceptionContext.of("second", null));
        }

        assertThat(told).map(ExceptionContext::message).containsExactly("first");
        assertThat(findings())
                .map(RecordingLogger.Entry::message)
                .singleElement(STRING)
                .contains("second");
    }

    private static final org.assertj.core.api.InstanceOfAssertFactory<
                    String, org.assertj.core.api.AbstractStringAssert<?>>
            STRING = org.assertj.core.api.InstanceOfAssertFactories.STRING;

    @Test
    @Spec({"LOOP-9", "F-LOOP-14", "CTX-1"})
    void handler_ofAFailedCallback_seesItsContext() {
        Context own = new Context();
        own.run(() -> {
            variable.set("the callback's");
        });
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> note(variable.get()));
            loop.callSoon(failing(new IllegalStateException("broken")), own);
            runOnce(loop);
        }

        assertThat(notes).containsExactly("the callback's");
    }

    @Test
    @Spec({"LOOP-9", "F-LOOP-14", "CTX-1"})
    void handler_calledWithATaskOrHandle_seesItsContext() {
        Context own = new Context();
        own.run(() -> {
            variable.set("the task's");
        });
        Context handles = new Context();
        handles.run(() -> {
            variable.set("the handle's");
        });
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> note(variable.get()));
            Task<@Nullable Void> task = loop.createTask(noting("ran"), TaskOptions.DEFAULT.context(own));
            Handle handle = loop.callSoon(() -> note("called"), handles);

            loop.callExceptionHandler(ExceptionContext.of("by hand", null).withFuture(task));
            loop.callExceptionHandler(ExceptionContext.of("by hand", null).withHandle(handle));
            loop.callExceptionHandler(ExceptionContext.of("by hand", null));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("the task's", "the handle's", "default", "ran", "called");
    }

    @Test
    @Spec({"FUT-4", "F-TASK-14", "LOOP-9"})
    void unretrievedFailure_atClose_reportedOnceWithTheFutureAndItsContext() {
        IllegalStateException failure = new IllegalStateException("nobody looks");
        EventLoop loop = newLoop();
        loop.setExceptionHandler((where, context) -> {
            told.add(context);
            note(variable.get());
        });
        Context own = new Context();
        own.run(() -> {
            variable.set("the task's");
        });
        Task<@Nullable Void> task = loop.createTask(
                async(() -> {
                    throw failure;
                }),
                TaskOptions.named("lost").context(own));
        runOnce(loop);
        assertThat(told).isEmpty();

        loop.close();

        assertThat(told).singleElement().satisfies(context -> {
            assertThat(context.message()).contains("AS102", "task lost", "never retrieved");
            assertThat(context.exception()).isSameAs(failure);
            assertThat(context.task()).isSameAs(task);
        });
        assertThat(notes).containsExactly("the task's");
    }

    @Test
    @Spec({"FUT-4", "F-TASK-14"})
    void unretrievedFailure_lookedAtInTime_noReport() {
        try (EventLoop loop = newLoop()) {
            List<Future<String>> futures = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Future<String> future = loop.createFuture();
                future.setException(new IllegalStateException("number " + i));
                futures.add(future);
            }
            assertThat(futures.get(0).exception()).hasMessage("number 0");
            assertThatThrownBy(() -> futures.get(1).result()).hasMessage("number 1");
            assertThatThrownBy(() -> loop.runUntilComplete(async(() -> await(futures.get(2)))))
                    .hasMessage("number 2");
            assertThat(futures.get(3).cancel()).isFalse(); // whoever cancels does not care for the failure
        }

        assertThat(findings()).isEmpty();
    }

    @Test
    @Spec({"FUT-4", "F-TASK-14"})
    void unretrievedFailure_futureCollected_reportedExactlyOnceWhileTheLoopRuns() {
        try (EventLoop loop = newLoop()) {
            loop.setExceptionHandler((where, context) -> told.add(context));
            loop.runUntilComplete(async(() -> {
                dropAFailedTask(loop);
                for (int i = 0; i < 100 && told.isEmpty(); i++) {
                    await(createTask(() -> note("another task"))); // what ran last may still be reachable from a stack
                    System.gc();
                    turns(64); // the loop looks now and then
                }
            }));
            assertThat(told).hasSize(1);
        }

        assertThat(told).singleElement().satisfies(context -> {
            assertThat(context.message()).contains("AS102", "task dropped");
            assertThat(context.exception()).hasMessage("nobody looks");
            assertThat(context.task()).isNull();
        });
    }

    private static void dropAFailedTask(EventLoop loop) {
        loop.createTask(
                async(() -> {
                    throw new IllegalStateException("nobody looks");
                }),
                TaskOptions.named("dropped"));
        turns(2);
    }
}
