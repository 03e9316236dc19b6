package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;

import asyncio.Body;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.InvalidStateException;
import asyncio.testing.Spec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The three states of a future: what each answers, and that a finished future cannot be finished
/// again.
@Spec({"FUT-1", "FUT-3", "EXC-1"})
class T18FutureStatesTest extends Trace {
    private void attempt(String step, Body<@Nullable Object> call) throws Exception {
        try {
            print(step, "returned", call.run());
        } catch (InvalidStateException | CancelledError | Boom error) {
            print(step, name(error));
        }
    }

    private void report(String name, Future<String> future) throws Exception {
        print(name, "done:", yes(future.isDone()), "cancelled:", yes(future.isCancelled()));
        attempt(name + " result", future::result);
    }

    private void main() throws Exception {
        EventLoop loop = getRunningLoop();
        Future<String> pending = loop.createFuture();
        Future<String> good = loop.createFuture();
        Future<String> bad = loop.createFuture();
        Future<String> gone = loop.createFuture();
        report("pending", pending);
        attempt("pending exception", pending::exception);

        good.setResult("value");
        report("good", good);
        attempt("good again", () -> {
            good.setResult("other");
            return null;
        });
        attempt("good fail", () -> {
            good.setException(new Boom("late"));
            return null;
        });
        print("good", "cancel accepted:", yes(good.cancel()));

        bad.setException(new Boom("broken"));
        report("bad", bad);
        Throwable exception = Objects.requireNonNull(bad.exception());
        print("bad", "exception", name(exception), exception.getMessage());

        print("gone", "cancel accepted:", yes(gone.cancel("why")));
        print("gone", "cancel again accepted:", yes(gone.cancel()));
        report("gone", gone);
        attempt("gone exception", gone::exception);
        attempt("gone set", () -> {
            gone.setResult("too late");
            return null;
        });

        loop.callSoon(() -> pending.setResult("in time"));
        print("main", await(pending));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("18-future-states");
    }
}
