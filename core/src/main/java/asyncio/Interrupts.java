package asyncio;

import asyncio.fiber.Fiber;
import asyncio.spi.SignalSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What Ctrl-C does while a runner runs (row RUN-4).
///
/// The first cancels the main task; the second ends the loop as soon as the current step does,
/// which is interrupted if it blocks; the third halts the JVM.
///
/// Threads: [#interrupt()] on the JVM's signal thread, the rest on the runner's.
final class Interrupts {
    private static final int EXIT_CODE = 130; // 128 + SIGINT, as shells have it

    private final EventLoop loop;
    private final @Nullable Task<?> main; // null while the runner closes: then the first one is only remembered
    private final AtomicInteger count = new AtomicInteger();

    Interrupts(EventLoop loop, @Nullable Task<?> main) {
        this.loop = loop;
        this.main = main;
    }

    int count() {
        return count.get();
    }

    /// Begins to listen; does nothing if nobody delivers signals, or somebody else handles this
    /// one.
    SignalSource.Registration install(@Nullable SignalSource signals) {
        if (signals != null) {
            try {
                return signals.handle("INT", this::interrupt);
            } catch (IllegalArgumentException | IllegalStateException e) {
                // Reserved by a JVM flag, ignored, or the program has its own handler: Ctrl-C is not ours then.
            }
        }
        return () -> {};
    }

    private void interrupt() {
        switch (count.incrementAndGet()) {
            case 1 -> {
                Task<?> task = main;
                if (task != null) {
                    loop.core.submit(new BareJob(() -> task.cancel(new CancelReason("Ctrl-C", "SIGINT", null))));
                }
            }
            case 2 -> {
                loop.core.submit(new BareJob(() -> loop.core.abort(new KeyboardInterrupt())));
                Fiber running = loop.core.runningFiber();
                if (running != null && !loop.core.isIdle()) { // a step is going on: it blocks, or may be about to
                    running.thread().interrupt();
                }
            }
            default -> Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
