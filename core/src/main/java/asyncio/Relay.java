package asyncio;

import asyncio.fiber.Job;
import java.util.Collection;

/// A bare job that a future makes ready for somebody else's sake: whoever waits for several futures,
/// or for one through another, leaves one with each.
///
/// It says whom it works for, so that one can see who awaits a future.
///
/// Threads: loop-confined.
abstract class Relay extends Job {
    /// Who awaits the future that this waits for: tasks, and futures that end with it.
    abstract Collection<? extends Future<?>> targets();

    @Override
    protected final boolean isBare() {
        return true;
    }

    @Override
    public String toString() {
        return "<Relay for " + targets() + ">";
    }
}
