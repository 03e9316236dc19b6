package asyncio;

import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An [AsyncIterator] over values for which nobody has to wait.
///
/// Threads: loop-confined.
///
/// @param <T> the values
final class PlainIterator<T> implements AsyncIterator<T> {
    private final Supplier<? extends Iterator<? extends T>> values;
    private final Runnable release; // run once, at the end
    private @Nullable Iterator<? extends T> iterator; // null until the first anext
    private boolean closed;

    PlainIterator(Supplier<? extends Iterator<? extends T>> values, Runnable release) {
        this.values = values;
        this.release = release;
    }

    @Override
    public Coroutine<Optional<T>> anext() {
        return Asyncio.async(() -> {
            if (closed) {
                return Optional.empty();
            }
            T value = null;
            try {
                value = next();
            } finally {
                if (value == null) { // the end, or a failure
                    close();
                }
            }
            return Optional.ofNullable(value);
        });
    }

    private @Nullable T next() {
        Iterator<? extends T> current = iterator;
        if (current == null) {
            current = values.get();
            iterator = current;
        }
        return current.hasNext()
                ? Objects.requireNonNull(current.next(), "value must not be null: an Optional says that there is none")
                : null;
    }

    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(this::close);
    }

    private void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }

    @Override
    public String toString() {
        return "<AsyncIterator of plain values" + (closed ? " closed" : "") + ">";
    }
}
