package traces;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.eagerTaskFactory;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// Eager tasks start inside `createTask`: done at once without suspension, callbacks still later,
/// the current task restored, a stopped loop starts lazily.
@Spec({"TASK-7", "TASK-8", "F-TASK-19", "F-TASK-21", "F-TASK-22"})
class T27EagerTasksTest extends Trace {
    private Coroutine<String> quick() {
        return async(() -> {
            print(
                    "quick",
                    "runs, is the current task and listed:",
                    yes(allTasks().contains(me())));
            return "value";
        });
    }

    private Coroutine<String> quickNamed(String text) {
        return async(() -> {
            print("quick", text);
            return text;
        });
    }

    private Coroutine<String> failing() {
        return async(() -> {
            print("failing", "runs");
            throw new IllegalArgumentException("at once");
        });
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        loop.setTaskFactory(eagerTaskFactory());
        Task<?> me = me();
        print("main", "creating");
        Task<String> task = createTask(quick());
        print("main", "done:", yes(task.isDone()), "current task restored:", yes(currentTask() == me));
        task.addDoneCallback(t -> print("callback", t.result()));
        print("main", "callback not yet called");
        await(sleep(seconds(0)));

        Task<String> bad = createTask(failing());
        print("main", "failed:", yes(bad.isDone()), name(bad.exception()));
        print("main", String.join(" ", await(gather(quickNamed("one"), quickNamed("two")))));

        loop.setTaskFactory(null);
        Task<String> lazy = createTask(quick());
        print("main", "lazy done:", yes(lazy.isDone()));
        print("main", await(lazy));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());
        EventLoop loop = EventLoop.create(virtual());
        loop.setTaskFactory(eagerTaskFactory());
        Task<String> waiting = loop.createTask(quickNamed("started when the loop runs"));
        print("stopped loop", "done:", yes(waiting.isDone()));
        print("stopped loop", loop.runUntilComplete(waiting));
        loop.close();

        assertPrinted("27-eager-tasks");
    }
}
