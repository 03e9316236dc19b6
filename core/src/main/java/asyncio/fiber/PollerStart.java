package asyncio.fiber;

/// Starts the JDK's own socket poller on a platform thread, before any coroutine can.
///
/// The JDK creates its poller threads where a virtual thread first blocks on a socket. Were that
/// thread a coroutine, the poller's virtual threads would inherit our scheduler, and the loop would
/// carry them.
///
/// Threads: any thread.
final class PollerStart {
    private PollerStart() {}

    static void onPlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("must be called on a platform thread");
        }
        try {
            // Safety: only initialises a class of the JDK, which it would do itself later; nothing of it is used.
            Class.forName("sun.nio.ch.Poller", true, null);
        } catch (ClassNotFoundException e) {
            // A JDK without that class has no such poller to start.
        }
    }
}
