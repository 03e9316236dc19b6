package asyncio;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Gathers results of several types and combines them: `Gather.all(user, cart, Page::new)`.
///
/// The awaitables run concurrently, from the moment at which the coroutine runs that is returned.
/// The first failure is thrown at once and the others go on, as with
/// [Asyncio#gather(Awaitable...)]. When all have a result, the combiner runs, in the task that
/// awaits, and may await in turn.
///
/// Threads: loop-confined.
public final class Gather {
    private Gather() {}

    /// Runs two awaitables concurrently and combines their results.
    ///
    /// Cancellation: cancels all of them.
    ///
    /// @param first a coroutine, which is made a task, or a future
    /// @param second a coroutine, which is made a task, or a future
    /// @param combiner makes one result of theirs
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <R> the result of the combiner
    /// @return a coroutine of that result; it throws the first failure
    public static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> Coroutine<R> all(
            Awaitable<A> first, Awaitable<B> second, Two<A, B, R> combiner) {
        ensureGiven(combiner, first, second);
        return new Coroutine<>(() -> {
            Future<A> a = Asyncio.ensureFuture(first);
            Future<B> b = Asyncio.ensureFuture(second);
            Asyncio.await(Asyncio.gather(a, b));
            return combiner.combine(a.result(), b.result());
        });
    }

    /// Runs three awaitables concurrently and combines their results.
    ///
    /// Cancellation: cancels all of them.
    ///
    /// @param first a coroutine, which is made a task, or a future
    /// @param second a coroutine, which is made a task, or a future
    /// @param third a coroutine, which is made a task, or a future
    /// @param combiner makes one result of theirs
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <R> the result of the combiner
    /// @return a coroutine of that result; it throws the first failure
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            Coroutine<R> all(Awaitable<A> first, Awaitable<B> second, Awaitable<C> third, Three<A, B, C, R> combiner) {
        ensureGiven(combiner, first, second, third);
        return new Coroutine<>(() -> {
            Future<A> a = Asyncio.ensureFuture(first);
            Future<B> b = Asyncio.ensureFuture(second);
            Future<C> c = Asyncio.ensureFuture(third);
            Asyncio.await(Asyncio.gather(a, b, c));
            return combiner.combine(a.result(), b.result(), c.result());
        });
    }

    /// Runs four awaitables concurrently and combines their results.
    ///
    /// Cancellation: cancels all of them.
    ///
    /// @param first a coroutine, which is made a task, or a future
    /// @param second a coroutine, which is made a task, or a future
    /// @param third a coroutine, which is made a task, or a future
    /// @param fourth a coroutine, which is made a task, or a future
    /// @param combiner makes one result of theirs
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <R> the result of the combiner
    /// @return a coroutine of that result; it throws the first failure
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            Coroutine<R> all(
                    Awaitable<A> first,
                    Awaitable<B> second,
                    Awaitable<C> third,
                    Awaitable<D> fourth,
                    Four<A, B, C, D, R> combiner) {
        ensureGiven(combiner, first, second, third, fourth);
        return new Coroutine<>(() -> {
            Future<A> a = Asyncio.ensureFuture(first);
            Future<B> b = Asyncio.ensureFuture(second);
            Future<C> c = Asyncio.ensureFuture(third);
            Future<D> d = Asyncio.ensureFuture(fourth);
            Asyncio.await(Asyncio.gather(a, b, c, d));
            return combiner.combine(a.result(), b.result(), c.result(), d.result());
        });
    }

    /// Runs five awaitables concurrently and combines their results.
    ///
    /// Cancellation: cancels all of them.
    ///
    /// @param first a coroutine, which is made a task, or a future
    /// @param second a coroutine, which is made a task, or a future
    /// @param third a coroutine, which is made a task, or a future
    /// @param fourth a coroutine, which is made a task, or a future
    /// @param fifth a coroutine, which is made a task, or a future
    /// @param combiner makes one result of theirs
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <E> the fifth result
    /// @param <R> the result of the combiner
    /// @return a coroutine of that result; it throws the first failure
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            Coroutine<R> all(
                    Awaitable<A> first,
                    Awaitable<B> second,
                    Awaitable<C> third,
                    Awaitable<D> fourth,
                    Awaitable<E> fifth,
                    Five<A, B, C, D, E, R> combiner) {
        ensureGiven(combiner, first, second, third, fourth, fifth);
        return new Coroutine<>(() -> {
            Future<A> a = Asyncio.ensureFuture(first);
            Future<B> b = Asyncio.ensureFuture(second);
            Future<C> c = Asyncio.ensureFuture(third);
            Future<D> d = Asyncio.ensureFuture(fourth);
            Future<E> e = Asyncio.ensureFuture(fifth);
            Asyncio.await(Asyncio.gather(a, b, c, d, e));
            return combiner.combine(a.result(), b.result(), c.result(), d.result(), e.result());
        });
    }

