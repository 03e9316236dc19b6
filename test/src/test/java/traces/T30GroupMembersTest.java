package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What a task group tolerates: a cancelled child is no error; children may add children while the
/// group is already waiting.
@Spec({"TG-2", "TG-3", "TG-4", "F-TG-5", "F-TG-11", "F-TG-15"})
class T30GroupMembersTest extends Trace {
    private static void cancelsItself() {
        throw new CancelledError();
    }

    private Coroutine<String> leaf(String name) {
        return async(() -> {
            print("leaf", name);
            return name;
        });
    }

    private void parent(TaskGroup tg, List<Task<String>> results) {
        await(sleep(seconds(0)));
        print("parent", "adds children");
        results.add(tg.createTask(leaf("a")));
        results.add(tg.createTask(leaf("b")));
        await(sleep(seconds(0)));
        results.add(tg.createTask(grandparent(tg, results)));
    }

    private Coroutine<String> grandparent(TaskGroup tg, List<Task<String>> results) {
        return async(() -> {
            await(sleep(seconds(0)));
            results.add(tg.createTask(leaf("c")));
            return "g";
        });
    }

    private void main() {
        List<Task<?>> tasks = new ArrayList<>();
        await(taskGroup(tg -> {
            tasks.add(tg.createTask(() -> waitForever()));
            tasks.add(tg.createTask(() -> cancelsItself()));
            tasks.add(tg.createTask(leaf("unharmed")));
            await(sleep(seconds(0)));
            tasks.getFirst().cancel();
            print("main", "body ends");
        }));
        print(
                "main",
                "cancelled:",
                yes(tasks.get(0).isCancelled()),
                yes(tasks.get(1).isCancelled()),
                yes(tasks.get(2).isCancelled()));
        print("main", "cancelling:", me().cancelling());

        List<Task<String>> results = new ArrayList<>();
        await(taskGroup(tg -> {
            tg.createTask(() -> parent(tg, results));
            print("main", "body ends");
        }));
        String ends = results.stream().map(Task::result).collect(Collectors.joining(" "));
        print("main", "group ends after", ends);
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("30-group-members");
    }
}
