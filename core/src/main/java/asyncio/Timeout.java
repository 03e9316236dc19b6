package asyncio;

import asyncio.fiber.Job;
import asyncio.loop.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Bounds the time that a piece of code may take.
///
/// When the deadline passes, the task is cancelled inside the code; on the way out, that
/// cancellation becomes a [TimeoutException]. A cancellation that came from elsewhere stays what it
/// is. A deadline that has passed already lets the code run up to its first suspension.
///
/// Cancellation: passes through; the deadline is disarmed.
///
/// Threads: loop-confined. Entered once.
public final class Timeout {
    /*
     *   CREATED --run--> ENTERED --deadline--> EXPIRING --body ends--> EXPIRED
     *                            --body ends--> EXITED
     *
     * CPython's asyncio.Timeout: whose cancellation it is, is decided by counting. The deadline adds a request; if,
     * after it is taken back, there are no more than at entry, nobody else asked (rows TO-1 to TO-3).
     */
    private enum State {
        CREATED,
        ENTERED,
        EXPIRING,
        EXPIRED,
        EXITED
    }

    private final boolean relative;
    private long whenNanos; // CREATED and relative: a delay; else a time of the loop. Long.MAX_VALUE: never
    private State state = State.CREATED; // see the transitions above
    private @Nullable Task<?> task; // whose code is bounded; set on entry
    private int cancellingAtEntry; // requests that were there before the deadline's own
    private @Nullable Alarm alarm; // armed; null if there is no deadline

    private Timeout(boolean relative, long whenNanos) {
        this.relative = relative;
        this.whenNanos = whenNanos;
    }

    /// A timeout that starts to count when it is entered.
    ///
    /// @param delay how long the code may take; zero or less: until its first suspension
    /// @return a new timeout
    public static Timeout after(Duration delay) {
        return new Timeout(true, Durations.nanos(delay, "delay"));
    }

    /// A timeout at a time of [EventLoop#time()].
    ///
    /// @param when the deadline
    /// @return a new timeout
    public static Timeout at(Duration when) {
        return new Timeout(false, Durations.nanos(when, "when"));
    }

    /// A timeout without a deadline, which [#reschedule(Duration)] can give one.
    ///
    /// @return a new timeout
    public static Timeout never() {
        return new Timeout(false, Long.MAX_VALUE);
    }

