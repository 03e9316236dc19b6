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
import org.junit.jupiter.api.Test;

/// `cancelling` counts requests, `uncancel` takes one back: two requests in one tick deliver one
/// error; a request taken back still arrives when the awaited future is gone.
@Spec({"TASK-2", "TASK-5", "F-TASK-3", "F-TASK-4", "F-TASK-11"})
class T22TaskCancelCountsTest extends Trace {
    private Coroutine<String> stubborn(int rounds) {
        return async(() -> {
            Task<?> me = me();
            for (int i = 0; i < rounds; i++) {
                try {
                    waitForever();
                } catch (CancelledError error) {
                    print("stubborn", "CancelledError", i, "cancelling:", me.cancelling());
                }
            }
            print("stubborn", "uncancel", me.uncancel(), me.uncancel(), me.uncancel());
            await(sleep(seconds(0)));
            print("stubborn", "awaits normally");
            return "survived";
        });
    }

    private Coroutine<String> takenBack() {
        return async(() -> {
            try {
                waitForever();
                print("taken back", "not reached");
            } catch (CancelledError error) {
                print("taken back", "CancelledError", "cancelling:", me().cancelling());
            }
            return "ended";
        });
    }

    private void main() {
        Task<String> task = createTask(stubborn(2));
        await(sleep(seconds(0)));
        task.cancel();
        task.cancel();
        print("main", "two requests, cancelling:", task.cancelling());
        await(sleep(seconds(0)));
        print("main", "done:", yes(task.isDone()));
        task.cancel();
        await(sleep(seconds(0)));
        print("main", await(task), "cancelling:", task.cancelling());

        task = createTask(takenBack());
        await(sleep(seconds(0)));
        print("main", "cancel accepted:", yes(task.cancel()), "then uncancel:", task.uncancel());
        print("main", await(task));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("22-task-cancel-counts");
    }
}
