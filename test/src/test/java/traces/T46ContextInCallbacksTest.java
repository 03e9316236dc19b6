package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// Callbacks and timers run in the context they were registered in: `callSoon`, `callLater`, done
/// callbacks, an explicit context, and that writes do not leak back.
@Spec({"CTX-1", "LOOP-6", "FUT-2"})
class T46ContextInCallbacksTest extends Trace {
    private final ContextVar<String> who = ContextVar.withDefault("who", "nobody");

    private void show(String label) {
        print(label, who.get());
        who.set("changed by " + label);
    }

    private Coroutine<String> child() {
        return async(() -> {
            who.set("child");
            await(sleep(seconds(0)));
            return who.get();
        });
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        Future<String> future = loop.createFuture();
        who.set("one");
        loop.callSoon(() -> show("call_soon"));
        loop.callLater(seconds(0), () -> show("call_later"));
        who.set("two");
        future.addDoneCallback(f -> show("done callback"));
        who.set("three");
        future.setResult("done");
        await(sleep(seconds(0)));
        await(sleep(seconds(0)));
        print("main", who.get());

        Context explicit = Context.copyOfCurrent();
        explicit.run(() -> {
            who.set("explicit");
        });
        loop.callSoon(() -> show("first with context"), explicit);
        loop.callSoon(() -> show("second with context"), explicit);
        await(sleep(seconds(0)));
        print("main", who.get());
        print("context", explicit.get(who).orElseThrow());

        Task<String> task = createTask(child());
        task.addDoneCallback(t -> print("task callback", who.get()));
        print("main", "task says", await(task));
        print("main", who.get());
        await(sleep(seconds(0)));

        ContextVar.Token<String> token = who.set("for a while");
        print("main", who.get());
        who.reset(token);
        print("main", who.get());
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("46-context-in-callbacks");
    }
}
