package asyncio;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which of several futures were done when a wait ended.
///
/// Threads: immutable.
///
/// @param done those that were, in the order in which they were given
/// @param pending those that were not, in the order in which they were given
/// @param <T> the futures' result
public record WaitResult<T extends @Nullable Object>(Set<Future<T>> done, Set<Future<T>> pending) {}
