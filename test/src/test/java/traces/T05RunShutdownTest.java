package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.generator;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.AsyncGenerator;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What `run` does after main returned: leftover task cancelled and awaited, then generator closed,
/// then executor joined, then the result.
///
/// The blocking function does not sleep, it waits until the generator is closed.
@Spec({"RUN-5", "AG-1", "EXE-1"})
class T05RunShutdownTest extends Trace {
    private final List<Object> kept = new ArrayList<>();
    private final CountDownLatch generatorClosed = new CountDownLatch(1);

    private void leftover() {
        try {
            waitForever();
        } catch (CancelledError error) {
            print("leftover", "cancelled");
            await(sleep(seconds(0)));
            print("leftover", "cleanup may await");
            throw error;
        }
    }

    private AsyncGenerator<Integer> numbers() {
        return generator(out -> {
            try {
                out.emit(1);
                out.emit(2);
            } finally {
                print("generator", "closed");
                generatorClosed.countDown();
            }
        });
    }

    private boolean blocking() throws InterruptedException {
        boolean closed = generatorClosed.await(30, TimeUnit.SECONDS);
        print("thread", closed ? "finished" : "waited in vain");
        return closed;
    }

    private String main() {
        EventLoop loop = getRunningLoop();
        kept.add(createTask(this::leftover));
        AsyncGenerator<Integer> generator = numbers();
        kept.add(generator);
        print("main", "first number", await(generator.anext()).orElseThrow());
        await(sleep(seconds(0)));
        kept.add(loop.runInExecutor(null, this::blocking));
        print("main", "returns");
        return "result";
    }

    @Test
    void printsWhatCPythonPrinted() {
        String result = run(this::main);
        print("run", result);
        print("leftover", "is cancelled:", yes(kept.getFirst() instanceof Task<?> task && task.isCancelled()));

        assertPrinted("05-run-shutdown");
    }
}
