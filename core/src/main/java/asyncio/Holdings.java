package asyncio;

import asyncio.loop.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who holds which locks, permits and tokens on a loop in debug mode, and since where (AS112).
///
/// It begins empty when debug mode is switched on: what was taken before is not known.
///
/// Threads: loop-confined.
final class Holdings {
    private final EventLoop loop;
    private final Map<Task<?>, List<Holding>> held = new HashMap<>(); // no empty lists

    Holdings(EventLoop loop) {
        this.loop = loop;
    }

    void took(Task<?> task, Object resource) {
        held.computeIfAbsent(task, each -> new ArrayList<>()).add(new Holding(resource, Site.here()));
    }

    /// What had an owner has none any more.
    void disowned(Task<?> owner, @Nullable Task<?> by, Object resource) {
        Holding holding = remove(owner, resource);
        if (by != owner && !owner.isDone()) { // of one that is done, its end was reported
            String releaser = by == null ? "code outside a task" : by.describe();
            report(
                    holding,
                    Names.describe(resource) + " was released by " + releaser + ", but " + owner.describe()
                            + " holds it" + acquired(holding) + "; release it in the task that acquired it");
        }
    }

    /// One of several was given back.
    void returned(@Nullable Task<?> by, Object resource) {
        if (by != null && remove(by, resource) != null) {
            return;
        }
        for (Task<?> holder : held.keySet()) { // handed over: any of them will do
            if (remove(holder, resource) != null) {
                return;
            }
        }
    }

    /// Forgets what a task took last of a resource.
    private @Nullable Holding remove(Task<?> task, Object resource) {
        List<Holding> holdings = held.get(task);
        if (holdings == null) {
            return null;
        }
        for (int i = holdings.size() - 1; i >= 0; i--) {
            if (holdings.get(i).resource == resource) {
                Holding removed = holdings.remove(i);
                if (holdings.isEmpty()) {
                    held.remove(task);
                }
                return removed;
            }
        }
        return null;
    }

    /// Reports what a task has not given back.
    void ended(Task<?> task) {
        List<Holding> left = held.remove(task);
        if (left != null) {
            for (Holding holding : left) {
                report(
                        holding,
                        task.describe() + " ended while it holds " + Names.describe(holding.resource)
                                + acquired(holding) + "; release it in a finally block, or use"
                                + " try (var held = await(...hold()))");
            }
        }
    }

    /// Where a task took a resource, in words; empty if that is not known.
    String acquired(Task<?> task, Object resource) {
        for (Holding holding : held.getOrDefault(task, List.of())) {
            if (holding.resource == resource) {
                return acquired(holding);
            }
        }
        return "";
    }

    private static String acquired(@Nullable Holding holding) {
        return holding == null ? "" : ", acquired at " + Site.locate(holding.site);
    }

    private void report(@Nullable Holding holding, String message) {
        loop.diagnostics.report(
                Check.AS112,
                holding == null ? "" : Site.locate(holding.site),
                message + (holding == null ? "" : holding.site.trace()));
    }

    private record Holding(Object resource, Site site) {}
}
