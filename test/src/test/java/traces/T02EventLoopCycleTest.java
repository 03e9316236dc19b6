package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.sleep;

import asyncio.EventLoop;
import asyncio.Task;
import asyncio.testing.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// One loop serves callbacks, tasks and timers: the ready queue is first-in first-out, timers run
/// in deadline order whatever the order of registration.
@Spec({"LOOP-5", "LOOP-6", "LOOP-7", "F-LOOP-8"})
class T02EventLoopCycleTest extends Trace {
    private void tick(String name) {
        print("callback", name);
    }

    private void job(String name) {
        print("job", name, "first step");
        await(sleep(seconds(0)));
        print("job", name, "second step");
        await(sleep(seconds(0.05)));
        print("job", name, "after its timer");
    }

    @Test
    void printsWhatCPythonPrinted() {
        EventLoop loop = EventLoop.create(virtual());
        loop.callLater(seconds(0.9), loop::stop);
        loop.callLater(seconds(0.6), () -> tick("late timer"));
        loop.callLater(seconds(0.3), () -> tick("early timer"));
        loop.callSoon(() -> tick("one"));
        Task<@Nullable Void> task = loop.createTask(async(() -> job("a")));
        loop.callSoon(() -> tick("two"));
        print("loop", "nothing ran yet");
        loop.runForever();
        print("loop", "stopped, running:", yes(loop.isRunning()));
        print("task", "done:", yes(task.isDone()));
        loop.close();
        print("loop", "closed:", yes(loop.isClosed()));

        assertPrinted("02-event-loop-cycle");
    }
}
