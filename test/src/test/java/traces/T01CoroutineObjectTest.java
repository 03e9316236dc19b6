package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.testing.Spec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A coroutine object runs nothing until it is awaited or scheduled.
@Spec("CORO-1")
class T01CoroutineObjectTest extends Trace {
    private static final class Boom extends Exception {
        private static final long serialVersionUID = 1L;

        Boom(String message) {
            super(message);
        }
    }

    private Coroutine<String> greet(String name) {
        return async(() -> {
            print("greet", "enter", name);
            await(sleep(Duration.ZERO));
            print("greet", "leave", name);
            return "Hello, " + name;
        });
    }

    private Coroutine<Void> fail() {
        return async(() -> {
            print("fail", "enter");
            throw new Boom("broken");
        });
    }

    private Coroutine<String> outer() {
        return async(() -> {
            print("outer", "enter");
            String text = await(greet("Inner"));
            print("outer", "leave");
            return text + "!";
        });
    }

    private void main() throws Boom {
        Coroutine<String> first = greet("World");
        Coroutine<String> second = greet("Again");
        print("main", "two coroutines created, nothing ran");
        print("main", await(second));
        print("main", await(first));
        print("main", await(outer()));

        Coroutine<Void> broken = fail();
        print("main", "broken created");
        try {
            await(broken, Boom.class);
        } catch (Boom error) {
            print("main", "Boom", error.getMessage());
        }

        try {
            await(first);
        } catch (IllegalStateException error) {
            print("main", "awaited twice RuntimeError");
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("01-coroutine-object");
    }
}
