package asyncio.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.spi.SignalSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// With SIGWINCH, whose default action is to do nothing.
class JvmSignalsTest {
    private static final String SIGNAL = "WINCH";

    private final SignalSource signals = new JvmSignals();
    private final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();

    private String next() throws InterruptedException {
        return String.valueOf(delivered.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void raise_handled_callsTheHandlerEachTime() throws InterruptedException {
        try (SignalSource.Registration registration = signals.handle(SIGNAL, () -> delivered.add("signal"))) {
            assertThat(registration).isNotNull();
            signals.raise(SIGNAL);
            assertThat(next()).isEqualTo("signal");
            signals.raise(SIGNAL);
            assertThat(next()).isEqualTo("signal");
        }
    }

    @Test
    void close_registration_restoresTheDefault() {
        SignalSource.Registration registration = signals.handle(SIGNAL, () -> delivered.add("signal"));
        registration.close();
        registration.close();

        assertThatThrownBy(() -> signals.raise(SIGNAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Unhandled signal");
        assertThat(delivered).isEmpty();
    }

    @Test
    void handle_alreadyHandled_isRefusedAndLeavesTheFirst() throws InterruptedException {
        try (SignalSource.Registration registration = signals.handle(SIGNAL, () -> delivered.add("first"))) {
            assertThat(registration).isNotNull();
            assertThatThrownBy(() -> signals.handle(SIGNAL, () -> delivered.add("second")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("signal WINCH is handled by somebody else");
            signals.raise(SIGNAL);
            assertThat(next()).isEqualTo("first");
        }
    }

    @Test
    void handle_unknownOrReservedSignal_isRefused() {
        assertThatThrownBy(() -> signals.handle("NOSUCH", () -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> signals.handle("SEGV", () -> {})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onShutdown_takenBack_canBeTakenBackAgain() {
        SignalSource.Registration registration = signals.onShutdown(() -> delivered.add("shutdown"));
        registration.close();
        registration.close();

        assertThat(delivered).isEmpty();
    }
}
