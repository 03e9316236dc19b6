package asyncio.benchmarks;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import java.time.Duration;

/// The least that a program on asyncio can do, for [StartTimes].
///
/// Threads: one.
final class AsyncioHello {
    private AsyncioHello() {}

    /// Prints a word, after a suspension.
    static void main() {
        run(() -> {
            await(sleep(Duration.ZERO));
            System.out.println("hello");
        });
    }
}
