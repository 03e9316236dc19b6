package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ContextTest {
    private final ContextVar<String> variable = ContextVar.of("variable");

    @Test
    void run_setInside_staysInside() {
        Context context = new Context();
        context.run(() -> {
            variable.set("inner");
        });

        assertThat(context.get(variable)).contains("inner");
        assertThatThrownBy(variable::get)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("context variable variable has no value here");
        assertThat(context).hasToString("<Context variables=1>");
    }

    @Test
    void copy_laterChanges_areNotShared() {
        Context original = new Context();
        original.run(() -> {
            variable.set("before");
        });
        Context copy = original.copy();
        original.run(() -> {
            variable.set("after");
        });

        assertThat(copy.get(variable)).contains("before");
        assertThat(original.get(variable)).contains("after");
    }

    @Test
    void run_twiceAtOnce_isRefused() {
        Context context = new Context();

        assertThatThrownBy(() -> context.run(() -> context.run(() -> {})))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("context must not be entered twice");
        assertThat(context.<String>run(() -> "again")).isEqualTo("again");
    }

    @Test
    void run_bodyThrows_restoresTheOuterContext() {
        Context outer = new Context();
        Context inner = new Context();
        outer.run(() -> {
            variable.set("outer");
            assertThatThrownBy(() -> inner.run((VoidBody) () -> {
                        throw new java.io.IOException("out");
                    }))
                    .isInstanceOf(java.io.IOException.class);
            assertThat(variable.get()).isEqualTo("outer");
        });
    }

    @Test
    void get_default_countsForTheVariableOnly() {
        ContextVar<String> withDefault = ContextVar.withDefault("withDefault", "default");

        assertThat(withDefault.get()).isEqualTo("default");
        assertThat(new Context().get(withDefault)).isEmpty();
    }

    @Test
    void reset_token_restoresWhatWasThere() {
        new Context().run(() -> {
            ContextVar.Token<String> first = variable.set("a");
            ContextVar.Token<String> second = variable.set("b");
            variable.reset(second);
            assertThat(variable.get()).isEqualTo("a");
            variable.reset(first);
            assertThatThrownBy(variable::get).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(() -> variable.reset(first))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("token must be used once");
        });
    }

    @Test
    void reset_foreignToken_isRefused() {
        ContextVar<String> other = ContextVar.of("other");
        Context context = new Context();
        ContextVar.Token<String> token = context.run(() -> variable.set("a"));

        assertThatThrownBy(() -> variable.reset(token))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token must be of the current context");
        assertThatThrownBy(() -> context.run(() -> other.reset(token)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got one of variable");
    }
}
