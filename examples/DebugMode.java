import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import java.time.Duration;

Duration pause = Duration.ofMillis(300);

Coroutine<Void> neverAwaited() {
    return async(() -> IO.println("this is never printed"));
}

Coroutine<Void> slow() {
    return async(() -> Thread.sleep(pause)); // blocks: no await, nobody else runs
}

Coroutine<Void> program() {
    return async(() -> {
        neverAwaited(); // should be await(neverAwaited())
        await(createTask(slow(), "slow"));
        IO.println("done");
    });
}

// Debug mode warns about slow steps and coroutines that were never awaited.
void main() {
    run(program(), true);
}
