package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;

import asyncio.CancelledError;
import asyncio.Task;
import asyncio.VoidBody;
import asyncio.testing.Spec;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// `sleep` lets others run, a blocking sleep does not, a thread is the way out; `sleep` returns its
/// result value.
///
/// The blocking call of the thread waits until another task has moved on.
@Spec({"CORO-2", "W-6"})
class T10SleepAndBlockingSleepTest extends Trace {
    private int beats;
    private CountDownLatch nextBeat = new CountDownLatch(1);

    private void heart() {
        while (true) {
            beats++;
            nextBeat.countDown();
            await(sleep(seconds(0.002)));
        }
    }

    private void polite() {
        await(sleep(seconds(0.04)));
    }

    /// Blocks the loop: that is the subject.
    private static void rude() throws InterruptedException {
        Thread.sleep(10);
    }

    private void offloaded() {
        nextBeat = new CountDownLatch(1);
        await(toThread(() -> nextBeat.await(30, TimeUnit.SECONDS)));
    }

    private void check(String name, VoidBody work) throws Exception {
        int before = beats;
        work.run();
        print(name, "others ran:", yes(beats > before));
    }

    private void main() throws Exception {
        Task<?> task = createTask(this::heart);
        await(sleep(seconds(0)));
        check("polite", this::polite);
        check("rude", T10SleepAndBlockingSleepTest::rude);
        check("offloaded", this::offloaded);
        print("sleep", await(sleep(seconds(0.01), "result")));
        print("sleep", await(sleep(seconds(0), "at once")));
        task.cancel();
        try {
            await(task);
        } catch (CancelledError error) {
            print("heart", "stopped");
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(this::main);

        assertPrinted("10-sleep-and-blocking-sleep");
    }
}
