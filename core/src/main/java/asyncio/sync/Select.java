package asyncio.sync;

import asyncio.Asyncio;
import asyncio.Body;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.VoidBody;
import asyncio.WaitQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Waits for the first of several things that become possible, and does that one only.
///
/// ```java
/// String what = await(select(
///         onReceive(orders, order -> "order " + order),
///         onReceive(returns, item -> "return of " + item),
///         onTimeout(Duration.ofSeconds(1), () -> "nothing for a second")));
/// ```
///
/// Exactly one clause takes effect: only one item is received, or sent. Its code then runs in the
/// task that awaits; what it throws, the choice throws. The others have no effect.
///
/// Fairness: if several are possible at once, the first in the order given is chosen. Where that
/// would starve the others, use [#inTurns()].
///
/// Threads: loop-confined.
public final class Select {
    private int firstIndex; // where the next choice begins

    private Select() {}

    /// A series of choices that prefers nobody: each begins with the clause after the one that was
    /// chosen last.
    ///
    /// ```java
    /// Select turns = Select.inTurns();
    /// while (running) {
    ///     await(turns.next(onReceive(left, this::handle), onReceive(right, this::handle)));
    /// }
    /// ```
    ///
    /// @return a new series
    public static Select inTurns() {
        return new Select();
    }

    /// The next choice of a series. Its clauses should be as many, and in the same order, as those
    /// of the one before.
    ///
    /// Cancellation: as [#select(List)].
    ///
    /// @param clauses what to choose from
    /// @param <R> the result
    /// @return a coroutine of what the chosen clause's code returns
    /// @throws IllegalArgumentException if there are no clauses
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read from
    public final <R extends @Nullable Object> Coroutine<R> next(Clause<? extends R>... clauses) {
        List<Clause<? extends R>> list = checked(Arrays.asList(clauses));
        return Asyncio.async(() -> choose(list, this));
    }

    /// Waits for the first of several things. Does not suspend if one is possible.
    ///
    /// Cancellation: as [#select(List)].
    ///
    /// @param clauses what to choose from, the most important first
    /// @param <R> the result
    /// @return a coroutine of what the chosen clause's code returns
    /// @throws IllegalArgumentException if there are no clauses
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read from
    public static <R extends @Nullable Object> Coroutine<R> select(Clause<? extends R>... clauses) {
        return select(Arrays.asList(clauses));
    }

    /// Waits for the first of several things. Does not suspend if one is possible.
    ///
    /// Cancellation: ends the wait, and nothing has taken effect. Only if an item was sent in the
    /// same moment, that clause is chosen, and the cancellation is delivered at the task's next
    /// suspension.
    ///
    /// @param clauses what to choose from, the most important first
    /// @param <R> the result
    /// @return a coroutine of what the chosen clause's code returns
    /// @throws IllegalArgumentException if there are no clauses
    public static <R extends @Nullable Object> Coroutine<R> select(List<? extends Clause<? extends R>> clauses) {
        List<Clause<? extends R>> list = checked(clauses);
        return Asyncio.async(() -> choose(list, null));
    }

    private static <R extends @Nullable Object> List<Clause<? extends R>> checked(
            List<? extends Clause<? extends R>> clauses) {
        if (clauses.isEmpty()) {
            throw new IllegalArgumentException("clauses must not be empty: the choice would wait for ever");
        }
        return List.copyOf(clauses);
    }

    // Clauses

    /// Receives an item. A channel that has ended is possible, too: the choice throws
    /// [ChannelEndedException]; leave the clause out from then on, or say what to do then.
    ///
    /// @param half what to receive from
    /// @param body given the item
    /// @param <T> the item
    /// @param <R> the result
    /// @return a new clause
    public static <T, R extends @Nullable Object> Clause<R> onReceive(
            Receiver<T> half, ValueBody<? super T, ? extends R> body) {
        Objects.requireNonNull(half, "half must not be null");
        Objects.requireNonNull(body, "body must not be null");
        return new Clause<>(() -> new Attempts.Receive<>(half, body, null));
    }

    /// Receives an item, or does something else if the channel has ended.
    ///
    /// @param half what to receive from
    /// @param body given the item
    /// @param ended run if all senders are closed and nothing is left
    /// @param <T> the item
    /// @param <R> the result
    /// @return a new clause
    public static <T, R extends @Nullable Object> Clause<R> onReceive(
            Receiver<T> half, ValueBody<? super T, ? extends R> body, Body<? extends R> ended) {
        Objects.requireNonNull(half, "half must not be null");
        Objects.requireNonNull(body, "body must not be null");
        Objects.requireNonNull(ended, "ended must not be null");
        return new Clause<>(() -> new Attempts.Receive<>(half, body, ended));
    }

    /// Sends an item. A channel that is broken is possible, too: the choice throws
    /// [BrokenChannelException].
    ///
    /// @param half where to send to
    /// @param item the item
    /// @param body run when the item was sent
    /// @param <T> the item
    /// @param <R> the result
    /// @return a new clause
    public static <T, R extends @Nullable Object> Clause<R> onSend(Sender<T> half, T item, Body<? extends R> body) {
        Objects.requireNonNull(half, "half must not be null");
        Objects.requireNonNull(item, "item must not be null");
        Objects.requireNonNull(body, "body must not be null");
        return new Clause<>(() -> new Attempts.Send<>(half, item, body));
    }

