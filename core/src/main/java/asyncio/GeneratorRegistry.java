package asyncio;

import asyncio.fiber.FiberExit;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The generators of a loop that have begun and not ended.
///
/// Threads: loop-confined.
final class GeneratorRegistry {
    /// Closing begins at once: a task that is cancelled before its first step would close nothing.
    private static final TaskOptions EAGER = TaskOptions.DEFAULT.eagerStart(true);

    final EventLoop loop;
    private final ReferenceQueue<AsyncGenerator<?>> collected = new ReferenceQueue<>();
    private final Map<GeneratorFrame<?>, Handle> live = new LinkedHashMap<>();
    private boolean shutDown;

    GeneratorRegistry(EventLoop loop) {
        this.loop = loop;
    }

    /// Watches a generator: its frame is held, the generator itself is not, so that one that is
    /// dropped is noticed.
    void began(AsyncGenerator<?> generator, GeneratorFrame<?> frame) {
        if (shutDown) {
            loop.diagnostics.warn("asynchronous generator " + generator
                    + " was scheduled after loop.shutdownAsyncgens() call: close it yourself");
        }
        live.put(frame, new Handle(generator, collected, frame));
    }

    boolean isAnyLive() {
        return !live.isEmpty();
    }

    void ended(GeneratorFrame<?> frame) {
        live.remove(frame);
    }

    /// Called once in a while: closes, in tasks of their own, generators that nobody holds any
    /// more. The tasks are made by a step, because a task factory may be the user's.
    void sweep() {
        for (Object gone = collected.poll(); gone != null; gone = collected.poll()) {
            if (gone instanceof Handle handle && live.containsKey(handle.frame)) {
                loop.core.enqueue(new CallbackStep(loop, new Context(), () -> loop.createTask(closing(handle.frame))));
            }
        }
    }

    /// Closes them all, concurrently.
    Coroutine<@Nullable Void> shutdown() {
        return Asyncio.async(() -> {
            shutDown = true;
            List<Task<?>> tasks = new ArrayList<>();
            for (GeneratorFrame<?> frame : List.copyOf(live.keySet())) {
                tasks.add(loop.createTask(closing(frame), EAGER));
            }
            Asyncio.await(
                    GatherFuture.of(loop, tasks, GatherFuture.Mode.OUTCOMES)); // a cancellation reaches all of them
        });
    }

    private Coroutine<@Nullable Void> closing(GeneratorFrame<?> frame) {
        return Asyncio.async(() -> {
            try {
                frame.close();
            } catch (CancelledError | SystemExit | KeyboardInterrupt | FiberExit e) {
                throw e;
            } catch (Throwable e) {
                loop.callExceptionHandler(
                        ExceptionContext.of("an error occurred during closing of asynchronous generator " + frame, e));
            }
        });
    }

    /// Unwinds what is left while the loop closes.
    void abandonAll() {
        List.copyOf(live.keySet()).forEach(GeneratorFrame::abandonFiber);
        live.clear();
    }

    private static final class Handle extends WeakReference<AsyncGenerator<?>> {
        final GeneratorFrame<?> frame;

        Handle(AsyncGenerator<?> generator, ReferenceQueue<AsyncGenerator<?>> queue, GeneratorFrame<?> frame) {
            super(generator, queue);
            this.frame = frame;
        }
    }
}
