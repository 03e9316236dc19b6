package asyncio;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Waiting for several futures, and waiting for one with a limit (rows W-2, W-3).
///
/// Threads: loop-confined.
final class Waiting {
    private Waiting() {}

    static <T extends @Nullable Object> Coroutine<WaitResult<T>> until(
            Collection<? extends Future<? extends T>> futures, ReturnWhen returnWhen, @Nullable Duration timeout) {
        Objects.requireNonNull(futures, "futures must not be null");
        Objects.requireNonNull(returnWhen, "returnWhen must not be null");
        Set<Future<T>> set = new LinkedHashSet<>();
        for (Future<? extends T> future : futures) {
            @SuppressWarnings("unchecked") // only read from: a future of a subtype will do
            Future<T> readable = (Future<T>) future;
            set.add(Objects.requireNonNull(readable, "futures must not be null: got " + futures));
        }
        if (set.isEmpty()) {
            throw new IllegalArgumentException("futures must not be empty: there is nothing to wait for");
        }
        long timeoutNanos = timeout == null ? Long.MAX_VALUE : Durations.nanos(timeout, "timeout");
        return new Coroutine<>(() -> waitFor(set, returnWhen, timeoutNanos));
    }

    private static <T extends @Nullable Object> WaitResult<T> waitFor(
            Set<Future<T>> futures, ReturnWhen returnWhen, long timeoutNanos) {
        Task<?> task = Task.required();
        EventLoop loop = task.loop();
        futures.forEach(loop::ensureFuture); // refuses those of other loops
        Future<@Nullable Void> waiter = loop.createFuture(WaitKind.GROUP, new Members(futures));
        asyncio.loop.Timer timer = new asyncio.loop.Timer(new BareJob(() -> release(waiter)));
        if (timeoutNanos != Long.MAX_VALUE) {
            loop.core.arm(timer, Durations.deadline(loop.core.nanoTime(), timeoutNanos));
        }
        int[] unfinished = {futures.size()};
        List<Relay> jobs = new ArrayList<>();
        for (Future<T> future : futures) {
            Relay job = new SimpleRelay(task, () -> {
                boolean failed = future.state() == Future.State.FAILED;
                if (--unfinished[0] == 0
                        || returnWhen == ReturnWhen.FIRST_COMPLETED
                        || returnWhen == ReturnWhen.FIRST_EXCEPTION && failed) {
                    release(waiter);
                }
            });
            jobs.add(job);
            future.whenDone(job);
        }
        try {
            waiter.await();
        } finally {
            loop.core.disarm(timer);
            int index = 0;
            for (Future<T> future : futures) {
                future.forget(jobs.get(index++));
            }
        }
        Set<Future<T>> done = new LinkedHashSet<>();
        Set<Future<T>> pending = new LinkedHashSet<>();
        for (Future<T> future : futures) {
            (future.isDone() ? done : pending).add(future);
        }
        return new WaitResult<>(Collections.unmodifiableSet(done), Collections.unmodifiableSet(pending));
    }

    private static void release(Future<@Nullable Void> waiter) {
        if (!waiter.isDone()) {
            waiter.complete(Future.State.FINISHED, null);
        }
    }

    static <T extends @Nullable Object> AsCompleted<T> inCompletionOrder(
            Collection<? extends Awaitable<? extends T>> awaitables, @Nullable Duration timeout) {
        EventLoop loop = EventLoop.running();
        long timeoutNanos = timeout == null ? Long.MAX_VALUE : Durations.nanos(timeout, "timeout");
        Objects.requireNonNull(awaitables, "awaitables must not be null");
        List<Future<T>> futures = new ArrayList<>();
        for (Future<?> future : GatherFuture.futures(loop, awaitables)) {
            @SuppressWarnings("unchecked") // only read from: a future of a subtype will do
            Future<T> readable = (Future<T>) future;
            futures.add(readable);
        }
        return new AsCompleted<>(new Completions<>(loop, futures, timeoutNanos));
    }

    static <T extends @Nullable Object> Coroutine<T> withLimit(Awaitable<T> awaitable, Duration timeout) {
        Objects.requireNonNull(awaitable, "awaitable must not be null");
        long timeoutNanos = Durations.nanos(timeout, "timeout");
        return new Coroutine<>(() -> timeoutNanos > 0
                ? Timeout.after(timeout).runInside(scope -> Asyncio.await(awaitable))
                : now(awaitable));
    }

    /// What is there at once; otherwise cancels, and waits until that is done.
    private static <T extends @Nullable Object> T now(Awaitable<T> awaitable) {
        Task<?> task = Task.required();
        EventLoop loop = task.loop();
        Future<T> future = loop.ensureFuture(awaitable);
        if (future.isDone()) {
            return future.result();
        }
        Future<@Nullable Void> waiter = loop.createFuture(WaitKind.GROUP, new Members(List.of(future)));
        Relay release = new SimpleRelay(task, () -> release(waiter));
        future.whenDone(release);
        future.cancel(new CancelReason("deadline passed", "waitFor", null));
        try {
            waiter.await();
        } finally {
            future.forget(release);
        }
        try {
            return future.result();
        } catch (CancelledError e) {
            throw new TimeoutException("deadline passed: waitFor with no time", e);
        }
    }

    /// What a wait waits for.
    ///
    /// @param members the futures
    private record Members(Collection<? extends Future<?>> members) implements Dependent {
        @Override
        public String toString() {
            return members.size() == 1
                    ? "the end of " + members.iterator().next().describe()
                    : "some of " + members.size();
        }
    }
}
