package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.Runner;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A runner: its states, and a main that is cancelled. Closing is idempotent, use after close, a
/// closed runner that never ran, errors leave it usable, main cancelled by user code.
@Spec({"RUN-2", "RUN-3", "RUN-5", "F-R-5"})
class T44RunnerTest extends Trace {
    private Coroutine<Integer> value(int number) {
        return async(() -> {
            await(sleep(seconds(0)));
            return number;
        });
    }

    private void fail() {
        throw new Boom("main");
    }

    private void cancelled() {
        me().cancel();
        await(sleep(seconds(0)));
    }

    private void leavesTask(List<Task<?>> kept) {
        kept.add(createTask(this::waits));
        await(sleep(seconds(0)));
    }

    private void waits() {
        try {
            waitForever();
        } finally {
            print("leftover", "finally");
        }
    }

    private void freshRunner() {
        Runner fresh = Runner.create(virtualRun());
        fresh.close();
        print("fresh", "closed without a loop, still usable:", fresh.run(value(1)));
        fresh.close();
        fresh.close();
        try {
            fresh.getLoop();
        } catch (IllegalStateException error) {
            print("closed", name(error), withItsWords(error, "Runner is closed"));
        }
    }

    private void usedRunner() {
        List<Task<?>> kept = new ArrayList<>();
        try (Runner runner = Runner.create(virtualRun())) {
            print("runner", runner.run(value(2)));
            try {
                runner.run(async(this::fail));
            } catch (Boom error) {
                print("runner", name(error), error.getMessage());
            }
            try {
                runner.run(async(this::cancelled));
            } catch (CancelledError error) {
                print("runner", "CancelledError");
            }
            runner.run(async(() -> leavesTask(kept)));
            print("runner", "leftover done between runs:", yes(kept.getFirst().isDone()));
            print("runner", runner.run(value(3)));
        }
        print("runner", "left, leftover cancelled:", yes(kept.getFirst().isCancelled()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        freshRunner();
        usedRunner();

        assertPrinted("44-runner");
    }
}
