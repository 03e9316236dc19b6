package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitFor;

import asyncio.Awaitable;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.sync.Event;
import asyncio.sync.Lock;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// Awaiting what is already there does not let anyone else run: for each operation, whether a
/// neighbour task got a turn in between.
@Spec({"CORO-1", "CORO-2", "SYNC-1", "SYNC-2", "SYNC-4", "Q-1", "F-SCHED-3"})
class T20AwaitWithoutYieldTest extends Trace {
    private int turns;

    private void neighbour() {
        while (true) {
            turns++;
            await(sleep(seconds(0)));
        }
    }

    private Coroutine<Integer> plain() {
        return async(() -> 1);
    }

    private void check(String name, Awaitable<?> awaitable) {
        int before = turns;
        await(awaitable);
        print(name, "others ran:", yes(turns > before));
    }

    private void main() {
        Task<?> task = createTask(this::neighbour);
        EventLoop loop = getRunningLoop();
        Future<Integer> future = loop.createFuture();
        future.setResult(0);
        Task<Integer> finished = createTask(plain());
        await(sleep(seconds(0)));
        Event event = new Event();
        Queue<String> queue = new Queue<>();
        event.set();

        check("done future", future);
        check("done task", finished);
        check("plain coroutine", plain());
        check("free lock", new Lock().acquire());
        check("free semaphore", new Semaphore(1).acquire());
        check("set event", event.awaitSet());
        check("queue put", queue.put("item"));
        check("queue get", queue.get());
        check("queue join", new Queue<String>().join());
        check("gather of done", gather(future, finished));
        check("shield of done", shield(future));
        check("wait_for of done", waitFor(future, seconds(5)));
        check("sleep zero", sleep(seconds(0)));
        check("new task", createTask(plain()));
        task.cancel();
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("20-await-without-yield");
    }
}
