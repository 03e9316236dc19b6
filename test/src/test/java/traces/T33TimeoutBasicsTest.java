package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;

import asyncio.CancelledError;
import asyncio.Timeout;
import asyncio.TimeoutBody;
import asyncio.TimeoutException;
import asyncio.testing.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A timeout armed, disarmed, moved, expired: in time, too late, zero delay, never armed,
/// rescheduled, swallowed; which states refuse a reschedule.
@Spec({"TO-1", "TO-2", "F-TO-1", "F-TO-2", "F-TO-5", "F-TO-10"})
class T33TimeoutBasicsTest extends Trace {
    private void attempt(String step, Timeout scope, TimeoutBody<String> body) {
        try {
            await(scope.run(inside -> {
                print(step, "body returned", body.run(inside));
            }));
        } catch (TimeoutException error) {
            print(step, name(error));
        }
        print(step, "expired:", yes(scope.isExpired()), "cancelling:", me().cancelling());
    }

    private static String atOnce(Timeout scope) {
        return "at once";
    }

    private static String forever(Timeout scope) {
        waitForever();
        return "not reached";
    }

    private static String armedLater(Timeout scope) {
        scope.reschedule(getRunningLoop().time().plus(seconds(0.05)));
        waitForever();
        return "not reached";
    }

    private static String disarmed(Timeout scope) {
        scope.unschedule();
        await(sleep(seconds(0.3)));
        return "no deadline";
    }

    private static String swallows(Timeout scope) {
        try {
            waitForever();
            return "not reached";
        } catch (CancelledError error) {
            return "swallowed";
        }
    }

    private void main() {
        attempt("in time", timeout(seconds(30)), T33TimeoutBasicsTest::atOnce);
        attempt("too late", timeout(seconds(0.05)), T33TimeoutBasicsTest::forever);
        attempt("zero, no await", timeout(seconds(0)), T33TimeoutBasicsTest::atOnce);
        attempt("zero, awaits", timeout(seconds(0)), T33TimeoutBasicsTest::forever);
        attempt("none, armed later", Timeout.never(), T33TimeoutBasicsTest::armedLater);
        attempt("disarmed", timeout(seconds(0.1)), T33TimeoutBasicsTest::disarmed);
        attempt("swallowed", timeout(seconds(0.05)), T33TimeoutBasicsTest::swallows);

        Timeout scope = Timeout.never();
        for (String state : List.of("before", "after")) {
            try {
                scope.unschedule();
            } catch (IllegalStateException error) {
                print("reschedule", state, name(error));
            }
            if (state.equals("before")) {
                await(scope.run(inside -> {}));
            }
        }
        try {
            await(scope.run(inside -> {}));
        } catch (IllegalStateException error) {
            print("enter twice", name(error));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("33-timeout-basics");
    }
}
