package traces;

import static asyncio.Asyncio.asCompleted;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;

import asyncio.AsCompleted;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// `asCompleted` hands out results in completion order: gives the very futures, can be left and
/// resumed; plain iteration: awaiting in reverse changes nothing.
@Spec({"W-4", "F-W-8", "F-W-9"})
class T38AsCompletedTest extends Trace {
    private final Map<String, Future<String>> futures = new LinkedHashMap<>();

    private void make(String... names) {
        futures.clear();
        for (String name : names) {
            futures.put(name, getRunningLoop().createFuture());
        }
    }

    private String nameOf(Future<String> future) {
        return futures.entrySet().stream()
                .filter(entry -> entry.getValue().equals(future))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private void finish(String... order) {
        EventLoop loop = getRunningLoop();
        double delay = 0.02;
        for (String name : order) {
            Future<String> future = Objects.requireNonNull(futures.get(name));
            loop.callLater(seconds(delay), () -> future.setResult("result of " + name));
            delay += 0.2;
        }
    }

    private void main() {
        make("a", "b", "c", "d");
        finish("c", "a", "d", "b");
        AsCompleted<String> completed = asCompleted(futures.values(), seconds(30));
        for (Future<String> future : completed.futures()) {
            print("first loop", nameOf(future), await(future));
            if (nameOf(future).equals("a")) {
                break;
            }
        }
        print("main", "resumes");
        for (Future<String> future : completed.futures()) {
            print("second loop", nameOf(future), await(future));
        }

        make("a", "b", "c");
        finish("b", "c", "a");
        List<Coroutine<String>> steps = new ArrayList<>();
        asCompleted(futures.values()).forEach(steps::add);
        for (int number = steps.size() - 1; number >= 0; number--) {
            print("plain", "awaiting step", number, "gives", await(steps.get(number)));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("38-as-completed");
    }
}
