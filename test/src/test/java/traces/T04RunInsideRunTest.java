package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.Runner;
import asyncio.Task;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// `run` refuses to start inside a running loop, and leaves that loop and the refused coroutine
/// unharmed: it can be awaited instead.
@Spec({"RUN-1", "RUN-3", "LOOP-3"})
class T04RunInsideRunTest extends Trace {
    private Coroutine<String> inner(String name) {
        return async(() -> {
            print("inner", name, "runs");
            await(sleep(seconds(0)));
            return name + " done";
        });
    }

    private void neighbour() {
        for (int step = 0; step < 3; step++) {
            print("neighbour", step);
            await(sleep(seconds(0)));
        }
    }

    private String main(Runner runner) {
        Task<?> other = createTask(this::neighbour);
        Coroutine<String> coro = inner("refused by run");
        try {
            run(coro, virtualRun());
        } catch (IllegalStateException error) {
            print("main", "run", name(error));
        }
        print("main", "same coroutine, awaited:", await(coro));

        Coroutine<String> second = inner("refused by the runner");
        try {
            runner.run(second);
        } catch (IllegalStateException error) {
            print("main", "runner", name(error));
        }
        print("main", "same coroutine, awaited:", await(second));
        await(other);
        return "main finished";
    }

    @Test
    void printsWhatCPythonPrinted() {
        try (Runner runner = Runner.create(virtualRun())) {
            print("run", runner.run(async(() -> main(runner))));
        }

        assertPrinted("04-run-inside-run");
    }
}
