package flow;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gatherOutcomes;
import static asyncio.Asyncio.runCoroutineThreadsafe;

import asyncio.AsyncIterator;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.tck.TestEnvironment;

/// The loop of the verifications, on a thread of its own, and the kit's patience.
final class Kit {
    /// For a signal that must come; long, for slow machines.
    private static final long SIGNAL_MILLIS = 20_000;

    /// For a signal that must not come, and between two looks: each such test takes as long.
    private static final long SILENCE_MILLIS = 50;

    /// How long the kit waits for the collector.
    static final long COLLECTION_MILLIS = 1_000;

    private static volatile @Nullable EventLoop running;

    private Kit() {}

    static TestEnvironment environment() {
        return new TestEnvironment(SIGNAL_MILLIS, SILENCE_MILLIS, SILENCE_MILLIS, false);
    }

    static EventLoop loop() {
        return Objects.requireNonNull(running, "no verification runs");
    }

    /// Runs a verification beside a loop, then ends the tasks that it left, and closes the loop.
    static void withLoop(RecordingLogger logger, Runnable verification) throws InterruptedException {
        EventLoop loop = EventLoop.create(LoopOptions.defaults().logger(logger));
        Thread thread = Thread.ofPlatform().name("loop of the kit").start(loop::runForever);
        running = loop;
        try {
            verification.run();
        } finally {
            running = null;
            runCoroutineThreadsafe(cancelOthers(), loop).join();
            loop.callSoonThreadsafe(loop::stop);
            thread.join();
            loop.close();
        }
    }

    private static Coroutine<@Nullable Void> cancelOthers() {
        return async(() -> {
            List<Task<?>> others = new ArrayList<>(allTasks());
            others.remove(currentTask());
            others.forEach(Task::cancel);
            await(gatherOutcomes(others));
        });
    }

    /// What an iterator over a publisher subscribes with, while a task reads all values.
    static Flow.Subscriber<Integer> subscriber(int prefetchCount) {
        CompletableFuture<Flow.Subscriber<? super Integer>> subscribed = new CompletableFuture<>();
        Flow.Publisher<Integer> publisher = subscribed::complete;
        AsyncIterator<Integer> values = AsyncIterator.fromPublisher(publisher, prefetchCount);
        var _ = runCoroutineThreadsafe(values.forEach(value -> {}), loop());
        Flow.Subscriber<? super Integer> inner =
                subscribed.orTimeout(SIGNAL_MILLIS, TimeUnit.MILLISECONDS).join();
        @SuppressWarnings("unchecked") // takes any Integer
        Flow.Subscriber<Integer> exact = (Flow.Subscriber<Integer>) inner;
        return exact;
    }
}
