package behaviour;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Context variables: who sees what.
@Spec("CTX-1")
class ContextTest extends LoopFixture {
    private final ContextVar<String> variable = ContextVar.withDefault("variable", "default");

    @Test
    @Spec({"CTX-1", "TASK-1"})
    void task_copyAtItsCreation_changesDoNotLeakEitherWay() {
        runMain(() -> {
            variable.set("at creation");
            Task<@Nullable Void> child = createTask(() -> {
                note(variable.get());
                variable.set("child");
                turn();
                note(variable.get());
            });
            variable.set("parent");
            await(child);
            note(variable.get());
        });

        assertThat(notes).containsExactly("at creation", "child", "parent");
    }

    @Test
    @Spec({"CTX-1", "F-TASK-18"})
    void sharedContext_twoTasks_seeEachOthersWrites() {
        Context shared = new Context();
        runMain(() -> {
            Task<@Nullable Void> writer = createTask(
                    async(() -> {
                        variable.set("written");
                    }),
                    TaskOptions.DEFAULT.context(shared));
            Task<@Nullable Void> reader =
                    createTask(async(() -> note(variable.get())), TaskOptions.DEFAULT.context(shared));
            await(writer);
            await(reader);
            note(variable.get());
            assertThat(writer.context()).isSameAs(shared);
        });

        assertThat(notes).containsExactly("written", "default");
        assertThat(shared.get(variable)).hasValue("written");
    }

    @Test
    void callbacksTimersAndDoneCallbacks_copyAtRegistration() {
        runMain(() -> {
            Future<@Nullable Void> future = getRunningLoop().createFuture();
            variable.set("registered");
            getRunningLoop().callSoon(() -> note("soon " + variable.get()));
            getRunningLoop().callLater(Duration.ZERO, () -> note("later " + variable.get()));
            getRunningLoop().callSoonThreadsafe(() -> note("threadsafe " + variable.get()));
            future.addDoneCallback(done -> note("done " + variable.get()));
            variable.set("changed");
            future.setResult(null);
            turns(2);
        });

        assertThat(notes)
                .containsExactlyInAnyOrder(
                        "soon registered", "later registered", "threadsafe registered", "done registered");
    }

    @Test
    void get_withoutValue_defaultOrAnError() {
        ContextVar<String> bare = ContextVar.of("bare");

        assertThat(variable.get()).isEqualTo("default");
        assertThat(Context.copyOfCurrent().get(variable)).isEmpty();
        assertThatThrownBy(bare::get).isInstanceOf(NoSuchElementException.class).hasMessageContaining("bare");
    }

    @Test
    void reset_token_restoresOnceAndOnlyInItsContext() {
        runMain(() -> {
            ContextVar.Token<String> first = variable.set("one");
            ContextVar.Token<String> second = variable.set("two");
            variable.reset(second);
            assertThat(variable.get()).isEqualTo("one");
            assertThatThrownBy(() -> variable.reset(second)).isInstanceOf(IllegalStateException.class);
            Task<@Nullable Void> child = createTask(() -> variable.reset(first));
            assertThatThrownBy(() -> await(child))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("current context");
            ContextVar<String> other = ContextVar.of("other");
            assertThatThrownBy(() -> other.reset(first)).isInstanceOf(IllegalArgumentException.class);
            variable.reset(first);
            assertThat(variable.get()).isEqualTo("default");
        });
    }

    @Test
    void run_nestedContexts_eachKeepsItsOwn() {
        Context context = new Context();
        String outer = variable.get();
        String inner = context.run(() -> {
            variable.set("inside");
            assertThatThrownBy(() -> context.run(() -> note("entered twice")))
                    .isInstanceOf(IllegalStateException.class);
            Context copy = context.copy();
            copy.run(() -> {
                variable.set("copy");
            });
            return variable.get();
        });

        assertThat(outer).isEqualTo("default");
        assertThat(inner).isEqualTo("inside");
        assertThat(variable.get()).isEqualTo("default");
        assertThat(context.get(variable)).hasValue("inside");
        assertThat(notes).isEmpty();
    }

    @Test
    void run_acrossAnAwait_contextStaysInForce() {
        Context context = new Context();
        runMain(() -> {
            Task<@Nullable Void> other = createTask(() -> note("other " + variable.get()));
            context.run(() -> {
                variable.set("inside");
                turn();
                note("main " + variable.get());
            });
            note("after " + variable.get());
            await(other);
        });

        assertThat(notes).containsExactly("other default", "main inside", "after default");
    }

    @Test
    void run_failingBody_leavesTheContext() {
        Context context = new Context();
        assertThatThrownBy(() -> context.run(() -> {
                    throw new java.io.IOException("broken");
                }))
                .isInstanceOf(java.io.IOException.class);

        assertThat(context.<String>run(() -> variable.get())).isEqualTo("default");
    }
}
