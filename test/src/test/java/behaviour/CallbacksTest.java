package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.currentTask;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.Handle;
import asyncio.testing.Spec;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `callSoon` and its handles.
class CallbacksTest extends LoopFixture {
    @Test
    @Spec("LOOP-6")
    void callSoon_manyCallbacks_firstInFirstOut() {
        List<Integer> ran = new ArrayList<>();
        try (EventLoop loop = newLoop()) {
            IntStream.range(0, 1_000).forEach(i -> loop.callSoon(() -> ran.add(i)));
            runOnce(loop);
        }

        assertThat(ran).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    }

    @Test
    @Spec("LOOP-8")
    void cancel_beforeTheRun_callbackDoesNotRunAndItsReferencesAreDropped() {
        try (EventLoop loop = newLoop()) {
            Object[] held = {new Object()};
            WeakReference<Object> weak = new WeakReference<>(held[0]);
            Handle handle = loop.callSoon(holding(held[0]));
            held[0] = "released";

            assertThat(handle.isCancelled()).isFalse();
            handle.cancel();
            handle.cancel();
            assertThat(handle.isCancelled()).isTrue();
            for (int i = 0; i < 1_000 && weak.get() != null; i++) {
                System.gc();
            }
            assertThat(weak.get()).isNull(); // although the handle and its place in the queue are alive
            runOnce(loop);
            assertThat(handle).hasToString("<Handle cancelled>");
        }

        assertThat(notes).isEmpty();
    }

    private Runnable holding(Object object) {
        return () -> note(object.toString());
    }

    @Test
    @Spec("LOOP-8")
    void cancel_byAnEarlierCallbackOfTheSameIteration_callbackDoesNotRun() {
        try (EventLoop loop = newLoop()) {
            Handle[] second = new Handle[1];
            loop.callSoon(() -> second[0].cancel());
            second[0] = loop.callSoon(() -> note("second"));
            loop.callSoon(() -> note("third"));
            runOnce(loop);
        }

        assertThat(notes).containsExactly("third");
    }

    @Test
    @Spec("LOOP-8")
    void cancel_afterTheRun_harmless() {
        try (EventLoop loop = newLoop()) {
            Handle handle = loop.callSoon(() -> note("ran"));
            runOnce(loop);
            handle.cancel();
            runOnce(loop);
        }

        assertThat(notes).containsExactly("ran");
    }

    @Test
    @Spec({"LOOP-6", "LOOP-8", "CTX-1"})
    void callSoon_context_copyOfCurrentOrTheGivenOneAsItIs() {
        ContextVar<String> variable = ContextVar.withDefault("variable", "default");
        Context own = new Context();
        own.run(() -> {
            variable.set("own");
        });
        try (EventLoop loop = newLoop()) {
            loop.runUntilComplete(async(() -> {
                variable.set("at registration");
                Handle copied = loop.callSoon(() -> {
                    note(variable.get());
                    variable.set("changed in the copy");
                });
                Handle given = loop.callSoon(
                        () -> {
                            note(variable.get());
                            variable.set("changed in the given");
                        },
                        own);
                variable.set("later");
                turn();

                assertThat(variable.get()).isEqualTo("later");
                assertThat(copied.context().get(variable)).hasValue("changed in the copy");
                assertThat(given.context()).isSameAs(own);
                assertThat(own.get(variable)).hasValue("changed in the given");
            }));
        }

        assertThat(notes).containsExactly("at registration", "own");
    }

    @Test
    @Spec("TASK-8")
    void currentTask_inACallback_null() {
        List<@Nullable Object> seen = new ArrayList<>();
        try (EventLoop loop = newLoop()) {
            loop.callSoon(() -> seen.add(currentTask()));
            runOnce(loop);
        }

        assertThat(seen).containsOnlyNulls().hasSize(1);
    }

    @Test
    @Spec("LOOP-6")
    void callSoon_sameRunnableTwice_runsTwice() {
        Runnable callback = () -> note("ran");
        try (EventLoop loop = newLoop()) {
            Handle first = loop.callSoon(callback);
            Handle second = loop.callSoon(callback);
            assertThat(first).isNotSameAs(second);
            loop.callSoon(callback);
            first.cancel();
            runOnce(loop);
        }

        assertThat(notes).containsExactly("ran", "ran");
    }
}
