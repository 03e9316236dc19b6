import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import asyncio.Task;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

int done; // no lock: only this loop's tasks touch it

void doSomeWork(int item) {
    done++;
}

Coroutine<Void> processItems(List<Integer> items) {
    return async(() -> {
        for (int i = 0; i < items.size(); i++) {
            doSomeWork(items.get(i));
            if (i % 100 == 0) {
                await(sleep(Duration.ZERO)); // Let other coroutines run.
            }
        }
    });
}

Coroutine<Void> watch(int total) {
    return async(() -> {
        while (done < total) {
            IO.println("another coroutine sees " + done + " items done");
            await(sleep(Duration.ZERO));
        }
    });
}

Coroutine<Void> program() {
    return async(() -> {
        List<Integer> items = IntStream.range(0, 300).boxed().toList();
        Task<Void> watching = createTask(watch(items.size()));
        await(processItems(items));
        await(watching);
        IO.println(done + " items done");
    });
}

void main() {
    run(program());
}
