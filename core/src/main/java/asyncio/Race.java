package asyncio;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The first success of several (see [Asyncio#race(Collection)]).
///
/// Threads: loop-confined.
final class Race {
    private Race() {}

    static <T extends @Nullable Object> Coroutine<T> of(Collection<? extends Awaitable<? extends T>> contenders) {
        List<Awaitable<? extends T>> list = List.copyOf(new LinkedHashSet<>(contenders)); // each runs once
        if (list.isEmpty()) {
            throw new IllegalArgumentException("contenders must not be empty: nobody could win");
        }
        return new Coroutine<>(() -> run(list));
    }

    @SuppressWarnings("unchecked") // every child of the group is a contender
    private static <T extends @Nullable Object> T run(List<Awaitable<? extends T>> contenders) {
        TaskGroup group = TaskGroup.create(GroupOptions.joining(JoinPolicy.FIRST_SUCCESS));
        group.runInside(entered -> {
            for (Awaitable<? extends T> contender : contenders) {
                entered.<T>createTask(asCoroutine(contender));
            }
            return null;
        });
        Task<?> winner = group.decider().orElseThrow(() -> new CancelledError("every contender was cancelled"));
        return ((Task<T>) winner).result();
    }

    @SuppressWarnings("unchecked") // only read from: a coroutine of a subtype will do
    private static <T extends @Nullable Object> Coroutine<T> asCoroutine(Awaitable<? extends T> contender) {
        if (contender instanceof Future<? extends T> future) {
            return new Coroutine<>(future::await);
        }
        return (Coroutine<T>) contender;
    }
}
