package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.EventLoop;
import asyncio.Handle;
import asyncio.TimerHandle;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Handles cancel what was scheduled: cancelled callbacks and timers never run, cancelling is
/// idempotent, also from the same iteration; `when`.
@Spec({"LOOP-6", "LOOP-7", "LOOP-8"})
class T15LoopHandlesTest extends Trace {
    private void say(String name) {
        print("callback", name);
    }

    private void main() {
        EventLoop loop = getRunningLoop();
        Handle kept = loop.callSoon(() -> say("kept"));
        Handle dropped = loop.callSoon(() -> say("dropped"));
        dropped.cancel();
        dropped.cancel();
        print("handles", "kept cancelled:", yes(kept.isCancelled()), "dropped cancelled:", yes(dropped.isCancelled()));
        await(sleep(seconds(0)));
        kept.cancel();
        print("handles", "cancel after the run, cancelled:", yes(kept.isCancelled()));

        List<Handle> late = new ArrayList<>();
        loop.callSoon(() -> late.getFirst().cancel());
        late.add(loop.callSoon(() -> say("cancelled by its predecessor in the same iteration")));
        loop.callSoon(() -> say("third"));
        await(sleep(seconds(0)));

        TimerHandle soon = loop.callLater(seconds(0.05), () -> say("timer"));
        TimerHandle gone = loop.callLater(seconds(0.02), () -> say("cancelled timer"));
        gone.cancel();
        TimerHandle far = loop.callAt(loop.time().plus(seconds(3600)), () -> say("far timer"));
        print("timers", "ordered:", yes(soon.when().compareTo(far.when()) < 0));
        await(sleep(seconds(0.3)));
        far.cancel();
        print("timers", "far cancelled:", yes(far.isCancelled()), "soon cancelled:", yes(soon.isCancelled()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("15-loop-handles");
    }
}
