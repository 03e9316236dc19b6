package asyncio;

import asyncio.loop.Check;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds coroutines that nobody awaited or scheduled: when they become garbage, or when the loop
/// closes.
///
/// Threads: loop-confined, but for [Unused#used()].
final class CoroutineTracker {
    /*
     * Nearly every coroutine is used right after it was created, so creation costs one field: the last one created is
     * merely remembered. Only when another one comes, or an iteration begins, and it is still unused, is it given a
     * weak reference that tells when it is gone.
     */
    private final EventLoop loop;
    private final ReferenceQueue<Coroutine<?>> collected = new ReferenceQueue<>();
    private final Set<Unused> watched = new HashSet<>();
    private @Nullable Coroutine<?> last; // created last; perhaps used since

    CoroutineTracker(EventLoop loop) {
        this.loop = loop;
    }

    void created(Coroutine<?> coroutine) {
        Coroutine<?> previous = last;
        if (previous != null && previous.mayBeForgotten()) {
            watch(previous);
        }
        last = coroutine;
    }

    private void watch(Coroutine<?> coroutine) {
        Unused record = new Unused(coroutine, collected);
        coroutine.watchedBy(record);
        watched.add(record);
    }

    /// Called once in a while: reports what became garbage unused.
    void sweep() {
        Coroutine<?> previous = last;
        if (previous != null) {
            last = null;
            if (previous.mayBeForgotten()) {
                watch(previous);
            }
        }
        for (Object record = collected.poll(); record != null; record = collected.poll()) {
            if (record instanceof Unused unused && watched.remove(unused)) {
                report(unused);
            }
        }
    }

    /// Reports whatever is unused now.
    void close() {
        sweep();
        watched.forEach(this::report);
        watched.clear();
    }

    private void report(Unused record) {
        if (!record.used) {
            String place = record.site == null ? "" : " Coroutine created at " + Site.locate(record.site);
            String trace = record.site == null ? "" : record.site.trace();
            loop.diagnostics.report(
                    Check.AS101,
                    place,
                    "coroutine " + record.name
                            + " was never awaited: await it, schedule it with createTask, or close() it." + place
                            + trace);
        }
    }

    /// Outlives a coroutine to tell whether it was used.
    static final class Unused extends WeakReference<Coroutine<?>> {
        private final String name;
        private final @Nullable Site site;
        private volatile boolean used; // set by the thread that uses the coroutine

        Unused(Coroutine<?> coroutine, ReferenceQueue<Coroutine<?>> queue) {
            super(coroutine, queue);
            name = coroutine.name();
            site = coroutine.site();
        }

        void used() {
            used = true;
        }
    }
}
