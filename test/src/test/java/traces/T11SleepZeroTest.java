package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A sleep of zero is one trip through the ready queue: strict alternation, a long job that yields
/// every second item, and one that never yields.
@Spec({"CORO-2", "F-SCHED-1"})
class T11SleepZeroTest extends Trace {
    private Coroutine<@Nullable Void> counter(String name, int count) {
        return async(() -> {
            for (int i = 0; i < count; i++) {
                print("counter", name + i);
                await(sleep(seconds(0)));
            }
        });
    }

    private Coroutine<@Nullable Void> process(String items, int every) {
        return async(() -> {
            for (int i = 0; i < items.length(); i++) {
                print("process", items.charAt(i));
                if (i % every == every - 1) {
                    await(sleep(seconds(0)));
                }
            }
            print("process", "end");
        });
    }

    private Coroutine<@Nullable Void> watcher() {
        return async(() -> {
            for (int i = 0; i < 3; i++) {
                print("watcher", i);
                await(sleep(seconds(0)));
            }
        });
    }

    private void main() {
        await(gather(counter("a", 3), counter("b", 3)));
        print("main", "yield every second item");
        await(gather(process("pqrs", 2), watcher()));
        print("main", "never yield");
        await(gather(process("xyz", 100), watcher()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("11-sleep-zero");
    }
}
