package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;

import asyncio.CancelledError;
import asyncio.ExceptionGroup;
import asyncio.Task;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A failure in a task group cancels the rest and comes out as a group: the body fails; a child
/// fails while it is being cancelled; the body replaces its cancellation by an error.
@Spec({"TG-3", "TG-5", "TG-7", "F-TG-3", "F-TG-4", "F-TG-10"})
class T29GroupFailuresTest extends Trace {
    private void child(String name, @Nullable RuntimeException failure) {
        try {
            waitForever();
        } catch (CancelledError error) {
            print(name, "CancelledError");
            if (failure != null) {
                throw failure;
            }
            throw error;
        }
    }

    private static void fail(RuntimeException error) {
        throw error;
    }

    private void main() {
        Task<?> me = me();
        List<Task<?>> tasks = new ArrayList<>();
        try {
            await(taskGroup(tg -> {
                tasks.add(tg.createTask(() -> child("quiet", null)));
                await(sleep(seconds(0)));
                fail(new Boom("body"));
            }));
        } catch (ExceptionGroup group) {
            boolean cancelled = tasks.getFirst().isCancelled();
            print("body fails", names(group), "child cancelled:", yes(cancelled));
        }

        try {
            await(taskGroup(tg -> {
                tg.createTask(() -> child("loud", new Bang("in cleanup")));
                tg.createTask(() -> fail(new Boom("first")));
            }));
        } catch (ExceptionGroup group) {
            print("two children fail", names(group), "cancelling:", me.cancelling());
        }

        try {
            await(taskGroup(tg -> {
                tg.createTask(() -> fail(new Boom("child")));
                try {
                    waitForever();
                } catch (CancelledError error) {
                    print("body", "CancelledError", "cancelling:", me.cancelling());
                    throw new Bang("body");
                }
            }));
        } catch (ExceptionGroup group) {
            print("child then body", names(group), "cancelling:", me.cancelling());
        }
        await(sleep(seconds(0)));
        print("main", "awaits normally");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("29-group-failures");
    }
}
