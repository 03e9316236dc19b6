package asyncio;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A user's callback for the end of a future.
///
/// Threads: loop-confined.
///
/// @param <T> the future's result
final class DoneCallback<T extends @Nullable Object> extends CallbackStep {
    private final Future<T> future;
    private final Consumer<? super Future<T>> callback;

    DoneCallback(Future<T> future, Consumer<? super Future<T>> callback, Context context) {
        super(future.loop(), context, null);
        this.future = future;
        this.callback = callback;
    }

    boolean calls(Consumer<?> other) {
        return callback.equals(other);
    }

    @Override
    protected void run() {
        run(() -> callback.accept(future));
    }

    @Override
    protected boolean isBare() {
        return false;
    }

    @Override
    public String toString() {
        return "<Handle " + Names.of(callback) + " for " + future + ">";
    }
}
