package asyncio;

import asyncio.fiber.Job;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Who awaits whom (row INTRO-1), read from what is there anyway: the jobs that a future makes
/// ready, and what each task is suspended on. Nothing is noted for it.
///
/// Threads: loop-confined.
final class AwaitGraph {
    private AwaitGraph() {}

    /// The tasks and futures that await a future, directly: a task that is suspended on it or waits
    /// for it among others, the parent of a group's child, a gather, the outer future of a shield.
    static List<Future<?>> awaiters(Future<?> future) {
        Set<Future<?>> awaiters = new LinkedHashSet<>();
        for (Job job : future.waiters()) {
            if (job instanceof TaskStep step) {
                awaiters.add(step.task());
            } else if (job instanceof Relay relay) {
                awaiters.addAll(relay.targets());
            }
        }
        return List.copyOf(awaiters);
    }

    /// The futures that are not done and that a future or task waits for, directly.
    static List<Future<?>> awaited(Future<?> future) {
        Collection<? extends Future<?>> all = future.isDone() ? List.of() : future.awaits();
        return all.stream()
                .<Future<?>>map(each -> each)
                .filter(each -> !each.isDone())
                .toList();
    }

    /// Builds the graph of all who await a future, directly or not.
    ///
    /// Each future is looked at once, however many ways lead to it; a way that leads back to where it
    /// came from ends there.
    static FutureCallGraph build(Future<?> start, Function<Future<?>, List<StackTraceElement>> stacks) {
        IdentityHashMap<Future<?>, FutureCallGraph> built = new IdentityHashMap<>();
        IdentityHashMap<Future<?>, Visit> open = new IdentityHashMap<>();
        Deque<Visit> path = new ArrayDeque<>(); // no recursion: chains may be long
        path.push(new Visit(start));
        open.put(start, path.element());
        while (true) {
            Visit visit = path.element();
            if (visit.left.hasNext()) {
                Future<?> awaiter = visit.left.next();
                FutureCallGraph known = built.get(awaiter);
                if (known != null) {
                    visit.graphs.add(known);
                } else if (open.containsKey(awaiter)) {
                    visit.graphs.add(new FutureCallGraph(awaiter, List.of(), List.of(), true));
                } else {
                    Visit next = new Visit(awaiter);
                    open.put(awaiter, next);
                    path.push(next);
                }
            } else {
                path.pop();
                FutureCallGraph graph =
                        new FutureCallGraph(visit.future, stacks.apply(visit.future), visit.graphs, false);
                built.put(visit.future, graph);
                if (path.isEmpty()) {
                    return graph;
                }
                path.element().graphs.add(graph);
            }
        }
    }

    /// A future on the way from the start of a walk, and how far the walk over its awaiters got.
    private static final class Visit {
        final Future<?> future;
        final Iterator<Future<?>> left;
        final List<FutureCallGraph> graphs = new ArrayList<>();

        Visit(Future<?> future) {
            this.future = future;
            left = awaiters(future).iterator();
        }
    }
}
