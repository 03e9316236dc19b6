package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;

import asyncio.Coroutine;
import asyncio.RunOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A coroutine that nobody awaited is reported: its body never runs, one report for each forgotten
/// coroutine, debug mode adds where it was created.
///
/// The reports are there when the loop is closed; nobody has to collect garbage first.
@Spec({"CORO-1", "WRN-2", "DBG-2"})
class T09DebugForgottenAwaitTest extends Trace {
    private Coroutine<@Nullable Void> forgotten(int number) {
        return async(() -> print("forgotten", "must not print", number));
    }

    private Coroutine<@Nullable Void> awaited(String name) {
        return async(() -> print("awaited", name));
    }

    private void main(int count) {
        for (int n = 0; n < count; n++) {
            forgotten(n);
        }
        await(awaited("one"));
        await(createTask(awaited("two")));
        print("main", "returns");
    }

    private void program(int count, boolean debug) {
        RecordingLogger logger = new RecordingLogger();
        run(
                async(() -> main(count)),
                RunOptions.defaults().loop(virtual().logger(logger)).debug(debug));
        List<String> reports = logger.messagesWith("never awaited");
        long located =
                reports.stream().filter(text -> text.contains("created at")).count();
        print("run", "forgotten:", count, "reported:", reports.size(), "with place:", located);
    }

    @Test
    void printsWhatCPythonPrinted() {
        program(2, false);
        program(1, true);
        program(0, true);

        assertPrinted("09-debug-forgotten-await");
    }
}
