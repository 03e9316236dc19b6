package traces;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.ensureFuture;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Scheduling onto the loop that already runs: the running loop, `createTask` and `ensureFuture`
/// from a plain callback, the current task there and in a coroutine.
@Spec({"LOOP-10", "LOOP-11", "TASK-8", "TASK-10"})
class T07ExistingLoopTest extends Trace {
    private Coroutine<String> background(String name) {
        return async(() -> {
            print("background", name, "runs in its own task:", yes(me().name().equals(name)));
            await(sleep(seconds(0)));
            return name.toUpperCase(Locale.ROOT);
        });
    }

    private void fromCallback(List<Future<String>> results) {
        EventLoop loop = getRunningLoop();
        print("callback", "current task:", currentTask() == null ? "none" : "some");
        Task<String> task = loop.createTask(background("created"), TaskOptions.named("created"));
        results.add(task);
        results.add(ensureFuture(task));
        print("callback", "ensured task is the same:", yes(results.get(0) == results.get(1)));
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        List<Future<String>> results = new ArrayList<>();
        loop.callSoon(() -> fromCallback(results));
        print("main", "callback registered");
        await(sleep(seconds(0)));
        print("main", "tasks made:", results.size());
        print("main", await(results.getFirst()));

        Future<String> future = ensureFuture(background("ensured"));
        if (future instanceof Task<String> task) {
            task.setName("ensured");
        }
        print("main", "not started yet");
        print("main", await(future));
        print("main", "same loop:", yes(loop == getRunningLoop()));
        print("main", "tasks alive:", allTasks().size());
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("07-existing-loop");
    }
}
