package asyncio;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The values of an [AsyncIterator] for a plain `for` loop, which waits for each of them.
///
/// Made by [AsyncIterator#values()]. [#close()] closes the source; in a `try` that happens however
/// the loop is left, and what fails meanwhile is *suppressed* in what left the loop.
///
/// Cancellation: as that of `anext` and `aclose` of the source.
///
/// Threads: loop-confined; one task, which the loop and [#close()] suspend.
///
/// @param <T> the values
public final class Values<T> implements Iterable<T>, AutoCloseable {
    private final AsyncIterator<T> source;
    private final Cursor cursor = new Cursor();

    Values(AsyncIterator<T> source) {
        this.source = source;
    }

    /// The iterator, whose `hasNext` waits for the next value. There is one: a second loop goes on
    /// where the first one was left.
    ///
    /// @return always the same
    @Override
    public Iterator<T> iterator() {
        return cursor;
    }

    /// Closes the source, and waits until that is done.
    @Override
    public void close() {
        cursor.end();
        Asyncio.await(source.aclose());
    }

    /// Calls code with each value, then closes. As in Python's `finally`, a failure to close is what
    /// comes out.
    void drainTo(ForEachBody<? super T> body) throws Exception {
        try {
            for (T value : this) {
                body.run(value);
            }
        } catch (Throwable e) {
            closeAfter(e);
            throw e;
        }
        close();
    }

    private void closeAfter(Throwable first) {
        try {
            close();
        } catch (Throwable e) {
            if (e != first) {
                e.addSuppressed(first);
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return "<Values of " + source + ">";
    }

    private final class Cursor implements Iterator<T> {
        private @Nullable T ahead; // what hasNext() has found and next() has not taken
        private boolean ended; // there are no more, or closed

        @Override
        public boolean hasNext() {
            if (ahead == null && !ended) {
                ahead = source instanceof AsyncGenerator<T> generator
                        ? generator.next()
                        : Asyncio.await(source.anext()).orElse(null);
                ended = ahead == null;
            }
            return ahead != null;
        }

        @Override
        public T next() {
            T value = hasNext() ? ahead : null;
            if (value == null) {
                throw new NoSuchElementException("there are no more values: ask hasNext() first");
            }
            ahead = null;
            return value;
        }

        void end() {
            ended = true;
            ahead = null;
        }
    }
}
