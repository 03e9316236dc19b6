package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void nanos_ordinaryDuration_isExact() {
        assertThat(Durations.nanos(Duration.ofSeconds(1, 5), "delay")).isEqualTo(1_000_000_005L);
        assertThat(Durations.nanos(Duration.ofNanos(-3), "delay")).isEqualTo(-3);
    }

    @Test
    void nanos_beyondWhatFits_isClamped() {
        assertThat(Durations.nanos(Duration.ofDays(365 * 300), "delay")).isEqualTo(Long.MAX_VALUE);
        assertThat(Durations.nanos(Duration.ofSeconds(Long.MAX_VALUE), "delay")).isEqualTo(Long.MAX_VALUE);
        assertThat(Durations.nanos(Duration.ofDays(365 * 300).negated(), "delay"))
                .isEqualTo(Long.MIN_VALUE);
        assertThat(Durations.nanos(Duration.ofNanos(Long.MAX_VALUE).minusNanos(1), "delay"))
                .isEqualTo(Long.MAX_VALUE - 1);
    }

    @Test
    @SuppressWarnings("NullAway") // the subject
    void nanos_null_namesTheArgument() {
        assertThatThrownBy(() -> Durations.nanos(null, "delay"))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("delay must not be null");
    }

    @Test
    void deadline_overflow_isNever() {
        assertThat(Durations.deadline(10, 5)).isEqualTo(15);
        assertThat(Durations.deadline(10, 0)).isEqualTo(10);
        assertThat(Durations.deadline(10, -5)).isEqualTo(10);
        assertThat(Durations.deadline(10, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(Durations.deadline(10, Long.MAX_VALUE - 10)).isEqualTo(Long.MAX_VALUE);
        assertThat(Durations.deadline(-10, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE - 10);
    }
}
