package traces;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.testing.Spec;
import org.junit.jupiter.api.Test;

/// What a running, foreign or closed loop refuses: each refusal has its words and harms nothing;
/// closing is idempotent and runs nothing.
@Spec({"LOOP-3", "LOOP-4", "F-LOOP-10"})
class T14LoopGuardsTest extends Trace {
    private final EventLoop loop = EventLoop.create(virtual());
    private final EventLoop other = EventLoop.create(virtual());

    private void attempt(String step, Runnable call, String words) {
        try {
            call.run();
            print(step, "accepted");
        } catch (IllegalStateException error) {
            print(step, name(error), withItsWords(error, words));
        }
    }

    private void nothing() {
        print("callback", "must not print");
    }

    private void inside(Future<String> mine, Future<String> foreign) {
        attempt("close running", loop::close, "Cannot close a running event loop");
        attempt("run again", () -> loop.runUntilComplete(mine), "This event loop is already running");
        attempt(
                "run other",
                () -> other.runUntilComplete(foreign),
                "Cannot run the event loop while another loop is running");
        print("callback", "loop still runs:", yes(loop.isRunning()));
        loop.stop();
    }

    @Test
    void printsWhatCPythonPrinted() {
        Future<String> mine = loop.createFuture();
        Future<String> foreign = other.createFuture();
        loop.callSoon(() -> inside(mine, foreign));
        loop.runForever();
        other.close();

        loop.callSoon(this::nothing);
        loop.callLater(seconds(0), this::nothing);
        loop.close();
        loop.close();
        print("loop", "closed twice");
        String closed = "Event loop is closed";
        attempt("call_soon", () -> loop.callSoon(this::nothing), closed);
        attempt("call_soon_threadsafe", () -> loop.callSoonThreadsafe(this::nothing), closed);
        attempt("call_later", () -> loop.callLater(seconds(1), this::nothing), closed);
        attempt("call_at", () -> loop.callAt(seconds(1), this::nothing), closed);
        attempt("run_forever", loop::runForever, closed);
        attempt("run_in_executor", () -> loop.runInExecutor(null, () -> "must not run"), closed);
        attempt("run_until_complete", () -> loop.runUntilComplete(mine), closed);

        assertPrinted("14-loop-guards");
    }
}
