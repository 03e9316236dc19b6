package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/// A meeting point: tasks wait there until a given number of them has arrived, then all go on. It
/// serves one round after the other.
///
/// Threads: loop-confined.
public final class Barrier {
    /*
     *   FILLING --the last one arrives--> DRAINING  --the last one leaves--> FILLING
     *           --reset, some inside----> RESETTING --the last one leaves--> FILLING
     *   any     --abort--> BROKEN --reset--> RESETTING, or FILLING if nobody is inside
     *   DRAINING --reset--> RESETTING: who has not left yet finds the barrier reset, as in CPython
     *
     * Inside are those who have arrived and not left. Newcomers stay outside while the barrier drains or is reset, and
     * behind newcomers who are there already. As many of them are woken as there are places inside.
     */
    private enum State {
        FILLING,
        DRAINING,
        RESETTING,
        BROKEN
    }

    private final int parties;
    private final WaitQueue inside = new WaitQueue(WaitKind.BARRIER, this);
    private final WaitQueue outside = new WaitQueue(WaitKind.BARRIER, this);
    private final Set<Arrival> arrivals = new LinkedHashSet<>(); // who is inside, in the order of arrival
    private State state = State.FILLING; // of the whole barrier: the picture above

    /// A barrier.
    ///
    /// @param parties how many tasks make a round
    /// @throws IllegalArgumentException if that is less than one
    public Barrier(int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("parties must be >= 1: got " + parties);
        }
        this.parties = parties;
    }

    /// How many tasks make a round.
    ///
    /// @return the number
    public int parties() {
        return parties;
    }

    /// How many tasks wait for others to arrive.
    ///
    /// @return the number; zero unless a round fills
    public int waitingCount() {
        return state == State.FILLING ? arrivals.size() : 0;
    }

    /// Whether the barrier was aborted and not reset since.
    ///
    /// @return true if it was
    public boolean isBroken() {
        return state == State.BROKEN;
    }

    /// Waits until as many tasks have arrived as make a round; the last one does not suspend. While
    /// an earlier round is still leaving, it waits for that first.
    ///
    /// Cancellation: the task leaves, and one more must arrive; the others are not disturbed. If
    /// the round was complete already, it is complete without that task.
    ///
    /// @return a coroutine of the place among those of the same round, in the order of arrival:
    ///     each number from zero up to one less than the parties is given once; it throws
    ///     [BrokenBarrierException] if the barrier is broken, or is reset meanwhile
    public Coroutine<Integer> arrive() {
        return Asyncio.async(() -> {
            enter();
            Arrival arrival = new Arrival();
            arrivals.add(arrival);
            try {
                meet();
                return arrival.index;
            } finally {
                arrivals.remove(arrival);
                leave();
            }
        });
    }

    private void enter() {
        if (isClosed() || state != State.BROKEN && !outside.isEmpty()) {
            outside.park(this::admit);
        }
        while (isClosed()) { // again: it was closed after this task was woken
            outside.park(this::admit);
        }
        if (state == State.BROKEN) {
            throw new BrokenBarrierException("Barrier aborted: " + this + "; reset() makes it usable again");
        }
    }

    private boolean isClosed() {
        return state == State.DRAINING || state == State.RESETTING;
    }

    private void meet() {
        if (arrivals.size() == parties) {
            int index = 0;
            for (Arrival each : arrivals) {
                each.index = index++;
            }
            state = State.DRAINING;
            inside.wakeAll();
            return;
        }
        admit(); // to who came while this task was on its way
        inside.park(() -> {});
        if (state != State.DRAINING) {
            throw new BrokenBarrierException("Abort or reset of barrier: " + this + " while this task waited");
        }
    }

    /// Somebody has gone.
    private void leave() {
        if (arrivals.isEmpty() && isClosed()) {
            state = State.FILLING;
        }
        admit();
    }

    /// Lets newcomers in, as many as there are places.
    private void admit() {
        while (state == State.FILLING && outside.wokenCount() < parties - arrivals.size() && outside.wakeNext()) {
            // the next one
        }
    }

    /// Makes the barrier as new: whoever waits in it gets a [BrokenBarrierException]. Those whose
    /// round is complete but who have not gone on yet do, too.
    public void reset() {
        state = arrivals.isEmpty() ? State.FILLING : State.RESETTING;
        inside.wakeAll();
        admit();
    }

    /// Breaks the barrier: whoever waits, and whoever arrives from now on, gets a
    /// [BrokenBarrierException], until [#reset()].
    public void abort() {
        state = State.BROKEN;
        inside.wakeAll();
        outside.wakeAll();
    }

    @Override
    public String toString() {
        return "<Barrier " + state.name().toLowerCase(Locale.ROOT)
                + (state == State.BROKEN ? "" : ", waiters:" + waitingCount() + "/" + parties) + ">";
    }

    /// One task inside.
    private static final class Arrival {
        private int index; // set when the round is complete
    }
}
