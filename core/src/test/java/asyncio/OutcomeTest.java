package asyncio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    @Test
    void of_result_hasTheValue() {
        try (EventLoop loop = EventLoop.create()) {
            Future<String> future = loop.createFuture();
            future.setResult("done");
            Outcome<String> outcome = Outcome.of(future);

            assertThat(outcome.isSuccess()).isTrue();
            assertThat(outcome.get()).isEqualTo("done");
            assertThat(outcome.exception()).isNull();
        }
    }

    @Test
    void of_failure_throwsItAsItIs() {
        try (EventLoop loop = EventLoop.create()) {
            Future<String> future = loop.createFuture();
            IOException failure = new IOException("disk");
            future.setException(failure);
            Outcome<String> outcome = Outcome.of(future);

            assertThat(outcome.isSuccess()).isFalse();
            assertThat(outcome.value()).isNull();
            assertThatThrownBy(outcome::get).isSameAs(failure);
        }
    }

    @Test
    void of_cancellation_isACancelledErrorWithItsWords() {
        try (EventLoop loop = EventLoop.create()) {
            Future<String> future = loop.createFuture();
            future.cancel("enough");
            Outcome<String> outcome = Outcome.of(future);

            assertThat(outcome.isSuccess()).isFalse();
            assertThatThrownBy(outcome::get).isInstanceOf(CancelledError.class).hasMessage("enough");
        }
    }
}
