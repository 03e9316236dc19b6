package traces;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// `stop` lets the current iteration finish: what still runs after it, what waits for the next run,
/// a `runUntilComplete` that is stopped early.
@Spec({"LOOP-1", "LOOP-2", "F-LOOP-4", "F-LOOP-5"})
class T13LoopStopTest extends Trace {
    private final EventLoop loop = EventLoop.create(virtual());

    private void one() {
        print("callback", "one stops the loop");
        loop.stop();
        loop.callSoon(() -> say("three, queued by one"));
    }

    private void say(String name) {
        print("callback", name);
    }

    @Test
    void printsWhatCPythonPrinted() {
        loop.callSoon(this::one);
        loop.callSoon(() -> say("two, queued before the run"));
        loop.runForever();
        print("main", "first run over");

        loop.callSoon(loop::stop);
        loop.runForever();
        print("main", "second run over");

        Future<String> future = loop.createFuture();
        loop.callSoon(loop::stop);
        try {
            loop.runUntilComplete(future);
        } catch (IllegalStateException error) {
            print("main", name(error), withItsWords(error, "Event loop stopped before Future completed"));
        }
        print("future", "done:", yes(future.isDone()));

        loop.callSoon(() -> future.setResult("late value"));
        print("main", loop.runUntilComplete(future));
        loop.close();

        assertPrinted("13-loop-stop");
    }
}
