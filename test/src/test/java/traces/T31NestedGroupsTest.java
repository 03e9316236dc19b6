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
import org.junit.jupiter.api.Test;

/// Nested task groups: an inner failure handled inside; inner and outer child failing in the same
/// tick; counts after each exit.
@Spec({"TG-5", "F-TG-8", "F-TG-15"})
class T31NestedGroupsTest extends Trace {
    private static void fail(RuntimeException error) {
        throw error;
    }

    private void steady(String name) {
        for (int trip = 0; trip < 6; trip++) {
            await(sleep(seconds(0)));
        }
        print("steady", name, "finished");
    }

    private void innerFails() {
        try {
            await(taskGroup(inner -> {
                inner.createTask(() -> fail(new Boom("inner")));
                waitForever();
            }));
        } catch (ExceptionGroup group) {
            print("inner", names(group), "cancelling:", me().cancelling());
        }
    }

    private void main() {
        Task<?> me = me();
        await(taskGroup(outer -> {
            outer.createTask(() -> steady("outer child"));
            innerFails();
            await(sleep(seconds(0)));
            print("outer", "body goes on");
        }));
        print("outer", "left", "cancelling:", me.cancelling());

        try {
            await(taskGroup(outer -> {
                outer.createTask(() -> fail(new Bang("outer")));
                innerFails();
                try {
                    await(sleep(seconds(0)));
                } catch (CancelledError error) {
                    print("outer", "body CancelledError");
                    throw error;
                }
            }));
        } catch (ExceptionGroup group) {
            print("outer", names(group), "cancelling:", me.cancelling());
        }
        await(sleep(seconds(0)));
        print("main", "awaits normally");
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("31-nested-groups");
    }
}
