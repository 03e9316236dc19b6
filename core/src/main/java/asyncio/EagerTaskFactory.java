package asyncio;

import org.jspecify.annotations.Nullable;

/// Tasks that start inside `createTask`.
///
/// Threads: immutable.
final class EagerTaskFactory implements TaskFactory {
    static final EagerTaskFactory INSTANCE = new EagerTaskFactory();

    private EagerTaskFactory() {}

    @Override
    public <T extends @Nullable Object> Task<T> create(EventLoop loop, Coroutine<T> coroutine, TaskOptions options) {
        return Task.create(loop, coroutine, options.eagerStart() == null ? options.eagerStart(true) : options);
    }
}
