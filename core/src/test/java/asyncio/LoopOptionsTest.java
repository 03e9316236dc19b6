package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.fiber.EngineKind;
import asyncio.spi.Clock;
import asyncio.spi.Poller;
import asyncio.spi.ReadyOrder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopOptionsTest {
    private static <T> T withProperty(String name, @Nullable String value, Supplier<T> body) {
        String before = System.getProperty(name);
        try {
            put(name, value);
            return body.get();
        } finally {
            put(name, before);
        }
    }

    private static void put(String name, @Nullable String value) {
        if (value == null) {
            System.clearProperty(name);
        } else {
            System.setProperty(name, value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "TRUE", " on ", "yes", "x"})
    void isDebug_propertySaysSo_isOn(String value) {
        assertThat(withProperty(
                        "asyncio.debug", value, () -> LoopOptions.defaults().isDebug()))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "false", "False", " off ", "no"})
    void isDebug_propertySaysNot_isOff(String value) {
        assertThat(withProperty(
                        "asyncio.debug", value, () -> LoopOptions.defaults().isDebug()))
                .isFalse();
    }

    @Test
    void isDebug_toldByOptions_propertyDoesNotCount() {
        LoopOptions off = LoopOptions.defaults().debug(false);
        LoopOptions on = LoopOptions.defaults().debug(true);

        assertThat(withProperty("asyncio.debug", "1", off::isDebug)).isFalse();
        assertThat(withProperty("asyncio.debug", "0", on::isDebug)).isTrue();
    }

    @Test
    void engine_toldByOptions_propertyDoesNotCount() {
        LoopOptions baton = LoopOptions.defaults().engine("baton");

        assertThat(withProperty("asyncio.engine", "fast", baton::engineKind)).isEqualTo(EngineKind.BATON);
        assertThat(withProperty(
                        "asyncio.engine", "fast", () -> LoopOptions.defaults().engineKind()))
                .isEqualTo(EngineKind.FAST);
        assertThat(withProperty(
                        "asyncio.engine", null, () -> LoopOptions.defaults().engineKind()))
                .isEqualTo(EngineKind.AUTO);
    }

    @Test
    void engine_unknownWord_isRefused() {
        assertThatThrownBy(() -> LoopOptions.defaults().engine("turbo"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("turbo");
    }

    @Test
    void options_changed_leaveTheOriginalAlone() {
        Clock clock = () -> 7;
        Poller poller = Poller.nio();
        ReadyOrder order = ReadyOrder.seeded(1);
        LoopOptions changed = LoopOptions.defaults()
                .name("named")
                .clock(clock)
                .poller(() -> poller)
                .readyOrder(() -> order)
                .stepClock(clock);

        assertThat(changed.name()).isEqualTo("named");
        assertThat(changed.clock()).isSameAs(clock);
        assertThat(changed.stepClock()).isSameAs(clock);
        assertThat(changed.newPoller()).isSameAs(poller);
        assertThat(changed.newReadyOrder()).isSameAs(order);
        assertThat(changed.debug(true).name()).isEqualTo("named");
        assertThat(LoopOptions.defaults().name()).isNull();
        assertThat(LoopOptions.defaults().clock()).isSameAs(Clock.system());
        assertThat(LoopOptions.defaults().newReadyOrder()).isSameAs(ReadyOrder.fifo());
    }
}
