package asyncio.net;

import static asyncio.Asyncio.await;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import asyncio.ExceptionGroup;
import asyncio.TaskGroup;
import asyncio.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Attempts of which one has to succeed, each begun a little after the one before: the race of Happy
/// Eyeballs (RFC 8305), for connections of any kind.
///
/// The first attempt that succeeds wins, and the others are cancelled. An attempt that fails lets the
/// next one begin at once.
///
/// ```java
/// StaggeredRace<Session> race = new StaggeredRace<>(attempts, Duration.ofMillis(250), Session::close);
/// Session session = await(race.run()).orElseThrow(() -> new ConnectException("tried: " + race.errors()));
/// ```
///
/// Threads: loop-confined.
///
/// @param <T> what an attempt gives
public final class StaggeredRace<T> {
    private final List<Body<? extends T>> attempts;
    private final Duration delay; // zero: the next one only after a failure
    private final Consumer<? super T> discard;
    private final @Nullable Exception[] errors; // of each attempt; null: it did not fail
    private final Event ended = new Event(); // an attempt has ended since the last one was begun
    private @Nullable T winner; // null: nobody has won yet
    private boolean used; // it runs, or ran

    /// A race that has not begun.
    ///
    /// @param attempts what is tried, in order; each runs in a task of its own
    /// @param delay the head start of each attempt; zero: each begins only after the one before failed
    /// @param discard disposes of a success that comes too late
    /// @throws IllegalArgumentException if the delay is negative
    public StaggeredRace(List<? extends Body<? extends T>> attempts, Duration delay, Consumer<? super T> discard) {
        this.attempts = List.copyOf(attempts);
        this.delay = Objects.requireNonNull(delay, "delay must not be null: Duration.ZERO tries one after the other");
        this.discard = Objects.requireNonNull(discard, "discard must not be null");
        if (delay.isNegative()) {
            throw new IllegalArgumentException(
                    "delay must not be negative: got " + delay + "; Duration.ZERO tries one after the other");
        }
        errors = new Exception[attempts.size()];
    }

    /// Runs the race, once, and waits until all attempts that were begun have ended.
    ///
    /// Cancellation: cancels the attempts; a success that there was is discarded.
    ///
    /// Errors of attempts are kept: see [#errors()]. Only what is no `Exception` comes out.
    ///
    /// @return a coroutine of what the winner gave; empty if none has won
    /// @throws IllegalStateException when awaited, if the race was run before
    public Coroutine<Optional<T>> run() {
        return Asyncio.async(() -> {
            if (used) {
                throw new IllegalStateException("race was run already: make a new one");
            }
            used = true;
            try {
                await(Asyncio.taskGroup(group -> {
                    begin(group);
                }));
                return Optional.ofNullable(winner);
            } catch (Throwable e) {
                T lost = winner;
                if (lost != null) {
                    winner = null;
                    discard.accept(lost);
                }
                if (e instanceof ExceptionGroup group) {
                    group.throwIfSingle();
                }
                throw e;
            }
        });
    }

    private void begin(TaskGroup group) {
        for (int i = 0; i < attempts.size(); i++) {
            int index = i;
            ended.clear();
            group.createTask(() -> attempt(group, index));
            if (winner != null) { // it was started eagerly: the group takes no more
                return;
            }
            if (delay.isZero()) {
                await(ended.awaitSet());
            } else if (i < attempts.size() - 1) {
                await(Asyncio.moveOnAfter(delay, () -> {
                    await(ended.awaitSet());
                }));
            }
        }
    }

    private void attempt(TaskGroup group, int index) {
        try {
            T value = Objects.requireNonNull(attempts.get(index).run(), "an attempt must not give null");
            if (winner == null) {
                winner = value;
                group.cancel();
            } else {
                discard.accept(value);
            }
        } catch (Exception e) {
            errors[index] = e;
        } finally {
            ended.set();
        }
    }

    /// What the attempts failed with.
    ///
    /// @return the failures, in the order of the attempts
    public List<Exception> errors() {
        List<Exception> failures = new ArrayList<>();
        for (Exception error : errors) {
            if (error != null) {
                failures.add(error);
            }
        }
        return failures;
    }

    @Override
    public String toString() {
        return "<StaggeredRace attempts=" + attempts.size() + (winner != null ? " won" : used ? " running" : "") + ">";
    }
}
