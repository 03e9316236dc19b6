package asyncio;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A piece of code that can be cancelled as one, with everything it started in task groups.
///
/// Once it is cancelled, by [#cancel()] or its deadline, whatever the code suspends on is cancelled,
/// too, **every** time until the code has ended: swallowing one [CancelledError] does not help. The
/// scope itself absorbs the error, so that the code around it goes on: see [#cancelledCaught()]. A
/// cancellation that somebody else asked for passes through.
///
/// A shield keeps cancellations that come from outside away from the code: those of enclosing
/// scopes, and [Task#cancel()] of the task that is inside, which is delivered when the shield ends.
///
/// Cancellation: of the task that is inside passes through, unless there is a shield.
///
/// Threads: loop-confined. Entered once.
///
/// The model is that of Trio's cancel scopes.
public final class CancelScope extends Scope {
    /*
     *   created --run--> entered --body ends--> finished
     *
     * `reason` is set once, by cancel() or the deadline, in any state but the last. While the code goes on, the loop
     * counts the scopes that are cancelled: as long as there are none, no suspension looks at the chain.
     */
    private final List<Request> held = new ArrayList<>(0); // edge requests that the shield keeps back
    private @Nullable CancelReason reason; // set once it is cancelled
    private boolean shield; // keeps cancellations from outside away
    private boolean caught; // the error was absorbed
    private @Nullable CancelledError error; // the one that was

    private CancelScope(boolean relative, long whenNanos) {
        super(relative, whenNanos);
    }

    /// A scope without a deadline.
    ///
    /// @return a new scope
    public static CancelScope create() {
        return new CancelScope(false, Long.MAX_VALUE);
    }

    /// A scope that is cancelled some time after it is entered.
    ///
    /// @param delay how long the code may take; zero: until its first suspension
    /// @return a new scope
    /// @throws IllegalArgumentException if the delay is negative
    public static CancelScope after(Duration delay) {
        return new CancelScope(true, positive(delay, "delay"));
    }

    /// A scope that is cancelled at a time of [EventLoop#time()].
    ///
    /// @param when the deadline
    /// @return a new scope
    public static CancelScope at(Duration when) {
        return new CancelScope(false, Durations.nanos(when, "when"));
    }

    static long positive(Duration delay, String argument) {
        long nanos = Durations.nanos(delay, argument);
        if (nanos < 0) {
            throw new IllegalArgumentException(argument + " must not be negative: got " + delay
                    + "; Duration.ZERO ends the code at its first suspension");
        }
        return nanos;
    }

