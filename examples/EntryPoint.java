import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import java.time.Duration;

Coroutine<String> greet(String name) {
    return async(() -> {
        await(sleep(Duration.ofMillis(100)));
        return "Hello, " + name;
    });
}

Coroutine<Void> program() {
    return async(() -> {
        String result = await(greet("World"));
        IO.println(result);
    });
}

// Entry point: makes a loop, runs program(), cleans up.
void main() {
    run(program());
}
