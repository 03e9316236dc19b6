package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Event;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Cancelling who waits through `waitUntil` or `shield` leaves the awaited task alone: plain await
/// passes the cancellation on, those do not; a cancelled inner cancels the shield.
@Spec({"TASK-3", "W-2", "W-5", "F-TASK-9", "F-W-11"})
class T25CancelTheWaiterTest extends Trace {
    private static Coroutine<String> job(Event gate) {
        return async(() -> {
            await(gate.awaitSet());
            return "job result";
        });
    }

    private static Coroutine<Object> waiter(String name, Task<String> task) {
        return async(() -> switch (name) {
            case "plain" -> await(task);
            case "wait" -> await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
            default -> await(shield(task));
        });
    }

    private void main() {
        for (String name : List.of("plain", "wait", "shield")) {
            Event gate = new Event();
            Task<String> task = createTask(job(gate));
            Task<Object> outer = createTask(waiter(name, task));
            await(sleep(seconds(0)));
            await(sleep(seconds(0)));
            outer.cancel();
            try {
                await(outer);
            } catch (CancelledError error) {
                print(name, "outer CancelledError");
            }
            print(
                    name,
                    "task done:",
                    yes(task.isDone()),
                    "cancelled:",
                    yes(task.isCancelled()),
                    "cancelling:",
                    task.cancelling());
            gate.set();
            if (!task.isDone()) {
                print(name, await(task));
            }
        }

        Task<String> task = createTask(job(new Event()));
        Future<String> shielded = shield(task);
        await(sleep(seconds(0)));
        task.cancel();
        try {
            await(shielded);
        } catch (CancelledError error) {
            print("inner", "shield cancelled:", yes(shielded.isCancelled()));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("25-cancel-the-waiter");
    }
}