    /// Runs six awaitables concurrently and combines their results.
    ///
    /// Cancellation: cancels all of them.
    ///
    /// @param first a coroutine, which is made a task, or a future
    /// @param second a coroutine, which is made a task, or a future
    /// @param third a coroutine, which is made a task, or a future
    /// @param fourth a coroutine, which is made a task, or a future
    /// @param fifth a coroutine, which is made a task, or a future
    /// @param sixth a coroutine, which is made a task, or a future
    /// @param combiner makes one result of theirs
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <E> the fifth result
    /// @param <F> the sixth result
    /// @param <R> the result of the combiner
    /// @return a coroutine of that result; it throws the first failure
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    F extends @Nullable Object,
                    R extends @Nullable Object>
            Coroutine<R> all(
                    Awaitable<A> first,
                    Awaitable<B> second,
                    Awaitable<C> third,
                    Awaitable<D> fourth,
                    Awaitable<E> fifth,
                    Awaitable<F> sixth,
                    Six<A, B, C, D, E, F, R> combiner) {
        ensureGiven(combiner, first, second, third, fourth, fifth, sixth);
        return new Coroutine<>(() -> {
            Future<A> a = Asyncio.ensureFuture(first);
            Future<B> b = Asyncio.ensureFuture(second);
            Future<C> c = Asyncio.ensureFuture(third);
            Future<D> d = Asyncio.ensureFuture(fourth);
            Future<E> e = Asyncio.ensureFuture(fifth);
            Future<F> f = Asyncio.ensureFuture(sixth);
            Asyncio.await(Asyncio.gather(a, b, c, d, e, f));
            return combiner.combine(a.result(), b.result(), c.result(), d.result(), e.result(), f.result());
        });
    }

    private static void ensureGiven(Object combiner, Awaitable<?>... awaitables) {
        for (Awaitable<?> awaitable : awaitables) {
            Objects.requireNonNull(awaitable, "awaitable must not be null");
        }
        Objects.requireNonNull(combiner, "combiner must not be null");
    }

    /// Makes one result of two.
    ///
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <R> what it makes
    @FunctionalInterface
    public interface Two<A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> {
        /// Combines the results.
        ///
        /// @param first the first result
        /// @param second the second result
        /// @return what it makes of them
        /// @throws Exception whatever it fails with
        R combine(A first, B second) throws Exception;
    }

    /// Makes one result of three.
    ///
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <R> what it makes
    @FunctionalInterface
    public interface Three<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            R extends @Nullable Object> {
        /// Combines the results.
        ///
        /// @param first the first result
        /// @param second the second result
        /// @param third the third result
        /// @return what it makes of them
        /// @throws Exception whatever it fails with
        R combine(A first, B second, C third) throws Exception;
    }

    /// Makes one result of four.
    ///
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <R> what it makes
    @FunctionalInterface
    public interface Four<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            D extends @Nullable Object,
            R extends @Nullable Object> {
        /// Combines the results.
        ///
        /// @param first the first result
        /// @param second the second result
        /// @param third the third result
        /// @param fourth the fourth result
        /// @return what it makes of them
        /// @throws Exception whatever it fails with
        R combine(A first, B second, C third, D fourth) throws Exception;
    }

    /// Makes one result of five.
    ///
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <E> the fifth result
    /// @param <R> what it makes
    @FunctionalInterface
    public interface Five<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            D extends @Nullable Object,
            E extends @Nullable Object,
            R extends @Nullable Object> {
        /// Combines the results.
        ///
        /// @param first the first result
        /// @param second the second result
        /// @param third the third result
        /// @param fourth the fourth result
        /// @param fifth the fifth result
        /// @return what it makes of them
        /// @throws Exception whatever it fails with
        R combine(A first, B second, C third, D fourth, E fifth) throws Exception;
    }

    /// Makes one result of six.
    ///
    /// @param <A> the first result
    /// @param <B> the second result
    /// @param <C> the third result
    /// @param <D> the fourth result
    /// @param <E> the fifth result
    /// @param <F> the sixth result
    /// @param <R> what it makes
    @FunctionalInterface
    public interface Six<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            D extends @Nullable Object,
            E extends @Nullable Object,
            F extends @Nullable Object,
            R extends @Nullable Object> {
        /// Combines the results.
        ///
        /// @param first the first result
        /// @param second the second result
        /// @param third the third result
        /// @param fourth the fourth result
        /// @param fifth the fifth result
        /// @param sixth the sixth result
        /// @return what it makes of them
        /// @throws Exception whatever it fails with
        R combine(A first, B second, C third, D fourth, E fifth, F sixth) throws Exception;
    }
}
