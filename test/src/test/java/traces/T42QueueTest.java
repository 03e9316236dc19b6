package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;

import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Queue;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Queue: bounded, first-in first-out, nothing lost to cancellation: producers wait when it is full,
/// a woken getter that is cancelled leaves its item, join and taskDone.
@Spec({"Q-1", "Q-2", "F-Q-1", "F-Q-3", "F-Q-6"})
class T42QueueTest extends Trace {
    private Task<@Nullable Void> put(Queue<String> queue, String item) {
        return createTask(() -> {
            await(queue.put(item));
            print("put", item);
        });
    }

    private Task<@Nullable Void> get(Queue<String> queue, String name) {
        return createTask(() -> {
            print(name, "got", await(queue.get()));
        });
    }

    private void main() {
        Queue<String> queue = new Queue<>(2);
        List<Task<@Nullable Void>> putters = new ArrayList<>();
        for (String item : List.of("a", "b", "c", "d", "e")) {
            putters.add(put(queue, item));
        }
        await(sleep(seconds(0)));
        print("queue", "size:", queue.size(), "full:", yes(queue.isFull()));
        putters.get(2).cancel();
        await(sleep(seconds(0)));
        print("main", "took", queue.tryGet().orElseThrow());
        await(sleep(seconds(0)));
        print("main", "took", await(queue.get()));
        print("main", "took", await(queue.get()));
        await(waitUntil(putters, ReturnWhen.ALL_COMPLETED));
        print("main", "took", await(queue.get()));
        print("queue", "empty:", yes(queue.isEmpty()));

        print("get_nowait", queue.tryGet().isEmpty() ? "QueueEmpty" : "an item");
        boolean put = true;
        for (String item : List.of("x", "y", "z")) {
            put = queue.tryPut(item);
        }
        print("put_nowait", put ? "done" : "QueueFull");
        while (!queue.isEmpty()) {
            queue.tryGet();
        }

        List<Task<@Nullable Void>> getters = List.of(get(queue, "first"), get(queue, "second"));
        await(sleep(seconds(0)));
        queue.tryPut("item");
        getters.getFirst().cancel();
        await(waitUntil(getters, ReturnWhen.ALL_COMPLETED));
        print("main", "first cancelled:", yes(getters.getFirst().isCancelled()));

        Task<@Nullable Void> joined = createTask(queue.join());
        for (int i = 0; i < 7; i++) {
            await(sleep(seconds(0)));
            print("join", "done:", yes(joined.isDone()));
            queue.taskDone();
        }
        await(joined);
        try {
            queue.taskDone();
        } catch (IllegalArgumentException error) {
            print("task_done", "once too often", name(error));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("42-queue");
    }
}
