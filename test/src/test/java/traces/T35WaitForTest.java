package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitFor;
import static asyncio.Asyncio.waitUntil;

import asyncio.Awaitable;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `waitFor` runs in the caller's task and waits with a deadline: same task and context, zero
/// timeout, expiry of a coroutine, a task, a future and a shielded task; cancel of the caller.
@Spec({"W-3", "F-WF-1", "F-WF-2", "F-WF-5", "CTX-1"})
class T35WaitForTest extends Trace {
    private final ContextVar<String> note = ContextVar.withDefault("note", "empty");

    private Coroutine<String> sameTask(Task<?> caller) {
        return async(() -> {
            note.set("written inside");
            return yes(currentTask() == caller);
        });
    }

    private Coroutine<String> forever() {
        return async(() -> {
            try {
                waitForever();
                return "not reached";
            } finally {
                print("forever", "finally");
            }
        });
    }

    private void attempt(String label, Awaitable<String> awaitable, double delay) {
        try {
            print(label, "returned", await(waitFor(awaitable, seconds(delay))));
        } catch (TimeoutException error) {
            print(label, name(error));
        }
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        attempt("same task:", sameTask(me()), 30);
        print("note", note.get());
        attempt("zero, coroutine", forever(), 0);
        Future<String> done = loop.createFuture();
        Future<String> pending = loop.createFuture();
        done.setResult("there already");
        attempt("zero, done future", done, 0);
        attempt("coroutine", forever(), 0.05);
        attempt("future", pending, 0.05);
        print("future", "cancelled:", yes(pending.isCancelled()));
        Task<String> task = createTask(forever());
        attempt("task", task, 0.05);
        print("task", "cancelled:", yes(task.isCancelled()));

        task = createTask(forever());
        attempt("shielded", shield(task), 0.05);
        print("shielded", "task done:", yes(task.isDone()));

        Task<String> caller = createTask(waitFor(task, seconds(30)));
        await(sleep(seconds(0)));
        caller.cancel();
        await(waitUntil(List.of(caller), ReturnWhen.ALL_COMPLETED));
        print("caller", "cancelled:", yes(caller.isCancelled()), "task cancelled:", yes(task.isCancelled()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("35-wait-for");
    }
}
