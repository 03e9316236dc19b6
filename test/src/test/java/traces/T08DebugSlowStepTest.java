package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;

import asyncio.Coroutine;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.testing.VirtualTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Debug mode names the task that blocks the loop: a step longer than the limit is logged with its
/// task, a quick one and normal mode are silent.
///
/// Steps are measured in virtual time, which the blocking code lets pass: no machine is too slow.
@Spec({"DBG-5", "F-LOOP-18"})
class T08DebugSlowStepTest extends Trace {
    private final VirtualTime time = VirtualTime.create();

    private Coroutine<@Nullable Void> block(double count) {
        return async(() -> time.advance(seconds(count)));
    }

    private void main() {
        getRunningLoop().setSlowCallbackDuration(seconds(0.25));
        await(createTask(block(0), "quick-task"));
        await(createTask(block(0.5), "slow-task"));
    }

    private void program(boolean debug) {
        RecordingLogger logger = new RecordingLogger();
        LoopOptions options = time.options().stepClock(time).logger(logger);
        run(async(this::main), RunOptions.defaults().loop(options).debug(debug));
        for (String name : List.of("quick-task", "slow-task")) {
            boolean reported = !logger.messagesWith(name).isEmpty();
            print(debug ? "debug" : "normal", name, "reported:", yes(reported));
        }
    }

    @Test
    void printsWhatCPythonPrinted() {
        program(true);
        program(false);

        assertPrinted("08-debug-slow-step");
    }
}
