package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.AsyncGenerator;
import asyncio.Values;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Async generators: lazy, closable, closed by the loop at the end.
@Spec({"AG-1", "CORO-2"})
class T47AsyncGeneratorsTest extends Trace {
    private final List<Object> kept = new ArrayList<>();

    private AsyncGenerator<Integer> count(String name, int limit) {
        return generator(out -> {
            try {
                for (int number = 0; number < limit; number++) {
                    print(name, "makes", number);
                    out.emit(number);
                    await(sleep(seconds(0)));
                }
            } finally {
                await(sleep(seconds(0)));
                print(name, "finally");
            }
        });
    }

    private void main() {
        AsyncGenerator<Integer> whole = count("whole", 2);
        print("main", "nothing made yet");
        await(whole.forEach(number -> print("main", "uses", number)));

        AsyncGenerator<Integer> closed = count("closed", 5);
        try (Values<Integer> numbers = closed.values()) {
            for (int number : numbers) {
                print("main", "uses", number);
                if (number == 1) {
                    break;
                }
            }
            print("main", "closes it");
        }
        await(closed.aclose());
        List<Integer> after = await(closed.toList());
        print("main", "after aclose:", after.isEmpty() ? "nothing" : after);

        try {
            await(count("abandoned", 5).forEach(number -> {
                throw new Boom("while using " + number);
            }));
        } catch (Boom error) {
            print("main", "Boom", error.getMessage());
        }

        AsyncGenerator<Integer> open = count("left open", 5);
        kept.add(open);
        print("main", "uses", await(open.anext()).orElseThrow());
        print("main", "returns");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());
        print("run", "over");

        assertPrinted("47-async-generators");
    }
}
