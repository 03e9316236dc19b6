package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Body;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A task that cancels itself: it lands at the next suspension, or at the return; another error
/// wins; `uncancel` in time takes it back.
@Spec({"TASK-3", "TASK-5", "F-TASK-7"})
class T24TaskSelfCancelTest extends Trace {
    private String atNextAwait() {
        me().cancel();
        print("await", "still running");
        try {
            await(sleep(seconds(0)));
        } catch (CancelledError error) {
            print("await", "CancelledError");
            throw error;
        }
        return "not reached";
    }

    private String atReturn() {
        me().cancel();
        print("return", "still running");
        return "value";
    }

    private String errorWins() {
        me().cancel();
        print("error", "still running");
        throw new Boom("wins");
    }

    private String takenBack() {
        Task<?> me = me();
        me.cancel();
        print("taken back", "uncancel", me.uncancel());
        await(sleep(seconds(0)));
        return "value";
    }

    private String doneFutureInBetween() {
        me().cancel();
        Future<String> future = getRunningLoop().createFuture();
        future.setResult("there");
        print("done future", await(future));
        try {
            await(sleep(seconds(0)));
        } catch (CancelledError error) {
            print("done future", "CancelledError at the real suspension");
        }
        return "value";
    }

    private void main() {
        List<Body<String>> bodies =
                List.of(this::atNextAwait, this::atReturn, this::errorWins, this::takenBack, this::doneFutureInBetween);
        for (Body<String> body : bodies) {
            Task<String> task = createTask(body);
            try {
                print("main", "returned", await(task));
            } catch (CancelledError | Boom error) {
                print("main", "raised", name(error));
            }
            print("main", "cancelled:", yes(task.isCancelled()), "cancelling:", task.cancelling());
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("24-task-self-cancel");
    }
}
