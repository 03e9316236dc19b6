package asyncio.fiber;

import org.jspecify.annotations.Nullable;

/// What is to be done once a fiber has left its thread.
///
/// A fiber that suspends only writes fields; registering it anywhere is left to this callback,
/// because leaving the thread can fail (stack exhausted, heap full, pinned) and a fiber that is
/// registered but still running would be resumed twice.
///
/// Threads: called by the loop, right after the fiber has suspended.
@FunctionalInterface
public interface Suspension {
    /// Registers whatever will resume the fiber. Must not throw and must not call user code.
    ///
    /// @return a fiber that runs next, before anything that is queued; or null
    @Nullable
    Fiber suspended();
}
