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
    private final boolean cancellable; // false: who awaits this cannot leave before it is done

    LabelledFuture(EventLoop loop, WaitKind kind, Object subject) {
        this(loop, kind, subject, true);
    }

    LabelledFuture(EventLoop loop, WaitKind kind, Object subject, boolean cancellable) {
        super(loop);
        this.kind = kind;
        this.subject = subject;
        this.cancellable = cancellable;
    }

    @Override
    boolean cancel(CancelReason reason) {
        return cancellable && super.cancel(reason);
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
