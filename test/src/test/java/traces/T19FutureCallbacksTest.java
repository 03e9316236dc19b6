package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.testing.Spec;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Done callbacks run later, in order, one failure stops nobody: never synchronous, registration
/// order, duplicates, removal before and during the dispatch.
@Spec({"FUT-2", "LOOP-9", "F-SCHED-5", "F-SCHED-6"})
class T19FutureCallbacksTest extends Trace {
    private final Consumer<Future<String>> one = this::one; // a reference is equal to itself only
    private final Consumer<Future<String>> three = this::three;

    private void one(Future<String> future) {
        print("callback", "one", future.result());
    }

    private void two(Future<String> future) {
        print("callback", "two fails");
        future.removeDoneCallback(three);
        throw new Boom("two");
    }

    private void three(Future<String> future) {
        print("callback", "three");
    }

    private void handler(EventLoop loop, ExceptionContext context) {
        print("handler", name(context.exception()));
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        loop.setExceptionHandler(this::handler);
        Future<String> future = loop.createFuture();
        future.addDoneCallback(one);
        future.addDoneCallback(one);
        future.addDoneCallback(this::two);
        future.addDoneCallback(three);
        print("main", "removed", future.removeDoneCallback(one));
        print("main", "removed", future.removeDoneCallback(one));
        future.addDoneCallback(one);
        future.setResult("value");
        print("main", "set, nothing called");
        future.addDoneCallback(f -> print("callback", "added after completion"));
        print("main", "added, nothing called");
        loop.callSoon(() -> print("callback", "registered after the last"));
        await(sleep(seconds(0)));
        print("main", "after one trip");
        print("main", "removed", future.removeDoneCallback(three));

        Future<String> gone = loop.createFuture();
        gone.addDoneCallback(f -> print("callback", "cancelled:", yes(f.isCancelled())));
        gone.cancel();
        print("main", "cancelled, nothing called");
        await(sleep(seconds(0)));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("19-future-callbacks");
    }
}
