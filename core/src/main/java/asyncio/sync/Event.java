package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;

/// A flag that tasks wait for.
///
/// Threads: loop-confined.
public final class Event {
    private final WaitQueue line = new WaitQueue(WaitKind.EVENT, this);
    private boolean set; // the flag

    /// An event that is not set.
    public Event() {}

    /// Whether the flag is set.
    ///
    /// @return true if it is
    public boolean isSet() {
        return set;
    }

    /// Sets the flag and wakes everybody who waits now, even if it is cleared again before they
    /// run.
    public void set() {
        if (!set) {
            set = true;
            line.wakeAll();
        }
    }

    /// Clears the flag.
    public void clear() {
        set = false;
    }

    /// How many tasks wait for the flag.
    ///
    /// @return the number; it includes those that go on in their next turn
    public int waitingCount() {
        return line.size();
    }

    /// Waits until the flag is set; does not suspend if it is.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// @return a coroutine of true
    public Coroutine<Boolean> awaitSet() {
        return Asyncio.async(() -> {
            if (!set) {
                line.park(() -> {});
            }
            return true;
        });
    }

    @Override
    public String toString() {
        return "<Event " + (set ? "set" : "unset") + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
