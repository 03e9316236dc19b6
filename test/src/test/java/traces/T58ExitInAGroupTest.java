package traces;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.SystemExit;
import asyncio.VoidBody;
import asyncio.testing.NothingLeft;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `SystemExit` in the body of a task group: children are cancelled and awaited, the exit comes out bare, the
/// count is back to zero; nested; uncaught it ends the run.
@Spec({"TG-5", "TASK-6", "F-TG-14"})
@ExtendWith(NothingLeft.class)
class T58ExitInAGroupTest extends Trace {
    private void child(String name, int trips) {
        try {
            waitForever();
        } catch (CancelledError error) {
            for (int i = 0; i < trips; i++) {
                await(sleep(seconds(0)));
            }
            print(name, "cleaned up");
            throw error;
        }
    }

    private static void exit(int code) {
        throw new SystemExit(code);
    }

    private void single() {
        await(taskGroup(group -> {
            group.createTask(() -> child("quick", 0));
            group.createTask(() -> child("slow", 4));
            await(sleep(seconds(0)));
            print("body", "exits");
            exit(4);
        }));
    }

    private void nested() {
        await(taskGroup(outer -> {
            outer.createTask(() -> child("outer child", 0));
            await(sleep(seconds(0)));
            await(taskGroup(inner -> {
                inner.createTask(() -> child("inner child", 2));
                await(sleep(seconds(0)));
                exit(5);
            }));
        }));
    }

    private void main() throws Exception {
        for (VoidBody body : List.<VoidBody>of(this::single, this::nested)) {
            try {
                body.run();
            } catch (SystemExit error) {
                print("main", "SystemExit", error.code(), "cancelling:", me().cancelling());
            }
            await(sleep(seconds(0)));
            print("main", "next await is normal");
        }
        single();
    }

    @Test
    void printsWhatCPythonPrinted() {
        assertThatThrownBy(() -> {
                    run(() -> main(), virtualRun());
                    print("run", "not reached");
                })
                .isInstanceOfSatisfying(SystemExit.class, error -> print("run", "SystemExit", error.code()));

        assertPrinted("58-exit-in-a-group");
    }
}
