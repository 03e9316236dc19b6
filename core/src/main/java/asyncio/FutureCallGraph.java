package asyncio;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Where a task is, and who awaits it: what [Asyncio#captureCallGraph()] takes down.
///
/// A task that awaits another through a group, `waitUntil` or `asCompleted` is named as if it
/// awaited it directly; a `gather` and a `shield` are futures of their own in between. Where two
/// ways lead to one future, both end in the same object.
///
/// Threads: immutable; a capture must be made on the future's loop, or while that does not run.
///
/// @param future the task or future
/// @param callStack where it is suspended or running, innermost frame first, with the frames of the
///     generators that it reads; empty for a plain future
/// @param awaitedBy those who await it, each with its own stack and awaiters
/// @param isCycle whether this is the second sight of a future that waits for itself: its stack and
///     awaiters are left out here
public record FutureCallGraph(
        Future<?> future, List<StackTraceElement> callStack, List<FutureCallGraph> awaitedBy, boolean isCycle) {
    private static final int MAX_LEVELS = 100; // of the text: the indentation grows with each

    /// Takes copies of the lists.
    ///
    /// @param future the task or future
    /// @param callStack where it is
    /// @param awaitedBy those who await it
    /// @param isCycle whether it was seen before, on the way here
    public FutureCallGraph {
        Objects.requireNonNull(future, "future must not be null");
        callStack = List.copyOf(callStack);
        awaitedBy = List.copyOf(awaitedBy);
    }

    /// Takes the graph of a future down, with stacks of a limited length.
    ///
    /// @param future the future
    /// @param depth how many of the innermost frames to leave out, if the future is the task that
    ///     runs the calling code: those of helpers that capture
    /// @param limit of each stack: more than 0 keeps as many of the innermost frames, less than 0 of
    ///     the outermost, 0 none; `Integer.MAX_VALUE` all
    /// @return the graph
    /// @throws IllegalStateException on a thread other than that of the future's loop, while it runs
    /// @throws IllegalArgumentException if the depth is less than 0
    public static FutureCallGraph capture(Future<?> future, int depth, int limit) {
        Objects.requireNonNull(future, "future must not be null");
        if (depth < 0) {
            throw new IllegalArgumentException("depth must be 0 or more: got " + depth);
        }
        future.loop().checkThread("captureCallGraph");
        Task<?> current = Current.task();
        return AwaitGraph.build(future, each -> {
            if (limit == 0 || each.isDone() || !(each instanceof Task<?> task)) {
                return List.of();
            }
            List<StackTraceElement> stack = task.stack();
            return limited(task == current ? stack.subList(Math.min(depth, stack.size()), stack.size()) : stack, limit);
        });
    }

    private static List<StackTraceElement> limited(List<StackTraceElement> stack, int limit) {
        int size = stack.size();
        return limit > 0
                ? stack.subList(0, Math.min(limit, size))
                : stack.subList((int) Math.max(0, size + (long) limit), size);
    }

    /// The graph as text, in asyncio's form: each future with its stack, and indented below it those
    /// who await it.
    ///
    /// @return lines, without a line break at the end
    public String format() {
        List<String> lines = new ArrayList<>();
        Set<FutureCallGraph> printed = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Level> left = new ArrayDeque<>();
        left.push(new Level(this, 0));
        while (!left.isEmpty()) {
            Level level = left.pop();
            if (level.graph.print(lines, level.depth, printed)) {
                level.graph.awaitedBy.reversed().forEach(awaiter -> left.push(new Level(awaiter, level.depth + 1)));
            }
        }
        return String.join("\n", lines);
    }

    /// Adds the lines of one future; returns whether those of its awaiters are to follow.
    private boolean print(List<String> lines, int depth, Set<FutureCallGraph> printed) {
        String indent = "    ".repeat(depth);
        String note = isCycle
                ? " (cycle: it waits for itself, see above)"
                : !awaitedBy.isEmpty() && !printed.add(this) ? " (see above)" : "";
        lines.add(indent + "* " + title() + note);
        if (!note.isEmpty()) {
            return false;
        }
        if (!callStack.isEmpty()) {
            lines.add(indent + "  + Call stack:");
            callStack.forEach(frame -> lines.add(indent + "  |   at " + frame));
        }
        if (awaitedBy.isEmpty()) {
            return false;
        }
        lines.add(indent + "  + Awaited by:");
        if (depth + 1 == MAX_LEVELS) {
            lines.add(indent + "    ... (" + MAX_LEVELS + " levels are shown)");
            return false;
        }
        return true;
    }

    private String title() {
        String id = "id=0x" + Integer.toHexString(System.identityHashCode(future)) + ")";
        if (future instanceof Task<?> task) {
            return "Task(name='" + task.name() + "', " + id;
        }
        String words = future.describe();
        return "Future(" + (words.equals("future") ? "" : words + ", ") + id;
    }

    /// Prints [#format()].
    ///
    /// @param out where to
    public void print(PrintStream out) {
        out.println(format());
    }

    /// Whether it is the same capture.
    @Override
    public boolean equals(Object other) {
        return this == other; // by value it would recurse as deep as the chain is long
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return format();
    }

    /// What is still to be printed.
    ///
    /// @param graph the graph
    /// @param depth how far it is indented
    private record Level(FutureCallGraph graph, int depth) {}
}