    /// Runs code inside this scope; once.
    ///
    /// Cancellation: see the class.
    ///
    /// @param body the code
    /// @param <T> its result
    /// @return a coroutine of its result; empty if this scope cancelled it, or if the result is null.
    ///     It throws `IllegalStateException` if the scope was entered before
    public <T extends @Nullable Object> Coroutine<Optional<T>> run(ScopeBody<T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> Optional.ofNullable(this.<T>runInside(body)));
    }

    /// Runs code without a result inside this scope; once.
    ///
    /// Cancellation: see the class.
    ///
    /// @param body the code
    /// @return a coroutine of true if the code ran to its end, and false if this scope cancelled it
    @SuppressWarnings("overloads") // a block lambda is told apart by whether it returns a value
    public Coroutine<Boolean> run(VoidScopeBody body) {
        Objects.requireNonNull(body, "body must not be null");
        return new Coroutine<>(() -> {
            this.<@Nullable Void>runInside(scope -> {
                body.run(scope);
                return null;
            });
            return !caught;
        });
    }

    <T extends @Nullable Object> @Nullable T runInside(ScopeBody<T> body) throws Exception {
        Task<?> owner = enter();
        if (reason != null) {
            owner.loop().cancelledScopes++;
        }
        T result;
        try {
            result = body.run(this);
        } catch (Throwable e) {
            leave(owner);
            caught = e instanceof CancelledError && absorbs(owner);
            exit(owner);
            if (caught) {
                error = (CancelledError) e;
                return null;
            }
            throw Sneaky.rethrow(e);
        }
        leave(owner);
        exit(owner);
        return result;
    }

    /// Whether a cancellation that comes out is this scope's own. Behind a shield nobody else's could
    /// come in; what waits outside is raised at the next suspension there.
    private boolean absorbs(Task<?> owner) {
        return reason != null && (shield ? isOnlyRequest(owner) : isOnlyCause(owner));
    }

    @Override
    void entering(Task<?> current) {
        if (shield) {
            current.holdPending(this);
        }
    }

    @SuppressWarnings("NullAway") // not caught: the value is the T that the body returned
    <T extends @Nullable Object> T runOrFail(Body<T> body) throws Exception {
        T result = this.<T>runInside(scope -> body.run());
        if (caught) {
            throw new TimeoutException("deadline passed: " + this, error);
        }
        return result;
    }

    private void exit(Task<?> owner) {
        if (reason != null) {
            owner.loop().cancelledScopes--;
        }
        deliverHeld(owner);
    }

    /// Cancels the code inside. Does nothing if it is cancelled already, or has ended. Before entry:
    /// the code runs up to its first suspension.
    public void cancel() {
        cancel((String) null);
    }

    /// Cancels the code inside, with words that reach it.
    ///
    /// @param message the words, or null
    public void cancel(@Nullable String message) {
        Task<?> owner = task();
        if (owner != null) {
            owner.loop().checkThread("CancelScope.cancel");
        }
        cancel(CancelReason.here(message, owner != null && owner.loop().isDebug()));
    }

    private void cancel(CancelReason newReason) {
        if (reason != null || hasEnded()) {
            return;
        }
        reason = newReason;
        Task<?> owner = task();
        if (owner != null) {
            owner.loop().cancelledScopes++;
            interrupt(owner);
        }
    }

    /// Interrupts the tasks that are inside and suspended; those that run notice at their next
    /// suspension.
    private void interrupt(Task<?> owner) {
        Deque<Task<?>> tasks = new ArrayDeque<>();
        tasks.add(owner);
        Scope end = parent();
        Task<?> task;
        while ((task = tasks.poll()) != null) {
            for (Scope scope = task.scope; scope != end && scope != null; scope = scope.parent()) {
                if (scope.task() != task) {
                    break; // from here on, the chain is that of the task which runs the group
                }
                tasks.addAll(scope.children());
            }
            task.interruptByScope();
        }
    }

    @Override
    void expired() {
        cancel(new CancelReason("deadline passed", "a cancel scope", null));
    }

    /// Whether [#cancel()] was called, or the deadline passed while the code ran.
    ///
    /// @return true if so, whatever became of the code
    public boolean cancelCalled() {
        return reason != null;
    }

    /// Whether the code was ended by this scope: a [CancelledError] reached its edge, and nobody else
    /// had asked for one.
    ///
    /// @return true if so; false also if the code came to its end although it was cancelled
    public boolean cancelledCaught() {
        return caught;
    }

    /// Why it was cancelled.
    ///
    /// @return the reason, or empty if it was not cancelled
    public Optional<CancelReason> reason() {
        return Optional.ofNullable(reason);
    }

    @Nullable
    CancelReason cancelReason() {
        return reason;
    }

    // Shield

    /// Whether cancellations from outside are kept away.
    ///
    /// @return true if they are
    public boolean isShielded() {
        return shield;
    }

    /// Switches the shield on or off, before or while the code runs.
    ///
    /// When it is switched off, what it kept back is delivered. A shield without a deadline can hold
    /// up the end of a program: prefer [Asyncio#shielded(Duration, VoidBody)].
    ///
    /// @param on whether cancellations from outside are kept away
    /// @return this scope
    public CancelScope shield(boolean on) {
        Task<?> owner = task();
        if (owner != null) {
            owner.loop().checkThread("CancelScope.shield");
        }
        shield = on;
        if (on && owner != null && isActive()) {
            owner.holdPending(this);
        }
        if (!on && owner != null && isActive()) {
            deliverHeld(owner);
            interrupt(owner);
        }
        return this;
    }

    /// Keeps a request back until the shield ends.
    void hold(CancelReason requested, @Nullable Scope origin) {
        held.add(new Request(requested, origin));
    }

    private void deliverHeld(Task<?> owner) {
        if (!held.isEmpty()) {
            List<Request> due = List.copyOf(held);
            held.clear();
            due.forEach(request -> owner.cancel(request.reason, request.origin));
        }
    }

    @Override
    boolean isInterrupted() {
        return reason != null;
    }

    @Override
    String kind() {
        return "CancelScope";
    }

    @Override
    String stateWord() {
        return (hasEnded() ? "finished" : isActive() ? "entered" : "created")
                + (reason == null ? "" : " cancelled")
                + (shield ? " shielded" : "");
    }

    /// A request for a cancellation that waits for the end of a shield.
    private record Request(CancelReason reason, @Nullable Scope origin) {}
}
