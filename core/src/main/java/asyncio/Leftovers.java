package asyncio;

import asyncio.fiber.Fiber;
import java.util.List;

/// Says which tasks of a loop are left, what they wait for, and where.
///
/// Threads: any thread; what changes meanwhile may be missing.
final class Leftovers {
    private static final int MAX_TASKS = 100;
    private static final int MAX_FRAMES = 20; // of one task

    private Leftovers() {}

    static String describe(EventLoop loop) {
        List<Task<?>> tasks = loop.allTasks();
        StringBuilder text = new StringBuilder("left: ").append(tasks.size()).append(" tasks");
        Fiber running = loop.core.runningFiber();
        for (Task<?> task : tasks.subList(0, Math.min(MAX_TASKS, tasks.size()))) {
            boolean runs = running != null && running.owner() == task.step();
            text.append("\n  ").append(task).append(runs ? ", which runs now" : "");
            List<StackTraceElement> stack = task.stack();
            stack.subList(0, Math.min(MAX_FRAMES, stack.size()))
                    .forEach(frame -> text.append("\n    at ").append(frame));
        }
        return text.append(tasks.size() > MAX_TASKS ? "\n  ... and more" : "").toString();
    }
}
