package asyncio;

import asyncio.fiber.Job;

/// A job of the library's own, which neither suspends nor calls user code.
///
/// Threads: loop-confined.
final class BareJob extends Job {
    private final Runnable action;
    private final boolean always; // also if the loop closes first: another thread waits for it

    BareJob(Runnable action) {
        this(action, false);
    }

    private BareJob(Runnable action, boolean always) {
        this.action = action;
        this.always = always;
    }

    /// A job that runs even if the loop closes while it is queued.
    static BareJob always(Runnable action) {
        return new BareJob(action, true);
    }

    @Override
    protected void abandon() {
        if (always) {
            action.run();
        }
    }

    @Override
    protected void run() {
        action.run();
    }

    @Override
    protected boolean isBare() {
        return true;
    }

    @Override
    public String toString() {
        return "<BareJob>";
    }
}
