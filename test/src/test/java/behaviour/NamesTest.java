package behaviour;

import static asyncio.Asyncio.async;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Coroutine;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Messages name the user's code, not the library's wrapping of it.
@Spec("CORO-1")
class NamesTest {
    @Test
    void toString_bodyWithAResult_namesTheClassOfTheCode() {
        Coroutine<Integer> coroutine = async(() -> 1);

        assertThat(coroutine).hasToString("<Coroutine behaviour.NamesTest>");
    }

    @Test
    void toString_bodyWithoutAResult_namesTheClassOfTheCode() {
        Coroutine<@Nullable Void> coroutine = async(() -> {});

        assertThat(coroutine).hasToString("<Coroutine behaviour.NamesTest>");
    }
}
