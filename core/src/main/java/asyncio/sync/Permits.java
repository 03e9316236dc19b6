package asyncio.sync;

import asyncio.Held;
import asyncio.WaitKind;
import asyncio.WaitQueue;

/// The permits of a semaphore, first-in first-out.
///
/// Threads: loop-confined.
final class Permits {
    private final Object semaphore;
    private final int bound; // no more than so many are ever free
    private final boolean areLent; // who takes one is expected to return it
    private final WaitQueue line; // the woken ones have a permit each
    private int free; // not taken; as many as there are woken tasks are spoken for

    Permits(Object semaphore, int count, int bound) {
        if (count < 0) {
            throw new IllegalArgumentException(
                    "permits must be zero or more: got " + count + "; with 0, each acquire waits for a release");
        }
        this.semaphore = semaphore;
        this.bound = bound;
        areLent = count > 0; // one that begins with none is a signal: releases come first
        line = new WaitQueue(WaitKind.SEMAPHORE, semaphore);
        free = count;
    }

    boolean isLocked() {
        return free == 0 || !line.isEmpty();
    }

    int waitingCount() {
        return line.size();
    }

    boolean take() {
        if (isLocked()) {
            line.park(this::grant);
            free--;
            grant(); // to who came while this task was on its way
        } else {
            free--;
        }
        if (areLent) {
            line.noteTaken();
        }
        return true;
    }

    Held hold() {
        take();
        return new Held(semaphore, this::release);
    }

    void release() {
        if (free >= bound) {
            throw new IllegalArgumentException(semaphore + " released too many times: all " + bound
                    + " permits are there; release once for each acquire");
        }
        free++;
        if (areLent) {
            line.noteReturned();
        }
        grant();
    }

    /// Gives free permits to those who have waited longest.
    private void grant() {
        while (free > line.wokenCount() && line.wakeNext()) {
            // the next one
        }
    }

    String describe(String type) {
        return "<" + type + " " + (isLocked() ? "locked" : "unlocked, value:" + free)
                + (line.isEmpty() ? "" : " waiters=" + line.size()) + ">";
    }
}
