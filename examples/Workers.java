import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import java.time.Duration;

Coroutine<Void> worker(int n) {
    return async(() -> {
        IO.println("Worker " + n + " starting");
        await(sleep(Duration.ofSeconds(1)));
        IO.println("Worker " + n + " done");
    });
}

Coroutine<Void> program() {
    return async(() -> {
        // Both workers run concurrently within the same loop.
        await(
                taskGroup(group -> {
                    group.createTask(worker(1));
                    group.createTask(worker(2));
                }));
        IO.println("All workers finished");
    });
}

void main() {
    run(program());
}
