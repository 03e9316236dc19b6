package asyncio;

import asyncio.loop.Check;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The values of a publisher: [AsyncIterator#fromPublisher(Flow.Publisher, int)].
///
/// Threads: loop-confined; its [Inlet] takes the signals on any thread.
///
/// @param <T> the values
final class PublisherIterator<T> implements AsyncIterator<T> {
    /*
     * Every signal goes through the loop's inbox, in its order, so all fields here are the loop's. What calls the
     * publisher's code (subscribe, request, cancel) runs in the task that reads or closes this, never in a bare job, and
     * so these calls are serial (rule 2.7).
     *
     * Invariant: requested values that have not come + values in the buffer <= prefetchCount.
     */
    private final Flow.Publisher<? extends T> publisher;
    private final int prefetchCount;
    private final Queue<T> buffer = new ArrayDeque<>();
    private @Nullable Inlet<T> inlet; // null until the first anext
    private Flow.@Nullable Subscription subscription; // null until it came, and once it is over
    private long outstandingCount; // requested, not come
    private boolean ended; // no more values come into the buffer
    private boolean closed;
    private @Nullable Throwable failure; // thrown once, after the buffer is empty
    private @Nullable Future<@Nullable Void> waiter; // a task waits for a signal

    PublisherIterator(Flow.Publisher<? extends T> publisher, int prefetchCount) {
        this.publisher = publisher;
        this.prefetchCount = prefetchCount;
    }

    @Override
    public Coroutine<Optional<T>> anext() {
        return Asyncio.async(() -> Optional.ofNullable(next()));
    }

    private @Nullable T next() {
        EventLoop loop = Task.required().loop();
        ensureReadable(loop);
        if (inlet == null && !closed) {
            subscribe(loop);
        }
        while (buffer.isEmpty() && !ended) {
            request();
            awaitSignal(loop);
        }
        T value = buffer.poll();
        if (value == null) {
            unsubscribe();
            throwFailure();
        } else {
            request();
        }
        return value;
    }

    private void ensureReadable(EventLoop loop) {
        if (inlet != null && inlet.loop != loop) {
            throw new IllegalStateException(Check.AS202 + ": a task of loop " + loop.name() + " got " + this
                    + " attached to a different loop, " + inlet.loop.name() + "; read it on one loop only");
        }
        if (waiter != null) {
            throw new IllegalStateException(
                    "anext(): " + this + " is already waited for by another task; let one task read it");
        }
    }

    private void subscribe(EventLoop loop) {
        Inlet<T> made = new Inlet<>(this, loop);
        inlet = made;
        try {
            publisher.subscribe(made);
        } catch (Throwable e) {
            ended = true; // nobody would ever signal
            throw e;
        }
    }

    /// Fills up what the publisher may send, in portions of half the limit.
    private void request() {
        Flow.Subscription open = subscription;
        long room = prefetchCount - outstandingCount - buffer.size();
        if (open != null && !ended && room > 0 && room >= prefetchCount / 2) {
            outstandingCount += room;
            open.request(room);
        }
    }

    private void awaitSignal(EventLoop loop) {
        Future<@Nullable Void> signal = loop.createFuture(WaitKind.QUEUE, this);
        waiter = signal;
        try {
            signal.await();
        } finally {
            waiter = null;
        }
    }

    private void throwFailure() {
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw Sneaky.rethrow(thrown);
        }
    }

    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {
            closed = true;
            buffer.clear();
            failure = null;
            end();
            unsubscribe();
        });
    }

    /// In a task or callback.
    private void unsubscribe() {
        Flow.Subscription open = subscription;
        if (open != null) {
            subscription = null;
            open.cancel();
        }
    }

    /// In a callback, because a late subscription is cancelled.
    private void subscribed(Flow.Subscription given) {
        subscription = given;
        if (ended) {
            unsubscribe();
        }
        wake();
    }

    private void received(T value) {
        if (ended) {
            return;
        }
        if (outstandingCount == 0) {
            failure = new IllegalStateException(
                    publisher + " sent more values than the " + prefetchCount + " that were requested");
            end();
            return;
        }
        outstandingCount--;
        buffer.add(value);
        wake();
    }

    private void terminated(@Nullable Throwable reason) {
        subscription = null;
        if (!ended) {
            failure = reason;
            end();
        }
    }

    private void end() {
        ended = true;
        wake();
    }

    private void wake() {
        Future<@Nullable Void> waiting = waiter;
        if (waiting != null && !waiting.isDone()) {
            waiting.complete(Future.State.FINISHED, null);
        }
    }

    @Override
    public String toString() {
        return "<AsyncIterator of " + Names.of(publisher)
                + (closed ? " closed" : ended ? " ended" : inlet == null ? " not subscribed" : "")
                + (buffer.isEmpty() ? "" : " buffered=" + buffer.size()) + ">";
    }

    /// What the publisher sees.
    ///
    /// @param <T> the values
    private static final class Inlet<T> implements Flow.Subscriber<T> {
        final EventLoop loop;
        private final PublisherIterator<T> iterator;
        private final AtomicReference<Flow.@Nullable Subscription> first = new AtomicReference<>(); // set once

        Inlet(PublisherIterator<T> iterator, EventLoop loop) {
            this.iterator = iterator;
            this.loop = loop;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            Objects.requireNonNull(given, "subscription must not be null");
            if (!first.compareAndSet(null, given)) {
                given.cancel(); // rule 2.5: one is enough
            } else if (!loop.core.submit(new CallbackStep(loop, new Context(), () -> iterator.subscribed(given)))) {
                given.cancel();
            }
        }

        @Override
        public void onNext(T value) {
            Objects.requireNonNull(value, "value must not be null");
            if (!loop.core.submit(new BareJob(() -> iterator.received(value)))) {
                Flow.Subscription open = first.get();
                if (open != null) {
                    open.cancel(); // the loop is closed: nobody reads any more
                }
            }
        }

        @Override
        public void onError(Throwable failure) {
            Objects.requireNonNull(failure, "failure must not be null");
            loop.core.submit(new BareJob(() -> iterator.terminated(failure)));
        }

        @Override
        public void onComplete() {
            loop.core.submit(new BareJob(() -> iterator.terminated(null)));
        }
    }
}
