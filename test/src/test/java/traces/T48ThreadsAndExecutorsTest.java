package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.toThread;

import asyncio.CancelledError;
import asyncio.ContextVar;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `toThread` and `runInExecutor`: results, errors, the context that follows one of them only, a cancelled
/// caller whose thread works on, and a run that waits for it.
@Spec({"W-6", "EXE-1", "F-W-12"})
class T48ThreadsAndExecutorsTest extends Trace {
    private final ContextVar<String> user = ContextVar.withDefault("user", "nobody");
    private final CountDownLatch mainIsOver = new CountDownLatch(1); // stands for the program's 0.4 seconds

    private String work(String text) {
        if (text.equals("fail")) {
            throw new Boom("in the thread");
        }
        return text.toUpperCase(Locale.ROOT) + " for " + user.get();
    }

    private void slow(CountDownLatch started, List<String> log) throws InterruptedException {
        started.countDown();
        mainIsOver.await();
        log.add("thread finished");
    }

    private String main(List<String> log) {
        EventLoop loop = getRunningLoop();
        user.set("ann");
        print("to_thread", await(toThread(() -> work("hello"))));
        print("run_in_executor", await(loop.runInExecutor(null, () -> work("hello"))));
        try {
            await(toThread(() -> work("fail")));
        } catch (Boom error) {
            print("to_thread", "Boom", error.getMessage());
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
            List<Future<String>> futures = Stream.of("a", "b", "c")
                    .map(text -> loop.runInExecutor(pool, () -> work(text)))
                    .toList();
            print("own pool", await(gather(futures)).stream().collect(Collectors.joining(" ")));
        }
        Thread here = Thread.currentThread();
        print("thread", "another one:", yes(await(toThread(Thread::currentThread)) != here));

        CountDownLatch started = new CountDownLatch(1);
        Task<@Nullable Void> task = createTask(() -> await(toThread(() -> slow(started, log))));
        await(toThread(() -> started.await()));
        task.cancel();
        try {
            await(task);
        } catch (CancelledError error) {
            print("main", "CancelledError, thread done:", yes(!log.isEmpty()));
        }
        createTask(() -> {
            try {
                waitForever();
            } finally {
                mainIsOver.countDown(); // in the shutdown
            }
        });
        await(asyncio.Asyncio.sleep(seconds(0)));
        return "main returned";
    }

    @Test
    void printsWhatCPythonPrinted() {
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        print("run", run(() -> main(log)));
        print("run", String.join(" ", log));

        assertPrinted("48-threads-and-executors");
    }
}
