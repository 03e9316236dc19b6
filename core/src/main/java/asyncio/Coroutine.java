package asyncio;

import org.jspecify.annotations.Nullable;

/// Code that runs when it is awaited or scheduled, and not before: made by [Asyncio#async(Body)].
///
/// Awaited, it runs inline, in the awaiting task, like a call. Given to `createTask`, it runs
/// concurrently. Single-use. One that is neither awaited nor scheduled is reported (AS101).
///
/// Threads: a coroutine may be created on any thread and handed over; it starts once.
///
/// @param <T> the result
public final class Coroutine<T extends @Nullable Object> implements Awaitable<T> {
    private final Body<T> body;
    private final @Nullable Site site; // debug mode only
    private boolean used; // awaited, scheduled or closed
    private boolean handedOver; // used, or on its way to another loop

    @Nullable
    Scope scope; // of the task group that will run it; null: of none

    private CoroutineTracker.@Nullable Unused record; // set when the tracker begins to watch this

    Coroutine(Body<T> body) {
        this.body = body;
        EventLoop loop = Current.loop();
        if (loop == null) {
            site = null;
        } else {
            site = loop.isDebug() ? Site.here() : null;
            loop.coroutines.created(this);
        }
    }

    /// Gives the coroutine up: it will not run, and is not reported as forgotten.
    public void close() {
        claim();
    }

    /// Whether it was awaited, scheduled or closed already.
    ///
    /// @return true if it cannot be used any more
    public boolean isUsed() {
        return used;
    }

    /// Takes the coroutine for somebody who will run it.
    ///
    /// @throws IllegalStateException if it was taken before
    void use() {
        if (used) {
            throw new IllegalStateException(
                    "cannot reuse already awaited coroutine " + this + ": call the function again for a new one");
        }
        claim();
    }

    private void claim() {
        used = true;
        handOver();
    }

    /// Says that somebody else will run or close this: its creator has not forgotten it.
    void handOver() {
        handedOver = true;
        if (record != null) {
            record.used();
        }
    }

    boolean mayBeForgotten() {
        return !handedOver;
    }

    /// Runs the body of a coroutine that [#use()] has taken.
    T call() throws Exception {
        return body.run();
    }

    /// Runs the coroutine in the calling task.
    T awaitInline() {
        if (Current.task() == null) {
            throw Task.noTask();
        }
        use();
        try {
            return body.run();
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        }
    }

    void watchedBy(CoroutineTracker.Unused watcher) {
        record = watcher;
    }

    @Nullable
    Site site() {
        return site;
    }

    /// What stands for the body in messages.
    String name() {
        return Names.of(body);
    }

    @Override
    public String toString() {
        return "<Coroutine " + name() + (site == null ? "" : " created at " + Site.locate(site)) + ">";
    }
}
