package asyncio;

import asyncio.fiber.Job;

/// A job of the library's own, which neither suspends nor calls user code.
///
/// Threads: loop-confined.
final class BareJob extends Job {
    private final Runnable action;

    BareJob(Runnable action) {
        this.action = action;
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
