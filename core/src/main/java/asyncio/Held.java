package asyncio;

import java.util.Objects;

/// What a task holds for the length of a block, such as a lock: closing gives it back.
///
/// ```java
/// try (var held = await(lock.hold())) {
///     // alone
/// }
/// ```
///
/// Where the variable is not used, `var _` is as good, and `javac -Xlint:try` does not ask what it
/// is for. Await `hold()` in the head of the block itself: what a task of its own took is never
/// given back if nobody takes that task's result.
///
/// Threads: loop-confined.
public final class Held implements AutoCloseable {
    private final Object subject;
    private final Runnable release;
    private boolean closed; // given back

    /// Something that was taken just now.
    ///
    /// @param subject what was taken; its `toString` is shown
    /// @param release gives it back; called once at most
    public Held(Object subject, Runnable release) {
        this.subject = Objects.requireNonNull(subject, "subject must not be null");
        this.release = Objects.requireNonNull(release, "release must not be null");
    }

    /// Gives back what is held; the second time it does nothing.
    ///
    /// @throws IllegalStateException if it was given back behind this object's back
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }

    @Override
    public String toString() {
        return "<Held " + Names.describe(subject) + (closed ? " closed" : "") + ">";
    }
}
