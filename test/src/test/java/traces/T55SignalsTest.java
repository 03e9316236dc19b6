package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.spi.SignalSource;
import asyncio.sync.Queue;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Signals as loop callbacks: the handler may touch the loop, a new handler replaces the old, removal
/// says whether there was one.
@Spec({"SIG-1", "F-LOOP-20"})
class T55SignalsTest extends Trace {
    private final SignalSource signals =
            ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();

    private void main() {
        EventLoop loop = getRunningLoop();
        Queue<String> queue = new Queue<>();
        List<Task<@Nullable Void>> tasks = new ArrayList<>();

        loop.addSignalHandler("USR2", () -> print("old handler", "must not print"));
        for (String name : List.of("USR2", "TERM")) {
            loop.addSignalHandler(name, () -> {
                String told = name.toLowerCase(java.util.Locale.ROOT);
                print("handler", told, "current task:", currentTask() == null ? "none" : "some");
                tasks.add(createTask(() -> print("child", "started by the handler")));
                queue.tryPut(told);
            });
        }
        for (String name : List.of("USR2", "TERM", "USR2")) {
            signals.raise(name);
            print("main", "received", await(queue.get()));
        }
        await(gather(tasks));
        print(
                "main",
                "removed:",
                yes(loop.removeSignalHandler("USR2")),
                "again:",
                yes(loop.removeSignalHandler("USR2")));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("55-signals");
    }
}
