package asyncio;

import asyncio.fiber.FiberExit;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One subscriber's run of [AsyncIterator#toPublisher(Supplier, EventLoop)].
///
/// Threads: [#request(long)] and [#cancel()] on any thread, the rest on the loop.
///
/// @param <T> the values
final class IteratorSubscription<T> implements Flow.Subscription, Body<@Nullable Void> {
    /*
     * One task gives all signals, so they are serial. request() and cancel(), which may come from any thread and from
     * inside a signal, write `demand`, `refusal` or `cancelled`, and wake the task: nothing is signalled on their stack,
     * so that request and onNext cannot recurse.
     *
     *   task: sees no demand, makes `waiter`, suspends      others: add to the demand; if it was 0, send woken()
     *
     * woken() cannot run between the task's look and its suspension: both are the loop's. A value counts as delivered
     * when onNext has returned, so that a request inside it finds demand and sends nothing.
     *
     * When it is over and the iterator is waited for, the task is cancelled: that ends a generator at its await.
     */
    private final Supplier<? extends AsyncIterator<? extends T>> source;
    private final EventLoop loop;
    private final AtomicLong demand = new AtomicLong(); // Long.MAX_VALUE: without end
    private volatile boolean cancelled; // or over: set by any thread, never cleared
    private volatile @Nullable IllegalArgumentException refusal; // of a request, by any thread
    private Flow.@Nullable Subscriber<? super T> subscriber; // null once over: the publisher must not hold it
    private @Nullable Task<?> task; // null until it begins
    private @Nullable Future<@Nullable Void> waiter; // the task waits for demand
    private boolean asking; // the task waits for the iterator, and was not cancelled for it

    private IteratorSubscription(
            Supplier<? extends AsyncIterator<? extends T>> source,
            Flow.Subscriber<? super T> subscriber,
            EventLoop loop) {
        this.source = source;
        this.subscriber = subscriber;
        this.loop = loop;
    }

    static <T> void start(
            Supplier<? extends AsyncIterator<? extends T>> source,
            Flow.Subscriber<? super T> subscriber,
            EventLoop loop) {
        IteratorSubscription<T> subscription = new IteratorSubscription<>(source, subscriber, loop);
        try {
            var _ = ThreadsafeCall.start(Asyncio.async(subscription), loop)
                    .whenComplete((nothing, failure) -> subscription.ensureBegun(failure));
        } catch (IllegalStateException e) { // the loop is closed
            subscription.ensureBegun(e);
        }
    }

    /// The task has ended, or will never be: a subscriber that has heard nothing is told.
    private void ensureBegun(@Nullable Throwable failure) {
        if (task == null) {
            tell(told -> told.onSubscribe(this));
            finish(cancelled ? null : failure);
        }
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            refusal = new IllegalArgumentException(
                    "n must be positive: got " + n + ", a non-positive subscription request (Reactive Streams 3.9)");
            wake();
        } else if (demand.getAndUpdate(before -> before + n < 0 ? Long.MAX_VALUE : before + n) == 0) {
            wake();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            wake();
        }
    }

    private void wake() {
        loop.core.submit(new BareJob(this::woken)); // a closed loop has told the subscriber already
    }

    private void woken() {
        Future<@Nullable Void> waiting = waiter;
        if (waiting != null && !waiting.isDone()) {
            waiting.complete(Future.State.FINISHED, null);
        }
        if (asking && isOver()) {
            asking = false;
            Objects.requireNonNull(task).cancel(new CancelReason("the subscription has ended", "its subscriber", null));
        }
    }

    private boolean isOver() {
        return cancelled || refusal != null;
    }

    /// The task.
    @Override
    public @Nullable Void run() throws Exception {
        task = Task.required();
        Throwable failure = null;
        try {
            tell(told -> told.onSubscribe(this));
            publish();
        } catch (Throwable e) {
            failure = e;
        }
        boolean wanted = isOver(); // then a cancellation is the answer to what the subscriber did
        finish(failure);
        if (failure != null && isTheTasks(failure, wanted)) {
            throw Sneaky.rethrow(failure);
        }
        return null;
    }

    /// Whether a failure is for the loop, too, and not for the subscriber alone.
    private static boolean isTheTasks(Throwable failure, boolean wanted) {
        return failure instanceof CancelledError && !wanted || failure instanceof FiberExit || Task.isFatal(failure);
    }

    private void publish() {
        try (Values<? extends T> values = source.get().values()) {
            Iterator<? extends T> iterator = values.iterator();
            while (awaitDemand() && ask(iterator)) {
                T value = iterator.next();
                tell(told -> told.onNext(value));
                demand.updateAndGet(before -> before == Long.MAX_VALUE ? before : before - 1);
            }
        }
    }

    /// Waits until a value is requested; false if the subscription is over.
    private boolean awaitDemand() {
        while (!isOver() && demand.get() == 0) {
            Future<@Nullable Void> waiting = loop.createFuture(WaitKind.FUTURE, "a request by a subscriber");
            waiter = waiting;
            try {
                waiting.await();
            } finally {
                waiter = null;
            }
        }
        return !isOver();
    }

    /// Waits for a value; false if there is none, or if it is not wanted any more.
    private boolean ask(Iterator<? extends T> values) {
        asking = true;
        try {
            return values.hasNext() && !isOver();
        } finally {
            asking = false;
        }
    }

    /// Gives a signal. A subscriber that fails is not told anything more (rule 2.13).
    private void tell(Signal<T> signal) {
        Flow.Subscriber<? super T> told = subscriber;
        if (told == null) {
            return;
        }
        try {
            signal.to(told);
        } catch (CancelledError | FiberExit e) {
            throw e;
        } catch (SystemExit | KeyboardInterrupt e) {
            cancelled = true;
            throw e;
        } catch (Throwable e) {
            cancelled = true;
            loop.callExceptionHandler(
                    ExceptionContext.of("a subscriber failed in a signal; its subscription was cancelled", e));
        }
    }

    /// Gives the last signal, unless the subscriber has cancelled.
    private void finish(@Nullable Throwable failure) {
        boolean failed = failure != null && !isCancellation(failure);
        Throwable refused = refusal;
        if (cancelled) {
            if (failed) {
                loop.callExceptionHandler(ExceptionContext.of(
                        "the source of a publisher failed after its subscriber had cancelled", failure));
            }
        } else if (refused != null) {
            if (failed) {
                refused.addSuppressed(failure);
            }
            tell(told -> told.onError(refused));
        } else if (failure != null) {
            Throwable told = failed ? failure : cancellation(failure);
            tell(each -> each.onError(told));
        } else {
            tell(each -> each.onComplete());
        }
        cancelled = true;
        subscriber = null;
    }

    private static boolean isCancellation(Throwable failure) {
        return failure instanceof CancelledError || failure instanceof FiberExit;
    }

    private static CancellationException cancellation(Throwable failure) {
        CancellationException cancellation = new CancellationException(
                failure instanceof FiberExit ? "the event loop was closed" : failure.getMessage());
        cancellation.initCause(failure);
        return cancellation;
    }

    @Override
    public String toString() {
        return "<IteratorSubscription " + (cancelled ? "over" : "demand=" + demand) + ">";
    }

    @FunctionalInterface
    private interface Signal<T> {
        void to(Flow.Subscriber<? super T> subscriber);
    }
}
