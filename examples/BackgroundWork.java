import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Task;
import java.time.Duration;

Coroutine<Integer> someCoroutine() {
    return async(() -> {
        IO.println("background: starting");
        await(sleep(Duration.ofMillis(100)));
        IO.println("background: done");
        return 42;
    });
}

Coroutine<Integer> backgroundWork() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        // Schedule a coroutine on the running loop from within its code.
        Task<Integer> task = loop.createTask(someCoroutine());
        IO.println("scheduled, not started yet");
        return await(task);
    });
}

Coroutine<Void> program() {
    return async(() -> IO.println("result: " + await(backgroundWork())));
}

void main() {
    run(program());
}
