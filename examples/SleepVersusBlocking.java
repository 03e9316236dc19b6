import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import java.time.Duration;

Duration pause = Duration.ofSeconds(1);

Coroutine<Void> wrong() {
    return async(() -> {
        IO.println("wrong: begins");
        Thread.sleep(pause); // Blocks the entire event loop for a second.
        IO.println("wrong: ends");
    });
}

Coroutine<Void> right() {
    return async(() -> {
        IO.println("right: begins");
        await(sleep(pause)); // Other coroutines run during this wait.
        IO.println("right: ends");
    });
}

Coroutine<Void> other() {
    return async(() -> IO.println("  the other task runs"));
}

Coroutine<Void> program() {
    return async(() -> {
        await(gather(wrong(), other()));
        await(gather(right(), other()));
    });
}

void main() {
    run(program());
}
