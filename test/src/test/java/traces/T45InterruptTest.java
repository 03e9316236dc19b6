package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.KeyboardInterrupt;
import asyncio.Task;
import asyncio.spi.SignalSource;
import asyncio.testing.Spec;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/// Ctrl-C cancels the main task: cleanup runs and `run` raises `KeyboardInterrupt`; a main that
/// swallows it returns; a main that raises wins; the loop ends.
@Spec({"RUN-4", "F-R-4"})
class T45InterruptTest extends Trace {
    private final SignalSource signals =
            ServiceLoader.load(SignalSource.class).findFirst().orElseThrow();

    private Coroutine<String> main(String reaction) {
        return async(() -> {
            Task<?> me = me();
            getRunningLoop().callSoon(() -> signals.raise("INT"));
            try {
                waitForever();
                return "not reached";
            } catch (CancelledError error) {
                print(reaction, "CancelledError", "cancelling:", me.cancelling());
                await(sleep(seconds(0)));
                print(reaction, "cleaned up");
                if (reaction.equals("swallows")) {
                    return "value";
                }
                if (reaction.equals("replaces")) {
                    throw new Boom("instead");
                }
                if (reaction.equals("cancelled twice")) {
                    me.cancel();
                }
                throw error;
            }
        });
    }

    @Test
    void printsWhatCPythonPrinted() {
        for (String reaction : List.of("propagates", "swallows", "replaces", "cancelled twice")) {
            try {
                print("run", run(main(reaction)));
            } catch (KeyboardInterrupt | Boom | CancelledError error) {
                print("run", name(error));
            }
        }

        assertPrinted("45-interrupt");
    }
}
