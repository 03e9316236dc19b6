package asyncio.sync;

import asyncio.EventLoop;
import asyncio.WaitQueue;
import org.jspecify.annotations.Nullable;

/// A clause's part in one choice.
///
/// Threads: loop-confined.
///
/// @param <R> the result of its code
abstract class Attempt<R extends @Nullable Object> {
    /*
     *   tryNow() -> true: it has taken effect
     *            -> false: arm(), park in line() with request(); if woken by that line:
     *                      wasFulfilled() -> true: it has taken effect
     *                                     -> false: somebody was faster; begin again
     *   once, at the end, whoever was chosen: disarm()
     */

    /// Takes effect at once, if it can.
    abstract boolean tryNow();

    /// Where to wait.
    abstract WaitQueue line();

    /// What to wait there for; a new one for each wait.
    abstract WaitQueue.Request request();

    /// Asked after the line has woken the task: whether this has taken effect.
    abstract boolean wasFulfilled();

    /// Runs the code of a clause that has taken effect.
    abstract R run() throws Exception;

    /// Makes sure that somebody wakes the line.
    void arm(EventLoop loop) {}

    /// Undoes [#arm(EventLoop)].
    void disarm() {}
}
