package asyncio;

import java.util.Iterator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Several awaitables in the order in which they end: made by
/// [Asyncio#asCompleted(java.util.Collection)].
///
/// Iterating over it gives coroutines: the first that is awaited has the result of whichever ends
/// first, and so on. Iterating over [#futures()] gives the futures themselves.
///
/// ```java
/// for (Coroutine<Page> next : asCompleted(downloads)) {
///     show(await(next));
/// }
/// for (Future<Page> done : asCompleted(tasks).futures()) {
///     show(names.get(done), done.result());
/// }
/// ```
///
/// Leaving a loop loses nothing: a later one over the same object goes on where the first stopped.
/// Several tasks may share one object; each future goes to one of them. With a time limit, a step
/// that finds nothing done after it throws [TimeoutException]; what has not ended runs on.
///
/// Made where a loop runs; futures of another loop are refused.
///
/// Cancellation: a step that is cancelled was not made; its future comes out of the next one.
///
/// Threads: loop-confined.
///
/// @param <T> the awaitables' result
public final class AsCompleted<T extends @Nullable Object> implements Iterable<Coroutine<T>> {
    private final Completions<T> completions;

    AsCompleted(Completions<T> completions) {
        this.completions = completions;
    }

    /// The results in completion order, each to be awaited: the n-th that is awaited, not the n-th
    /// of the iteration, is the n-th that ended.
    ///
    /// Cancellation: of a coroutine that waits gives its step back, to be iterated over again.
    ///
    /// @return an iterator of coroutines, as many as there are steps left
    @Override
    public Iterator<Coroutine<T>> iterator() {
        return new Steps<>(() -> {
            completions.claim();
            return new Coroutine<>(() -> completions.take().await());
        });
    }

    /// The futures in completion order, done when they come: those that were given, and the tasks
    /// made of coroutines.
    ///
    /// Cancellation: `next()` waits, in the calling task, and throws [CancelledError]; the future is
    /// not lost.
    ///
    /// @return to be iterated over in a task
    public Iterable<Future<T>> futures() {
        return () -> new Steps<>(() -> {
            completions.claim();
            return completions.take();
        });
    }

    @Override
    public String toString() {
        return "<AsCompleted " + completions + ">";
    }

    /// Goes on where the last iterator stopped.
    private final class Steps<E> implements Iterator<E> {
        private final Supplier<E> step;

        Steps(Supplier<E> step) {
            this.step = step;
        }

        @Override
        public boolean hasNext() {
            return completions.hasUnclaimed();
        }

        @Override
        public E next() {
            return step.get();
        }
    }
}