    /// Takes an item from a queue. One that is shut down and empty is possible, too: the choice
    /// throws [QueueShutDownException].
    ///
    /// @param queue what to take from
    /// @param body given the item
    /// @param <T> the item
    /// @param <R> the result
    /// @return a new clause
    public static <T, R extends @Nullable Object> Clause<R> onGet(
            Queue<T> queue, ValueBody<? super T, ? extends R> body) {
        Objects.requireNonNull(queue, "queue must not be null");
        Objects.requireNonNull(body, "body must not be null");
        return new Clause<>(() -> new Attempts.Get<>(queue, body));
    }

    /// Puts an item into a queue. One that is shut down is possible, too: the choice throws
    /// [QueueShutDownException].
    ///
    /// @param queue where to put it
    /// @param item the item
    /// @param body run when the item was put
    /// @param <T> the item
    /// @param <R> the result
    /// @return a new clause
    public static <T, R extends @Nullable Object> Clause<R> onPut(Queue<T> queue, T item, Body<? extends R> body) {
        Objects.requireNonNull(queue, "queue must not be null");
        Objects.requireNonNull(body, "body must not be null");
        queue.check(item);
        return new Clause<>(() -> new Attempts.Put<>(queue, item, body));
    }

    /// Waits for a future or task, which is not cancelled if another clause is chosen. If it failed
    /// or was cancelled, the choice throws that.
    ///
    /// @param future the future
    /// @param body given the result
    /// @param <T> the result of the future
    /// @param <R> the result
    /// @return a new clause
    public static <T extends @Nullable Object, R extends @Nullable Object> Clause<R> onDone(
            Future<T> future, ValueBody<? super T, ? extends R> body) {
        Objects.requireNonNull(future, "future must not be null");
        Objects.requireNonNull(body, "body must not be null");
        return new Clause<>(() -> new Attempts.Done<>(future, body));
    }

    /// Waits for a time, counted from the moment at which the choice is awaited.
    ///
    /// @param delay how long; zero or less: possible at once, so that, as the last clause, it is
    ///     chosen if nothing else is possible
    /// @param body run when the time is over
    /// @param <R> the result
    /// @return a new clause
    public static <R extends @Nullable Object> Clause<R> onTimeout(Duration delay, Body<? extends R> body) {
        Objects.requireNonNull(delay, "delay must not be null: use Duration.ZERO for at once");
        Objects.requireNonNull(body, "body must not be null");
        return new Clause<>(() -> new Attempts.TimeOver<>(delay, body));
    }

    /// As [#onSend(Sender, Object, Body)], with code that returns nothing.
    ///
    /// @param half where to send to
    /// @param item the item
    /// @param body run when the item was sent
    /// @param <T> the item
    /// @return a new clause
    public static <T> Clause<@Nullable Void> onSend(Sender<T> half, T item, VoidBody body) {
        return onSend(half, item, body.returningNull());
    }

    /// As [#onPut(Queue, Object, Body)], with code that returns nothing.
    ///
    /// @param queue where to put it
    /// @param item the item
    /// @param body run when the item was put
    /// @param <T> the item
    /// @return a new clause
    public static <T> Clause<@Nullable Void> onPut(Queue<T> queue, T item, VoidBody body) {
        return onPut(queue, item, body.returningNull());
    }

    /// As [#onTimeout(Duration, Body)], with code that returns nothing.
    ///
    /// @param delay how long
    /// @param body run when the time is over
    /// @return a new clause
    public static Clause<@Nullable Void> onTimeout(Duration delay, VoidBody body) {
        return onTimeout(delay, body.returningNull());
    }

    // The choice

    private static <R extends @Nullable Object> R choose(List<Clause<? extends R>> clauses, @Nullable Select series)
            throws Exception {
        List<Attempt<? extends R>> attempts = new ArrayList<>();
        clauses.forEach(clause -> attempts.add(clause.begin()));
        int first = series == null ? 0 : series.firstIndex % attempts.size();
        int chosen = -1;
        try {
            chosen = firstPossible(attempts, first);
            while (chosen < 0) {
                int woken = park(attempts);
                chosen = attempts.get(woken).wasFulfilled() ? woken : firstPossible(attempts, first);
            }
        } finally {
            attempts.forEach(Attempt::disarm);
        }
        if (series != null) {
            series.firstIndex = (chosen + 1) % attempts.size();
        }
        return attempts.get(chosen).run();
    }

    private static int firstPossible(List<? extends Attempt<?>> attempts, int first) {
        for (int i = 0; i < attempts.size(); i++) {
            int index = (first + i) % attempts.size();
            if (attempts.get(index).tryNow()) {
                return index;
            }
        }
        return -1;
    }

    private static int park(List<? extends Attempt<?>> attempts) {
        EventLoop loop = Asyncio.getRunningLoop();
        List<WaitQueue> lines = new ArrayList<>();
        List<WaitQueue.Request> requests = new ArrayList<>();
        for (Attempt<?> attempt : attempts) {
            attempt.arm(loop);
            lines.add(attempt.line());
            requests.add(attempt.request());
        }
        return WaitQueue.parkInAny(lines, requests);
    }
}
