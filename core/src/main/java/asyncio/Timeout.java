package asyncio;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
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
public final class Timeout extends Scope {
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

    private State state = State.CREATED; // see the transitions above

    private Timeout(boolean relative, long whenNanos) {
        super(relative, whenNanos);
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
        Task<?> owner = enter();
        state = State.ENTERED;
        T result;
        try {
            result = body.run(this);
        } catch (Throwable e) {
            throw Sneaky.rethrow(exit(owner, e));
        }
        end(owner);
        return result;
    }

    /// Leaves; true if the deadline had interrupted the code and nobody else asked for a
    /// cancellation.
    private boolean end(Task<?> owner) {
        leave(owner);
        if (state != State.EXPIRING) {
            state = State.EXITED;
            return false;
        }
        state = State.EXPIRED;
        owner.uncancel();
        return isOnlyCause(owner);
    }

    /// What comes out in place of what the body threw.
    private Throwable exit(Task<?> owner, Throwable thrown) {
        if (end(owner)) {
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

    @Override
    void expired() {
        state = State.EXPIRING;
        Objects.requireNonNull(task()).cancel(new CancelReason("deadline passed", "a timeout", null), this);
    }

    /// Whether the deadline passed while the code ran.
    ///
    /// @return true if it did, also if the code dealt with the cancellation itself
    public boolean isExpired() {
        return state == State.EXPIRING || state == State.EXPIRED;
    }

    @Override
    boolean isInterrupted() {
        return isExpired();
    }

    @Override
    String kind() {
        return "Timeout";
    }

    @Override
    String stateWord() {
        return state == State.EXITED ? "finished" : state.toString().toLowerCase(Locale.ROOT);
    }
}
