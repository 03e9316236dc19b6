package traces;

import asyncio.EventLoop;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// What belongs to one iteration of the loop: callbacks added by a callback wait for the next one,
/// zero-delay timers run after what is ready.
@Spec({"LOOP-5", "LOOP-6", "LOOP-7", "F-LOOP-1", "F-LOOP-7"})
class T12LoopIterationsTest extends Trace {
    private final EventLoop loop = EventLoop.create(virtual());

    private void say(String name) {
        print("run", name);
    }

    private void first() {
        print("run", "a");
        loop.callSoon(this::second);
        loop.callSoon(() -> say("d, registered by a"));
    }

    private void second() {
        print("run", "e, registered by a");
        loop.callLater(seconds(0), () -> say("timer registered by e"));
        loop.callSoon(this::third);
        loop.callSoon(() -> say("g, registered by e"));
    }

    private void third() {
        print("run", "f, registered by e");
        loop.callSoon(loop::stop);
        loop.callLater(seconds(0), () -> say("timer registered by f, same iteration as stop"));
        loop.callSoon(() -> say("h, same iteration as stop"));
    }

    @Test
    void printsWhatCPythonPrinted() {
        loop.callLater(seconds(0), () -> say("zero timer registered first"));
        loop.callSoon(this::first);
        loop.callSoon(() -> say("b"));
        loop.callSoon(() -> say("c"));
        print("main", "start");
        loop.runForever();
        print("main", "stopped");
        loop.close();

        assertPrinted("12-loop-iterations");
    }
}
