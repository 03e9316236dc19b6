package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BindingsTest {
    private final ContextVar<String> first = ContextVar.of("first");
    private final ContextVar<String> second = ContextVar.of("second");

    @Test
    void get_unboundVariable_isUnset() {
        assertThat(Bindings.EMPTY.get(first)).isSameAs(Bindings.UNSET);
        assertThat(Bindings.EMPTY.size()).isZero();
    }

    @Test
    void with_newVariable_leavesTheOriginalAlone() {
        Bindings one = Bindings.EMPTY.with(first, "a");
        Bindings two = one.with(second, "b");

        assertThat(one.get(second)).isSameAs(Bindings.UNSET);
        assertThat(two.get(first)).isEqualTo("a");
        assertThat(two.get(second)).isEqualTo("b");
        assertThat(two.size()).isEqualTo(2);
    }

    @Test
    void with_boundVariable_replacesItsValueOnly() {
        Bindings before = Bindings.EMPTY.with(first, "a").with(second, "b");
        Bindings after = before.with(first, "c");

        assertThat(before.get(first)).isEqualTo("a");
        assertThat(after.get(first)).isEqualTo("c");
        assertThat(after.get(second)).isEqualTo("b");
        assertThat(after.size()).isEqualTo(2);
    }

    @Test
    void with_null_isAValue() {
        Bindings bindings = Bindings.EMPTY.with(first, null);

        assertThat(bindings.get(first)).isNull();
        assertThat(bindings.size()).isEqualTo(1);
    }

    @Test
    void without_boundVariable_keepsTheOthers() {
        ContextVar<String> third = ContextVar.of("third");
        Bindings all = Bindings.EMPTY.with(first, "a").with(second, "b").with(third, "c");
        Bindings rest = all.without(second);

        assertThat(rest.get(first)).isEqualTo("a");
        assertThat(rest.get(second)).isSameAs(Bindings.UNSET);
        assertThat(rest.get(third)).isEqualTo("c");
        assertThat(all.get(second)).isEqualTo("b");
    }

    @Test
    void without_unboundVariable_isTheSame() {
        Bindings bindings = Bindings.EMPTY.with(first, "a");

        assertThat(bindings.without(second)).isSameAs(bindings);
    }
}
