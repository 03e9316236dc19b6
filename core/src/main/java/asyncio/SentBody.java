package asyncio;

import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Work as it is sent to another JVM: the user's code and nothing else.
///
/// Threads: immutable.
///
/// @param body the code, which is serializable
/// @param <T> the result
@SuppressWarnings("serial") // who makes one has checked that the body is
record SentBody<T extends @Nullable Object>(Body<T> body) implements Callable<T>, Serializable {
    /// What is sent for some code. Code that is a `Callable` itself goes as it is, so that the executor sees
    /// whatever else it is.
    @SuppressWarnings("unchecked") // its `call` does what its `run` does: so it is documented
    static <T extends @Nullable Object> Callable<T> of(Body<T> body) {
        return body instanceof Callable<?> callable ? (Callable<T>) callable : new SentBody<>(body);
    }

    @Override
    public T call() throws Exception {
        return body.run();
    }
}
