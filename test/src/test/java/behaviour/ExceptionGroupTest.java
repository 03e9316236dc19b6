package behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ExceptionGroup;
import asyncio.testing.Spec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Several failures in one.
@Spec("EXC-1")
class ExceptionGroupTest {
    private final IOException io = new IOException("io");
    private final IllegalStateException state = new IllegalStateException("state");
    private final IllegalArgumentException argument = new IllegalArgumentException("argument");
    private final ExceptionGroup inner = new ExceptionGroup("inner", List.of(io, argument));
    private final ExceptionGroup outer = new ExceptionGroup("outer", List.of(state, inner));

    @Test
    void exceptions_inOrderAndImmutable() {
        assertThat(outer.exceptions()).containsExactly(state, inner).isUnmodifiable();
        assertThat(outer).hasMessage("outer (2 sub-exceptions)");
        assertThat(new ExceptionGroup("one", List.of(io))).hasMessage("one (1 sub-exception)");
    }

    @Test
    void new_withoutExceptions_refused() {
        assertThatThrownBy(() -> new ExceptionGroup("none", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be empty");
    }

    @Test
    void split_byType_keepsTheNestingAndTheMessages() {
        ExceptionGroup.Split split = outer.split(IOException.class);

        assertThat(split.matching())
                .hasMessage("outer (1 sub-exception)")
                .satisfies(matching -> assertThat(matching.exceptions())
                        .singleElement()
                        .isInstanceOfSatisfying(ExceptionGroup.class, group -> {
                            assertThat(group).hasMessage("inner (1 sub-exception)");
                            assertThat(group.exceptions()).containsExactly(io);
                        }));
        assertThat(split.rest()).satisfies(rest -> {
            assertThat(rest.exceptions()).hasSize(2).contains(state);
            assertThat(((ExceptionGroup) rest.exceptions().get(1)).exceptions()).containsExactly(argument);
        });
    }

    @Test
    void split_allOrNone_theGroupItselfAndNull() {
        assertThat(outer.split(Exception.class).matching()).isSameAs(outer);
        assertThat(outer.split(Exception.class).rest()).isNull();
        assertThat(outer.split(Error.class).matching()).isNull();
        assertThat(outer.split(Error.class).rest()).isSameAs(outer);
        assertThat(outer.split(failure -> failure == state).rest()).isNotNull();
    }

    @Test
    void throwIfSingle_loneFailureOrTheGroup() {
        ExceptionGroup single = new ExceptionGroup("outer", List.of(new ExceptionGroup("inner", List.of(io))));

        assertThatThrownBy(single::throwIfSingle).isSameAs(io);
        assertThatThrownBy(outer::throwIfSingle).isSameAs(outer);
    }

    @Test
    void printStackTrace_aTreeWithEveryFailure() {
        StringWriter text = new StringWriter();
        outer.printStackTrace(new PrintWriter(text, true));

        assertThat(text.toString())
                .contains("outer (2 sub-exceptions)", "1 of 2", "IllegalStateException: state", "2 of 2")
                .contains("inner (2 sub-exceptions)", "IOException: io", "IllegalArgumentException: argument");
    }
}
