package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gatherOutcomes;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;

import asyncio.Coroutine;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.WaitResult;
import asyncio.testing.Spec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `waitUntil` reports, it never cancels: the three conditions, a time limit, who is done and who is
/// pending, bad arguments.
@Spec({"W-2", "F-W-7"})
class T37WaitTest extends Trace {
    private static Coroutine<String> job(int trips, @Nullable RuntimeException error) {
        return async(() -> {
            for (int trip = 0; trip < trips; trip++) {
                await(sleep(seconds(0)));
            }
            if (error != null) {
                throw error;
            }
            return "done";
        });
    }

    private static Coroutine<String> forever() {
        return async(() -> {
            waitForever();
            return "not reached";
        });
    }

    private static String names(Set<Future<String>> tasks) {
        return tasks.isEmpty()
                ? "nobody"
                : tasks.stream().map(task -> ((Task<?>) task).name()).sorted().collect(Collectors.joining(" "));
    }

    private static List<Task<String>> spawn() {
        return List.of(
                createTask(job(1, null), "quick"),
                createTask(job(5, new Boom("")), "failing"),
                createTask(forever(), "endless"));
    }

    private void report(String label, List<Task<String>> tasks, Coroutine<WaitResult<String>> waiting) {
        WaitResult<String> result = await(waiting);
        print(label, "done:", names(result.done()), "pending:", names(result.pending()));
        result.pending().forEach(Future::cancel);
        await(gatherOutcomes(tasks));
    }

    private void main() {
        List<Task<String>> tasks = spawn();
        report("first completed", tasks, waitUntil(tasks, ReturnWhen.FIRST_COMPLETED));
        tasks = spawn();
        report("first exception", tasks, waitUntil(tasks, ReturnWhen.FIRST_EXCEPTION));
        tasks = spawn();
        report("time limit", tasks, waitUntil(tasks, ReturnWhen.ALL_COMPLETED, seconds(0.5)));
        List<Task<String>> all = spawn();
        tasks = all.subList(0, 2);
        report("all completed", tasks, waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
        tasks = spawn();
        await(sleep(seconds(0)));
        tasks.get(2).cancel();
        report("all, one of them cancelled", tasks, waitUntil(tasks, ReturnWhen.ALL_COMPLETED));
        try {
            await(waitUntil(List.<Future<String>>of(), ReturnWhen.ALL_COMPLETED));
        } catch (IllegalArgumentException error) {
            print("empty", name(error));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("37-wait");
    }
}
