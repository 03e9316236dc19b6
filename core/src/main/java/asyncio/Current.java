package asyncio;

import asyncio.fiber.Fiber;
import org.jspecify.annotations.Nullable;

/// Who is running here: the step, and through it the task and the loop.
///
/// Threads: any thread; answers for the caller.
final class Current {
    private Current() {}

    /// The step that the calling code belongs to; null on a thread that is no loop's.
    static @Nullable Step step() {
        Fiber fiber = Fiber.current();
        return fiber == null ? null : (Step) fiber.owner(); // every job that is not bare is a Step
    }

    /// The task that the calling code belongs to; null in a callback and outside a loop.
    static @Nullable Task<?> task() {
        Step step = step();
        return step == null ? null : step.task();
    }

    /// The loop that runs the calling code; null outside.
    static @Nullable EventLoop loop() {
        Step step = step();
        return step == null ? null : step.loop;
    }
}
