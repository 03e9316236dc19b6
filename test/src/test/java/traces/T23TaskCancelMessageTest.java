package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The message of a cancellation: it reaches the task and whoever awaits it; the first of two in
/// one tick wins; none when none was given.
@Spec({"TASK-2", "FUT-3", "F-TASK-10"})
class T23TaskCancelMessageTest extends Trace {
    private static String message(CancelledError error) {
        return Objects.requireNonNullElse(error.getMessage(), "(no message)");
    }

    private void worker() {
        try {
            waitForever();
        } catch (CancelledError error) {
            print("worker", "CancelledError", message(error));
            throw error;
        }
    }

    private void chain(Task<?> inner) {
        try {
            await(inner);
        } catch (CancelledError error) {
            print("chain", "CancelledError", message(error));
            throw error;
        }
    }

    private void run(String label, @Nullable String... messages) {
        Task<?> inner = createTask(this::worker);
        Task<?> outer = createTask(() -> chain(inner));
        await(sleep(seconds(0)));
        await(sleep(seconds(0)));
        for (String text : messages) {
            outer.cancel(text);
        }
        try {
            await(outer);
        } catch (CancelledError error) {
            print(label, "sees", message(error));
        }
    }

    private void main() {
        run("one", "please stop");
        run("none", new @Nullable String[] {null});
        run("two", "first", "second");

        Future<String> future = getRunningLoop().createFuture();
        future.cancel("from the future");
        try {
            await(future);
        } catch (CancelledError error) {
            print("future", "CancelledError", message(error));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        Asyncio.run(async(this::main), virtualRun());

        assertPrinted("23-task-cancel-message");
    }
}
