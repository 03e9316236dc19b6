import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import java.time.Duration;

Coroutine<String> greet(String name) {
    return async(() -> {
        await(sleep(Duration.ofMillis(100)));
        return "Hello, " + name;
    });
}

void main() {
    IO.println(run(greet("World")));
}
