package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.waitUntil;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Cancelled from outside while a child fails: the group of errors wins, the request stays counted
/// and arrives at the next await; repeated cancels lose no child.
@Spec({"TG-4", "TG-5", "F-TG-7"})
class T32GroupCancelledAndFailingTest extends Trace {
    private void child(String name, @Nullable RuntimeException failure, int trips) {
        try {
            waitForever();
        } catch (CancelledError error) {
            for (int trip = 0; trip < trips; trip++) {
                await(sleep(seconds(0)));
            }
            print(name, "cleaned up");
            if (failure != null) {
                throw failure;
            }
            throw error;
        }
    }

    private void parent(@Nullable RuntimeException failure, int trips) {
        Task<?> me = me();
        try {
            await(taskGroup(tg -> {
                tg.createTask(() -> child("child", failure, trips));
                await(sleep(seconds(0)));
                print("parent", "body ends");
            }));
        } catch (ExceptionGroup group) {
            print("parent", "group of", names(group), "cancelling:", me.cancelling());
        } catch (CancelledError error) {
            print("parent", "CancelledError", "cancelling:", me.cancelling());
            throw error;
        }
        try {
            await(sleep(seconds(0)));
            print("parent", "not reached");
        } catch (CancelledError error) {
            print("parent", "CancelledError at the next await", "cancelling:", me.cancelling());
            throw error;
        }
    }

    private void run(String label, @Nullable RuntimeException failure, int trips, int cancels) {
        print("case", label);
        Task<@Nullable Void> task = createTask(() -> parent(failure, trips));
        for (int trip = 0; trip < 4; trip++) {
            await(sleep(seconds(0)));
        }
        for (int count = 0; count < cancels; count++) {
            task.cancel();
            await(sleep(seconds(0)));
        }
        await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
        print("case", "cancelled:", yes(task.isCancelled()), "cancelling:", task.cancelling());
    }

    private void main() {
        run("cancelled once, child fails", new Boom("child"), 0, 1);
        run("cancelled once, child clean", null, 0, 1);
        run("cancelled three times during a slow cleanup", null, 6, 3);
    }

    @Test
    void printsWhatCPythonPrinted() {
        Asyncio.run(async(this::main), virtualRun());

        assertPrinted("32-group-cancelled-and-failing");
    }
}
