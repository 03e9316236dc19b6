package asyncio;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A value that each loop has one of: a buffer, a pool, a cache.
///
/// ```java
/// private static final LoopLocal<ByteBuffer> SCRATCH = new LoopLocal<>(loop -> ByteBuffer.allocate(8192));
/// ```
///
/// A value that is `AutoCloseable` is closed with its loop.
///
/// Threads: the object itself by any thread; a loop's value as that loop.
///
/// @param <T> the value
public final class LoopLocal<T> {
    private final Function<EventLoop, T> initial;

    /// A value that is made when a loop first asks for it.
    ///
    /// @param initial makes the value for a loop
    public LoopLocal(Function<EventLoop, T> initial) {
        this.initial = Objects.requireNonNull(initial, "initial must not be null");
    }

    /// The value of a loop.
    ///
    /// @param loop the loop
    /// @return its value, made now if this is the first time
    /// @throws IllegalStateException if the loop is closed, or on another thread than its own
    public T of(EventLoop loop) {
        loop.checkScheduling("LoopLocal.of");
        @SuppressWarnings("unchecked") // put below, and nowhere else
        @Nullable
        T known = (T) loop.locals.get(this);
        if (known != null) {
            return known;
        }
        T made = Objects.requireNonNull(initial.apply(loop), "initial must not return null");
        loop.locals.put(this, made);
        return made;
    }
}
