package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;

import asyncio.CancelledError;
import asyncio.Task;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// Timeouts inside timeouts and inside cancelled tasks: who raises; an error that replaces the
/// cancellation; a request that was caught earlier and never taken back.
@Spec({"TO-2", "TO-3", "F-TO-6", "F-TO-8", "F-TO-9"})
class T34TimeoutNestingTest extends Trace {
    private void nested(String label, double outerDelay, double innerDelay) {
        await(timeout(seconds(30), () -> {
            Timeout outer = timeout(seconds(outerDelay));
            Timeout inner = timeout(seconds(innerDelay));
            try {
                await(outer.run(outside -> {
                    try {
                        await(inner.run(inside -> {
                            waitForever();
                        }));
                    } catch (TimeoutException error) {
                        print(label, "inner", name(error));
                    }
                    print(label, "between");
                }));
            } catch (TimeoutException error) {
                print(label, "outer", name(error));
            }
            print(label, "outer expired:", yes(outer.isExpired()), "inner expired:", yes(inner.isExpired()));
        }));
    }

    private void replaced() {
        Timeout scope = timeout(seconds(0.05));
        try {
            await(scope.run(inside -> {
                try {
                    waitForever();
                } catch (CancelledError error) {
                    throw new Boom("instead");
                }
            }));
        } catch (Boom error) {
            print("replaced", name(error), "expired:", yes(scope.isExpired()));
        }
    }

    private void earlierCancel() {
        Task<?> me = me();
        try {
            waitForever();
        } catch (CancelledError error) {
            print("earlier", "CancelledError swallowed", "cancelling:", me.cancelling());
        }
        try {
            await(timeout(seconds(0.05), () -> waitForever()));
        } catch (TimeoutException error) {
            print("earlier", name(error), "cancelling:", me.cancelling());
        }
    }

    private void main() {
        nested("outer first", 0.05, 20);
        nested("inner first", 20, 0.05);
        replaced();
        Task<?> task = createTask(this::earlierCancel);
        await(sleep(seconds(0)));
        task.cancel();
        await(task);
        print("main", "cancelling:", me().cancelling());
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("34-timeout-nesting");
    }
}
