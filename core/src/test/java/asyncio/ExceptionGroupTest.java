package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExceptionGroupTest {
    private static <E extends Throwable> E bare(E exception) {
        exception.setStackTrace(new StackTraceElement[] {new StackTraceElement("a.B", "c", "B.java", 7)});
        return exception;
    }

    @Test
    void printStackTrace_nestedGroups_isATree() {
        ExceptionGroup inner = bare(new ExceptionGroup("inner", List.of(bare(new IOException("disk")))));
        ExceptionGroup outer =
                bare(new ExceptionGroup("outer", List.of(bare(new IllegalStateException("state")), inner)));
        String expected = """
                asyncio.ExceptionGroup: outer (2 sub-exceptions)
                \tat a.B.c(B.java:7)
                  +---------------- 1 of 2 ----------------
                  | java.lang.IllegalStateException: state
                  | \tat a.B.c(B.java:7)
                  +---------------- 2 of 2 ----------------
                  | asyncio.ExceptionGroup: inner (1 sub-exception)
                  | \tat a.B.c(B.java:7)
                  |   +---------------- 1 of 1 ----------------
                  |   | java.io.IOException: disk
                  |   | \tat a.B.c(B.java:7)
                  |   +------------------------------------
                  +------------------------------------
                """.replace("\n", System.lineSeparator());

        StringWriter written = new StringWriter();
        outer.printStackTrace(new PrintWriter(written, true));
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        outer.printStackTrace(new PrintStream(streamed, true, StandardCharsets.UTF_8));

        assertThat(written).hasToString(expected);
        assertThat(streamed.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
    }

    @Test
    void split_byType_keepsTheNesting() {
        IOException one = new IOException("one");
        IOException two = new IOException("two");
        IllegalStateException three = new IllegalStateException("three");
        ExceptionGroup group =
                new ExceptionGroup("outer", List.of(one, new ExceptionGroup("inner", List.of(two, three)), three));

        ExceptionGroup.Split split = group.split(IOException.class);

        ExceptionGroup matching = java.util.Objects.requireNonNull(split.matching());
        assertThat(matching).hasMessage("outer (2 sub-exceptions)");
        assertThat(matching.exceptions().getFirst()).isSameAs(one);
        assertThat(((ExceptionGroup) matching.exceptions().getLast()).exceptions())
                .containsExactly(two);
        ExceptionGroup rest = java.util.Objects.requireNonNull(split.rest());
        assertThat(rest.exceptions()).hasSize(2);
        assertThat(((ExceptionGroup) rest.exceptions().getFirst()).exceptions()).containsExactly(three);
        assertThat(rest.exceptions().getLast()).isSameAs(three);
        assertThat(rest.getStackTrace()).isEqualTo(group.getStackTrace());
    }

    @Test
    void split_allOrNothing_givesTheGroupItself() {
        ExceptionGroup group = new ExceptionGroup("group", List.of(new IOException("one")));

        assertThat(group.split(IOException.class).matching()).isSameAs(group);
        assertThat(group.split(IOException.class).rest()).isNull();
        assertThat(group.split(Error.class).matching()).isNull();
        assertThat(group.split(Error.class).rest()).isSameAs(group);
    }

    @Test
    void split_withCause_keepsIt() {
        ExceptionGroup group =
                new ExceptionGroup("group", List.of(new IOException("one"), new IllegalStateException("two")));
        Throwable cause = new IllegalArgumentException("cause");
        group.initCause(cause);

        assertThat(java.util.Objects.requireNonNull(
                        group.split(IOException.class).matching()))
                .hasCause(cause);
    }

    @Test
    void throwIfSingle_groupsOfOne_throwsTheFailureItself() {
        IOException single = new IOException("single");
        ExceptionGroup group = new ExceptionGroup("outer", List.of(new ExceptionGroup("inner", List.of(single))));

        assertThatThrownBy(group::throwIfSingle).isSameAs(single);
    }

    @Test
    void throwIfSingle_severalInside_throwsTheOuterGroup() {
        ExceptionGroup inner = new ExceptionGroup("inner", List.of(new IOException("a"), new IOException("b")));
        ExceptionGroup group = new ExceptionGroup("outer", List.of(inner));

        assertThatThrownBy(group::throwIfSingle).isSameAs(group);
    }

    @Test
    void new_noFailures_isRefused() {
        assertThatThrownBy(() -> new ExceptionGroup("empty", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exceptions must not be empty");
    }
}
