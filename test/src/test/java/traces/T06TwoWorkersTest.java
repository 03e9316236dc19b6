package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;

import asyncio.Coroutine;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Two workers in a task group: both start before either is done, children start in creation order,
/// the group ends after the last one.
@Spec({"TG-7", "F-TG-1", "CORO-2"})
class T06TwoWorkersTest extends Trace {
    private Coroutine<Integer> worker(int n, double delay) {
        return async(() -> {
            print("worker", n, "starting");
            await(sleep(seconds(delay)));
            print("worker", n, "done");
            return n * 10;
        });
    }

    private void main() {
        List<Task<Integer>> pair = await(taskGroup(tg -> {
            Task<Integer> slow = tg.createTask(worker(1, 0.4));
            Task<Integer> fast = tg.createTask(worker(2, 0.05));
            print("main", "body ends");
            return List.of(slow, fast);
        }));
        print("main", "all workers finished");
        print("main", "results", pair.get(0).result(), pair.get(1).result());

        List<Task<Integer>> tasks = new ArrayList<>();
        await(taskGroup(tg -> {
            for (int n = 3; n <= 5; n++) {
                tasks.add(tg.createTask(worker(n, 0)));
            }
        }));
        print(
                "main",
                "results",
                tasks.get(0).result(),
                tasks.get(1).result(),
                tasks.get(2).result());

        await(taskGroup(tg -> {
            print("main", "empty group");
        }));
        print("main", "left the empty group");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("06-two-workers");
    }
}
