package asyncio;

import org.jspecify.annotations.Nullable;

/// What can be awaited: a coroutine, a future or a task.
///
/// Threads: as each of them says.
///
/// @param <T> the result
public sealed interface Awaitable<T extends @Nullable Object> permits Coroutine, Future {}
