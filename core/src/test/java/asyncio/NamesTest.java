package asyncio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {
    @Test
    void of_lambda_isTheClassAroundIt() {
        Runnable lambda = () -> {};

        assertThat(Names.of(lambda)).isEqualTo("asyncio.NamesTest");
    }

    @Test
    void of_class_isItsName() {
        assertThat(Names.of(new Named())).isEqualTo("asyncio.NamesTest$Named");
    }

    private static final class Named {}
}
