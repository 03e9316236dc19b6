package asyncio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;

class CoordinationTest {
    static Stream<Method> benchmarks() {
        return Stream.of(AsyncioCoordination.class, VirtualThreadCoordination.class, KotlinCoordination.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Benchmark.class));
    }

    @ParameterizedTest
    @MethodSource("benchmarks")
    void benchmark_once_doesWhatItClaims(Method benchmark) throws Exception {
        Class<?> type = benchmark.getDeclaringClass();
        if (type == AsyncioCoordination.class) {
            AsyncioBaton subject = new AsyncioBaton();
            try {
                benchmark.invoke(subject);
            } finally {
                subject.close();
            }
        } else {
            benchmark.invoke(type == KotlinCoordination.class ? new KotlinCoroutines() : new VirtualThreads());
        }
    }

    @Test
    void takenBy_sameTaskAgain_isNoHandOver() {
        HandOvers handOvers = new HandOvers();

        for (int i = 0; i < 2 * Batch.HAND_OVERS; i++) {
            assertThat(handOvers.takenBy(0)).isTrue();
        }
        for (int i = 2; i < Batch.HAND_OVERS; i++) {
            assertThat(handOvers.takenBy(i % 2 == 0 ? 1 : 0)).isTrue();
        }
        assertThat(handOvers.takenBy(Batch.HAND_OVERS % 2 == 0 ? 1 : 0)).isFalse();
    }
}
