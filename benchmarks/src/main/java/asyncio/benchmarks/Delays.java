package asyncio.benchmarks;

import java.time.Duration;
import java.util.Random;

/// Delays that never pass during a measurement: from one to two hours, in no order, the same in
/// every run.
///
/// Threads: immutable.
final class Delays {
    private static final int COUNT = 4096; // a power of two
    private static final int HOUR_MILLIS = 3_600_000;

    private final int[] millis;
    private final Duration[] durations = new Duration[COUNT];

    Delays() {
        millis = new Random(25).ints(COUNT, HOUR_MILLIS, 2 * HOUR_MILLIS).toArray();
        for (int i = 0; i < COUNT; i++) {
            durations[i] = Duration.ofMillis(millis[i]);
        }
    }

    int millis(int index) {
        return millis[index & (COUNT - 1)];
    }

    Duration duration(int index) {
        return durations[index & (COUNT - 1)];
    }
}
