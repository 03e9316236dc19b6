package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.SystemExit;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `SystemExit` in a child ends the run at once: `run` raises it; main learns of it only as a
/// cancellation during the shutdown, its cleanup runs.
@Spec({"TASK-6", "RUN-5", "F-TASK-16"})
class T28SystemExitTest extends Trace {
    private final List<Task<?>> kept = new ArrayList<>();

    private void child() {
        print("child", "exits");
        throw new SystemExit(3);
    }

    private void neighbour() {
        try {
            waitForever();
        } finally {
            await(sleep(seconds(0)));
            print("neighbour", "finally");
        }
    }

    private void main() {
        kept.add(createTask(this::neighbour));
        await(sleep(seconds(0)));
        kept.add(createTask(this::child));
        kept.add(me());
        try {
            waitForever();
        } catch (CancelledError error) {
            print("main", "CancelledError");
            throw error;
        } finally {
            for (int trip = 0; trip < 5; trip++) {
                await(sleep(seconds(0)));
            }
            print("main", "finally");
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        LoopOptions quiet = virtual().logger(new RecordingLogger()); // nobody awaits the child: that is reported
        try {
            run(async(this::main), RunOptions.defaults().loop(quiet));
            print("run", "not reached");
        } catch (SystemExit error) {
            print("run", "SystemExit", error.code());
        }
        print("child", "stores", name(kept.get(1).exception()));
        print("main", "cancelled:", yes(kept.get(2).isCancelled()));

        assertPrinted("28-system-exit");
    }
}
