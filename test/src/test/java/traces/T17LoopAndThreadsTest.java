package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Calling into the loop from other threads: a sleeping loop is woken, the order of one thread is
/// kept, results and errors travel back to the thread.
@Spec({"LOOP-6", "W-7", "F-LOOP-16", "F-TASK-23"})
class T17LoopAndThreadsTest extends Trace {
    private Coroutine<Integer> doubled(int n) {
        return async(() -> {
            await(sleep(seconds(0)));
            if (n == 3) {
                throw new Boom("three");
            }
            return n * 2;
        });
    }

    private void caller(EventLoop loop, CountDownLatch gate, Future<String> done) {
        awaitOpen(gate);
        print("thread", "calls in");
        for (int n = 1; n <= 3; n++) {
            int number = n;
            loop.callSoonThreadsafe(() -> print("loop", "callback", number));
        }
        loop.callSoonThreadsafe(() -> done.setResult("hello from the thread"));
    }

    private static void awaitOpen(CountDownLatch gate) {
        try {
            if (!gate.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("the loop did not open the gate");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }

    private void asker(EventLoop loop, int n, Map<Integer, String> answers) {
        try {
            answers.put(
                    n, String.valueOf(runCoroutineThreadsafe(doubled(n), loop).get(30, TimeUnit.SECONDS)));
        } catch (ExecutionException error) {
            Throwable cause = Objects.requireNonNull(error.getCause());
            answers.put(n, name(cause) + " " + cause.getMessage());
        } catch (InterruptedException | java.util.concurrent.TimeoutException error) {
            answers.put(n, "no answer");
        }
    }

    private void main() throws InterruptedException {
        EventLoop loop = getRunningLoop();
        CountDownLatch gate = new CountDownLatch(1);
        Future<String> done = loop.createFuture();
        Thread thread = new Thread(() -> caller(loop, gate, done));
        thread.start();
        loop.callSoon(gate::countDown);
        print("main", "waits without a timer");
        print("main", await(done));
        thread.join();

        Map<Integer, String> answers = new ConcurrentSkipListMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int n = 1; n <= 5; n++) {
            int number = n;
            threads.add(new Thread(() -> asker(loop, number, answers)));
        }
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            await(loop.runInExecutor(null, () -> each.join(Duration.ofSeconds(30))));
        }
        answers.forEach((n, answer) -> print("answer", n, answer));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("17-loop-and-threads");
    }
}
