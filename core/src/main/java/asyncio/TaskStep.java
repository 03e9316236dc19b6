package asyncio;

import asyncio.fiber.Fiber;
import asyncio.fiber.Suspension;
import org.jspecify.annotations.Nullable;

/// A task in the ready queue: its start, or its continuation after a suspension.
///
/// Threads: loop-confined.
final class TaskStep extends Step implements Suspension {
    private final Task<?> task;

    @Nullable
    Future<?> awaited; // what the task is about to suspend on; null: only until the next turn

    TaskStep(EventLoop loop, Context context, Task<?> task) {
        super(loop, context);
        this.task = task;
    }

    @Override
    Task<?> task() {
        return task;
    }

    @Override
    protected void run() {
        task.runBody();
    }

    /// The task has left its thread: what it waits for may know of it now.
    @Override
    public @Nullable Fiber suspended() {
        Future<?> future = awaited;
        if (future == null) {
            loop.core.enqueue(this);
        } else {
            task.suspendedOn(future);
        }
        return null;
    }

    @Override
    public String toString() {
        return task.toString();
    }
}
