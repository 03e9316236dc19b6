package asyncio;

import java.lang.ref.Reference;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A coroutine that yields values one by one, each when its consumer asks for it.
///
/// The code runs in the consumer's task, interleaved with it, on a stack of its own: whatever it
/// awaits, the consumer waits for. A generator that is not read to its end has to be closed:
/// [#values()] and [#forEach(ForEachBody)] see to it, else call [#aclose()]. One that is left is closed
/// when it becomes garbage, or when the loop shuts down: later, and in another task.
///
/// Cancellation: cancelling the consumer while it waits for a value raises in the generator's code,
/// which ends it.
///
/// Threads: loop-confined.
///
/// @param <T> what is yielded
public final class AsyncGenerator<T> implements AsyncIterator<T> {
    private final GeneratorFrame<T> frame;

    AsyncGenerator(GeneratorBody<T> body) {
        frame = new GeneratorFrame<>(body);
    }

    /// Asks for the next value.
    ///
    /// Cancellation: ends the generator; no value is lost that was yielded before.
    ///
    /// @return a coroutine of the value, empty when the generator has ended; it throws what the
    ///     generator's code throws, and `IllegalStateException` if another task is asking at the
    ///     same time
    @Override
    public Coroutine<Optional<T>> anext() {
        return Asyncio.async(() -> Optional.ofNullable(next()));
    }

    /// What [#anext()] does, for callers who need neither coroutine nor `Optional`.
    @Nullable
    T next() {
        try {
            return frame.next(this);
        } finally {
            Reference.reachabilityFence(this); // while it is asked, it is not taken for dropped
        }
    }

    /// Closes the generator: [GeneratorExit] is raised where it yielded, so that its `finally`
    /// blocks run. Afterwards it has no more values. Does nothing if it has ended or never began.
    ///
    /// Cancellation: reaches the `finally` blocks that await.
    ///
    /// @return a coroutine; it throws what the `finally` blocks throw, and `IllegalStateException`
    ///     if the generator is being asked for a value, or yields again instead of ending
    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {
            try {
                frame.close();
            } finally {
                Reference.reachabilityFence(this); // as above
            }
        });
    }

    @Override
    public String toString() {
        return frame.toString();
    }
}
