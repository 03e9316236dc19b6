package asyncio.stream;

import asyncio.EventLoop;
import asyncio.ReusableHandle;
import org.jspecify.annotations.Nullable;

/// The listener of one way of a stream: told once, then forgotten.
///
/// Threads: loop-confined.
final class OneShot implements Runnable {
    private final EventLoop loop;
    private @Nullable Runnable listener;
    private @Nullable ReusableHandle later; // made when it is first needed

    OneShot(EventLoop loop) {
        this.loop = loop;
    }

    /// Replaces the listener. One that may go on already is told soon: nothing may happen any more that would
    /// tell it, and it must not be told from within the call that set it.
    void set(@Nullable Runnable replacement, boolean mayGoOn) {
        listener = replacement;
        if (replacement != null && mayGoOn) {
            if (later == null) {
                later = loop.createHandle(this);
            }
            later.schedule();
        }
    }

    /// Tells the listener, if there is one.
    @Override
    public void run() {
        Runnable told = listener;
        listener = null;
        if (told != null) {
            told.run();
        }
    }
}
