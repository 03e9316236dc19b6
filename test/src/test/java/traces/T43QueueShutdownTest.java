package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.Task;
import asyncio.sync.LifoQueue;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.QueueShutDownException;
import asyncio.testing.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Queue.shutdown and the other queue orders: drain then the exception, blocked putters and getters
/// are woken, immediate drops the items, join; priority and stack order.
@Spec({"Q-3", "Q-4", "F-Q-4", "F-Q-5", "F-Q-6"})
class T43QueueShutdownTest extends Trace {
    private Coroutine<@Nullable Void> attempt(String name, Coroutine<?> coroutine) {
        return async(() -> {
            try {
                Object result = await(coroutine);
                print(name, "returned", result == null ? "nothing" : result);
            } catch (QueueShutDownException e) {
                print(name, "QueueShutDown");
            }
        });
    }

    private void main() {
        Queue<String> queue = new Queue<>(1);
        queue.tryPut("last item");
        Task<@Nullable Void> blocked = createTask(attempt("blocked put", queue.put("refused")));
        await(sleep(seconds(0)));
        queue.shutdown();
        queue.shutdown();
        await(blocked);
        await(attempt("put", queue.put("late")));
        await(attempt("get", queue.get()));
        await(attempt("get again", queue.get()));
        Task<@Nullable Void> joined = createTask(attempt("join", queue.join()));
        await(sleep(seconds(0)));
        print("main", "marks the item done");
        queue.taskDone();
        await(joined);

        queue = new Queue<>();
        blocked = createTask(attempt("blocked get", queue.get()));
        await(sleep(seconds(0)));
        queue.shutdown();
        await(blocked);

        queue = new Queue<>();
        for (String item : List.of("in work", "dropped", "dropped too")) {
            queue.tryPut(item);
        }
        print("main", "took", await(queue.get()));
        joined = createTask(attempt("join", queue.join()));
        await(sleep(seconds(0)));
        queue.shutdown(true);
        print("queue", "size:", queue.size());
        await(attempt("get", queue.get()));
        print("main", "marks the item done");
        queue.taskDone();
        await(joined);

        for (Queue<Integer> kind :
                List.of(new Queue<Integer>(), new PriorityQueue<Integer>(), new LifoQueue<Integer>())) {
            for (int number : List.of(2, 1, 3)) {
                kind.tryPut(number);
            }
            print(
                    "order",
                    kind.tryGet().orElseThrow(),
                    kind.tryGet().orElseThrow(),
                    kind.tryGet().orElseThrow());
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("43-queue-shutdown");
    }
}
