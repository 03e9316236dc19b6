package asyncio;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A future that knows what it stands for, so that a task suspended on it can say what it waits
/// for.
///
/// Threads: loop-confined.
///
/// @param <T> the result
final class LabelledFuture<T extends @Nullable Object> extends Future<T> {
    private final WaitKind kind;
    private final Object subject;

    LabelledFuture(EventLoop loop, WaitKind kind, Object subject) {
        super(loop);
        this.kind = kind;
        this.subject = subject;
    }

    @Override
    Collection<? extends Future<?>> awaits() {
        return subject instanceof Dependent dependent
                ? dependent.members()
                : subject instanceof TaskGroup group ? group.children() : List.of();
    }

    @Override
    String describe() {
        return Names.describe(subject);
    }

    @Override
    public WaitKind waitKind() {
        return kind;
    }

    @Override
    public String toString() {
        return "<Future " + describe() + " " + stateWords() + ">";
    }
}