    /// Runs code under this timeout; once.
    ///
    /// Cancellation: passes through.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; it throws [TimeoutException] if the deadline interrupted
    ///     the code, and `IllegalStateException` if the timeout was entered before
    public <T extends @Nullable Object> Coroutine<T> run(TimeoutBody<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> runInside(body));
    }

    /// Runs code without a result under this timeout; once.
    ///
    /// Cancellation: passes through.
    ///
    /// @param body the code
    /// @return a coroutine, as that of [#run(TimeoutBody)]
    @SuppressWarnings("overloads") // a block lambda is told apart by whether it returns a value
    public Coroutine<@Nullable Void> run(VoidTimeoutBody body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<@Nullable Void>(() -> runInside(scope -> {
            body.run(scope);
            return null;
        }));
    }

    <T extends @Nullable Object> T runInside(TimeoutBody<T> body) throws Exception {
        enter();
        T result;
        try {
            result = body.run(this);
        } catch (Throwable e) {
            throw Sneaky.rethrow(exit(e));
        }
        leave();
        return result;
    }

    private void enter() {
        if (state != State.CREATED) {
            throw new IllegalStateException(
                    "Timeout has already been entered: " + this + "; make a new one for each use");
        }
        Task<?> current = Current.task();
        if (current == null) {
            throw new IllegalStateException("Timeout should be used inside a task: create one, or use run(...)");
        }
        task = current;
        state = State.ENTERED;
        cancellingAtEntry = current.cancelling();
        arm(current.loop(), relative ? Durations.deadline(current.loop().core.nanoTime(), whenNanos) : whenNanos);
    }

    /// Moves the deadline.
    ///
    /// @param when a time of [EventLoop#time()]; one that has passed interrupts the code at its
    ///     next suspension
    /// @throws IllegalStateException if the code has not begun, has ended, or was interrupted
    ///     already
    public void reschedule(Duration when) {
        reschedule(Durations.nanos(when, "when"));
    }

    /// Removes the deadline.
    ///
    /// @throws IllegalStateException if the code has not begun, has ended, or was interrupted
    ///     already
    public void unschedule() {
        reschedule(Long.MAX_VALUE);
    }

    private void reschedule(long newWhenNanos) {
        Task<?> owner = task;
        if (state != State.ENTERED || owner == null) {
            throw new IllegalStateException(
                    state == State.CREATED
                            ? "Timeout has not been entered: it can be moved inside its body only"
                            : "Cannot change state of " + stateWord() + " Timeout: make a new one");
        }
        owner.loop().checkThread("reschedule");
        arm(owner.loop(), newWhenNanos);
    }

    private void arm(EventLoop loop, long deadlineNanos) {
        whenNanos = deadlineNanos;
        disarm();
        if (deadlineNanos != Long.MAX_VALUE) {
            alarm = new Alarm(loop);
            if (deadlineNanos <= loop.core.nanoTime()) {
                loop.core.enqueue(alarm); // at once: after what is ready already
            } else {
                loop.core.arm(alarm.timer, deadlineNanos);
            }
        }
    }

    private void disarm() {
        Alarm armed = alarm;
        if (armed != null) {
            alarm = null;
            armed.disarm();
        }
    }

    /// Disarms; true if the deadline had interrupted the code and nobody else asked for a
    /// cancellation.
    private boolean leave() {
        disarm();
        if (state != State.EXPIRING) {
            state = State.EXITED;
            return false;
        }
        state = State.EXPIRED;
        return Objects.requireNonNull(task).uncancel() <= cancellingAtEntry;
    }

    /// What comes out in place of what the body threw.
    private Throwable exit(Throwable thrown) {
        if (leave()) {
            if (thrown instanceof CancelledError) {
                return new TimeoutException("deadline passed: " + this, thrown);
            }
            attach(thrown);
            if (thrown instanceof ExceptionGroup group) {
                group.exceptions().forEach(this::attach);
            }
        }
        return thrown;
    }

    /// Notes on a failure which replaced the cancellation that the deadline was what interrupted
    /// the code.
    private void attach(Throwable thrown) {
        thrown.addSuppressed(new TimeoutException("deadline passed: " + this, null));
    }

    /// When the code is interrupted.
    ///
    /// @return a time of [EventLoop#time()], or empty if there is no deadline; before entry, of a
    ///     relative timeout, empty
    public Optional<Duration> when() {
        boolean unknown = whenNanos == Long.MAX_VALUE || relative && state == State.CREATED;
        return unknown ? Optional.empty() : Optional.of(Duration.ofNanos(whenNanos));
    }

    /// Whether the deadline passed while the code ran.
    ///
    /// @return true if it did, also if the code dealt with the cancellation itself
    public boolean isExpired() {
        return state == State.EXPIRING || state == State.EXPIRED;
    }

    private String stateWord() {
        return state == State.EXITED ? "finished" : state.toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return "<Timeout " + stateWord() + when().map(when -> " when=" + when).orElse("") + ">";
    }

    /// The deadline in the loop's queues.
    private final class Alarm extends Job {
        final Timer timer = new Timer(this);
        private final EventLoop loop;
        private boolean off;

        Alarm(EventLoop loop) {
            this.loop = loop;
        }

        void disarm() {
            off = true;
            loop.core.disarm(timer);
        }

        @Override
        protected boolean isBare() {
            return true;
        }

        @Override
        protected void run() {
            Task<?> owner = task;
            if (!off && owner != null) {
                alarm = null;
                state = State.EXPIRING;
                owner.cancel(new CancelReason("deadline passed", "a timeout", null));
            }
        }
    }
}
