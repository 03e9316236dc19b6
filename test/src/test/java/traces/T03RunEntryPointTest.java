package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `run` makes a loop, runs one coroutine, closes the loop: result, error, a new closed loop for
/// every call, no loop before and after.
@Spec({"RUN-1", "LOOP-10"})
class T03RunEntryPointTest extends Trace {
    private final List<EventLoop> seen = new ArrayList<>();

    private Coroutine<String> value() {
        return async(() -> {
            seen.add(getRunningLoop());
            await(sleep(seconds(0)));
            return "value";
        });
    }

    private Coroutine<String> fail() {
        return async(() -> {
            seen.add(getRunningLoop());
            await(sleep(seconds(0)));
            throw new Boom("from main");
        });
    }

    private static String loopHere() {
        try {
            getRunningLoop();
            return "a running loop";
        } catch (IllegalStateException error) {
            return name(error);
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        print("before", loopHere());
        print("run", run(value(), virtualRun()));
        print("between", loopHere());
        try {
            run(fail(), virtualRun());
        } catch (Boom error) {
            print("run", "Boom", error.getMessage());
        }
        print("after", loopHere());
        print("loops", "made:", seen.size());
        print("loops", "same:", yes(seen.get(0) == seen.get(1)));
        for (EventLoop loop : seen) {
            print("loops", "closed:", yes(loop.isClosed()));
        }

        assertPrinted("03-run-entry-point");
    }
}
