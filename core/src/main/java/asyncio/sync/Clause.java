package asyncio.sync;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One of the things that a [Select] chooses from: something that may become possible, and the code
/// that runs if it is chosen.
///
/// Made by the methods of [Select]. It has no state: it can be used again and again.
///
/// Threads: as what it is about.
///
/// @param <R> the result of its code
public final class Clause<R extends @Nullable Object> {
    private final Supplier<Attempt<R>> attempts;

    Clause(Supplier<Attempt<R>> attempts) {
        this.attempts = attempts;
    }

    /// The clause's part in one choice.
    Attempt<R> begin() {
        return attempts.get();
    }
}
