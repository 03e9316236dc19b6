package asyncio;

import asyncio.loop.Check;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks for tasks that wait for each other in a circle, before one more begins to wait (AS109).
///
/// Threads: loop-confined.
final class AwaitCycle {
    /*
     * A task waits for one future. Behind that there is another task, or several: the task itself if the future is one,
     * the owner of the lock if it is a place in its line, the children if it is a gather. Each of these is suspended, so
     * its own future is known; the walk ends where nobody is known who must act. Only tasks that wait make edges, and a
     * task takes a lock only while it runs: so the await that closes a circle is always the one that is looked at.
     */
    private static final int MAX_DEPTH = 64;

    private final Task<?> start;
    private final Deque<String> path = new ArrayDeque<>();
    private boolean bounded; // a task of the circle has a deadline: it will end
    private final Set<Task<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private AwaitCycle(Task<?> start) {
        this.start = start;
    }

    /// Refuses a wait that would never end.
    ///
    /// @throws DeadlockException if the future waits for the task
    static void check(Task<?> task, Future<?> future) {
        AwaitCycle walk = new AwaitCycle(task);
        if (!walk.reachesStart(future, 0)) {
            return;
        }
        String cycle = task.describe() + " -> " + String.join(" -> ", walk.path);
        boolean needed = future instanceof WaitQueue.Waiter waiter && !waiter.isCancellable();
        if (walk.bounded || needed) { // it will end; or the task must have what it waits for: not refused
            task.loop().diagnostics.report(Check.AS109, cycle, cycle);
            return;
        }
        throw new DeadlockException(Check.AS109 + ": deadlock: " + cycle
                + "; nobody in this circle can go on: release or finish before waiting");
    }

    private boolean reachesStart(@Nullable Future<?> future, int depth) {
        if (future == null || future.isDone() || depth >= MAX_DEPTH) {
            return false;
        }
        return switch (future) {
            case Task<?> task -> goesOn(task.describe(), task, depth);
            case WaitQueue.Waiter waiter -> reachesOwner(waiter, depth);
            case GatherFuture<?> gather -> reachesThroughChild(gather, depth);
            default -> false;
        };
    }

    private boolean reachesOwner(WaitQueue.Waiter waiter, int depth) {
        Task<?> owner = waiter.queue().owner();
        if (owner == null || owner.isDone()) {
            return false;
        }
        Holdings holdings = start.loop().holdings;
        String since = holdings == null ? "" : holdings.acquired(owner, waiter.subject());
        return goesOn(Names.describe(waiter.subject()) + " held by " + owner.describe() + since, owner, depth);
    }

    private boolean reachesThroughChild(GatherFuture<?> gather, int depth) {
        path.addLast(gather.describe());
        for (Future<?> child : gather.children()) {
            if (reachesStart(child, depth + 1)) {
                return true;
            }
        }
        path.removeLast();
        return false;
    }

    private boolean goesOn(String words, Task<?> task, int depth) {
        if (!seen.add(task)) {
            return false;
        }
        path.addLast(words);
        bounded |= Scope.currentDeadline(task).isPresent();
        if (task == start || reachesStart(task.waitingFor(), depth + 1)) {
            return true;
        }
        path.removeLast();
        return false;
    }
}
