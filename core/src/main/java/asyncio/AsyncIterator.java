package asyncio;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Something that gives values one by one, each of which may have to be waited for: a generator, or
/// whatever else implements this.
///
/// Read it in a plain loop, which closes it however it is left ([#values()]), or with
/// [#forEach(ForEachBody)].
///
/// Threads: loop-confined. One task reads it, unless an implementation says otherwise.
///
/// @param <T> the values
public interface AsyncIterator<T> {
    /// Asks for the next value.
    ///
    /// Cancellation: as the implementation says; a generator ends.
    ///
    /// @return a coroutine of the value, empty when there are no more
    Coroutine<Optional<T>> anext();

    /// Says that no more values are wanted. Whoever has something to let go of overrides this; may
    /// be called more than once.
    ///
    /// Cancellation: as the implementation says.
    ///
    /// @return a coroutine
    default Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {});
    }

    /// The values for a plain `for` loop, in a `try` that closes this however the loop is left.
    ///
    /// ```java
    /// try (var lines = file.values()) {
    ///     for (String line : lines) {
    ///         ...
    ///     }
    /// }
    /// ```
    ///
    /// @return the values, to be read by one task, once
    default Values<T> values() {
        return new Values<>(this);
    }

    /// Calls code with each value and closes this in the end: after the last value, and also if the
    /// code fails or is cancelled. A failure to close has what happened before as *suppressed*.
    ///
    /// To stop early, use [#values()].
    ///
    /// Cancellation: closes this, then throws [CancelledError].
    ///
    /// @param body called with one value after the other; may await
    /// @return a coroutine; it throws what the code, the source of the values or its closing throws
    default Coroutine<@Nullable Void> forEach(ForEachBody<? super T> body) {
        Objects.requireNonNull(body, "body must not be null");
        return Asyncio.async(() -> values().drainTo(body));
    }

    /// Collects all values, and closes this as [#forEach(ForEachBody)] does.
    ///
    /// Cancellation: closes this; the values are lost.
    ///
    /// @return a coroutine of the values, in their order
    default Coroutine<List<T>> toList() {
        return Asyncio.async(() -> {
            List<T> list = new ArrayList<>();
            values().drainTo(list::add);
            return list;
        });
    }

    /// The values of anything that can be iterated, for code that wants an `AsyncIterator`: of a
    /// collection, or of a queue or receiver of `asyncio.sync`, whose iterators await. Of values that
    /// are there already, no task switch takes place between them.
    ///
    /// @param values none of them null; its iterator is made when the first one is asked for
    /// @param <T> their type
    /// @return a new iterator
    static <T> AsyncIterator<T> of(Iterable<? extends T> values) {
        Objects.requireNonNull(values, "values must not be null");
        return new PlainIterator<>(values::iterator, () -> {});
    }

    /// The elements of a stream, which is closed after the last one, or when the iterator is closed.
    ///
    /// A stream that blocks blocks the loop.
    ///
    /// @param values a stream that was not used; none of its elements null
    /// @param <T> their type
    /// @return a new iterator
    static <T> AsyncIterator<T> of(Stream<? extends T> values) {
        Objects.requireNonNull(values, "values must not be null");
        return new PlainIterator<>(values::iterator, values::close);
    }

    /// What a publisher of `java.util.concurrent.Flow` publishes.
    ///
    /// Subscribes when the first value is asked for, and cancels the subscription when it is closed;
    /// one that is not closed stays subscribed. The publisher may signal on any thread. Its failure
    /// is thrown, as it is, after the values that came before.
    ///
    /// Cancellation: of `anext` ends the wait only: no value is lost, and it may be asked again.
    ///
    /// @param publisher the publisher
    /// @param prefetchCount how many values it may send ahead, at least one
    /// @param <T> the values
    /// @return a new iterator, of the loop that reads it first
    /// @throws IllegalArgumentException if nothing may be sent
    static <T> AsyncIterator<T> fromPublisher(Flow.Publisher<? extends T> publisher, int prefetchCount) {
        Objects.requireNonNull(publisher, "publisher must not be null");
        if (prefetchCount < 1) {
            throw new IllegalArgumentException("prefetchCount must be positive: got " + prefetchCount
                    + "; 1 asks for each value when the one before was taken");
        }
        return new PublisherIterator<>(publisher, prefetchCount);
    }

    /// A publisher of `java.util.concurrent.Flow`, for other libraries.
    ///
    /// Each subscriber has a run of its own: a task that asks for a value only if the subscriber has
    /// requested one. So the end, too, is found only by a request. Signals come on the loop's
    /// thread; a subscriber that blocks there blocks the loop, and so does a source that never waits
    /// while the requests have no end. Cancelling the subscription closes the iterator.
    ///
    /// Threads: `subscribe`, `request` and `cancel` on any thread.
    ///
    /// Errors: a subscriber that throws is taken for one that has cancelled, and the loop's exception
    /// handler is told. If the task is cancelled, or the loop is closed, the subscriber gets a
    /// `CancellationException`.
    ///
    /// @param source called for each subscriber, on the loop; makes a new iterator
    /// @param loop where it runs
    /// @param <T> the values
    /// @return a new publisher
    static <T> Flow.Publisher<T> toPublisher(Supplier<? extends AsyncIterator<? extends T>> source, EventLoop loop) {
        Objects.requireNonNull(source, "source must not be null");
        Objects.requireNonNull(loop, "loop must not be null");
        return subscriber -> IteratorSubscription.start(
                source, Objects.requireNonNull(subscriber, "subscriber must not be null"), loop);
    }
}
