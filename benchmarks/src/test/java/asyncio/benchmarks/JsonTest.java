package asyncio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void parse_nestedValues_keepsOrderAndTypes() {
        Object value = Json.parse(" { \"b\" : [ 1, -2.5E3 , true,false, null ], \"a\":{}, \"c\":[] } ");

        assertThat(value)
                .isEqualTo(Map.of("b", List.of(1.0, -2500.0, true, false, "null"), "a", Map.of(), "c", List.of()));
        assertThat(((Map<?, ?>) value).keySet().stream().map(Object::toString)).containsExactly("b", "a", "c");
    }

    @Test
    void parse_escapes_areReplaced() {
        assertThat(Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"")).isEqualTo("\"\\/\b\f\n\r\té");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1",
                "[1 2]",
                "{\"a\" 1}",
                "{\"a\":}",
                "{a:1}",
                "\"a",
                "\"\\x\"",
                "\"\\u12\"",
                "nil",
                "1 2",
                "]"
            })
    void parse_notJson_isRefused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
