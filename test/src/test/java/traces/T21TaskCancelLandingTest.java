package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Where a cancellation lands: before the first step, at an await, swallowed, turned into another
/// error, raised by the coroutine itself.
@Spec({"TASK-2", "TASK-3", "TASK-4", "F-TASK-1", "F-TASK-6", "F-TASK-11", "F-TASK-13"})
class T21TaskCancelLandingTest extends Trace {
    private Coroutine<Integer> body(String name, String reaction) {
        return async(() -> {
            print(name, "body entered");
            try {
                waitForever();
                return 0;
            } catch (CancelledError error) {
                print(name, "CancelledError");
                if (reaction.equals("swallow")) {
                    return 42;
                }
                if (reaction.equals("replace")) {
                    throw new Boom("instead");
                }
                throw error;
            } finally {
                print(name, "finally");
            }
        });
    }

    private Coroutine<Integer> own() {
        return async(() -> {
            throw new CancelledError();
        });
    }

    private void outcome(String name, Task<Integer> task) {
        try {
            print(name, "returned", await(task));
        } catch (CancelledError | Boom error) {
            print(name, "raised", name(error));
        }
        print(name, "cancelled:", yes(task.isCancelled()), "cancelling:", task.cancelling());
        print(name, "cancel accepted when done:", yes(task.cancel()));
    }

    private void main() {
        Task<Integer> early = createTask(body("early", "raise"));
        print("early", "cancel accepted:", yes(early.cancel()));
        outcome("early", early);
        for (String reaction : List.of("raise", "swallow", "replace")) {
            Task<Integer> task = createTask(body(reaction, reaction));
            await(sleep(seconds(0)));
            print(reaction, "cancel accepted:", yes(task.cancel()), "cancelled yet:", yes(task.isCancelled()));
            outcome(reaction, task);
        }
        outcome("own", createTask(own()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("21-task-cancel-landing");
    }
}
