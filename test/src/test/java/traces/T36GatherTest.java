package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.RunOptions;
import asyncio.Task;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// `gather` has results in argument order, the first failure at once: order, no arguments, a
/// failure while others run on, a cancelled child, a cancel that comes too late.
@Spec({"W-1", "F-W-2", "F-W-4", "F-W-5"})
class T36GatherTest extends Trace {
    private Coroutine<String> job(String name, int trips) {
        return job(name, trips, null);
    }

    private Coroutine<String> job(String name, int trips, @Nullable RuntimeException error) {
        return async(() -> {
            for (int trip = 0; trip < trips; trip++) {
                await(sleep(seconds(0)));
            }
            print("job", name, "ends");
            if (error != null) {
                throw error;
            }
            return name;
        });
    }

    private static Coroutine<String> forever() {
        return async(() -> {
            waitForever();
            return "not reached";
        });
    }

    private void main() {
        print("main", String.join(" ", await(gather(job("slow", 3), job("fast", 1), job("middle", 2)))));
        print("main", "nothing gathered:", await(gather()).size());

        Task<String> survivor = createTask(job("survivor", 14));
        Task<String> second = createTask(job("second failure", 10, new Boom("second")));
        try {
            await(gather(survivor, job("first failure", 1, new Boom("first")), second));
        } catch (Boom error) {
            print("main", name(error), error.getMessage(), "survivor done:", yes(survivor.isDone()));
        }
        print("main", await(survivor));

        Task<String> victim = createTask(forever());
        Future<List<String>> gathered = gather(victim, job("other", 2));
        await(sleep(seconds(0)));
        victim.cancel();
        try {
            await(gathered);
        } catch (CancelledError error) {
            print("main", "child cancelled, gather cancelled:", yes(gathered.isCancelled()));
        }
        for (int trip = 0; trip < 4; trip++) {
            await(sleep(seconds(0)));
        }

        EventLoop loop = getRunningLoop();
        Future<String> one = loop.createFuture();
        Future<String> two = loop.createFuture();
        gathered = gather(one, two);
        two.setResult("two");
        one.setResult("one");
        print("main", "late cancel accepted:", yes(gathered.cancel()));
        print("main", String.join(" ", await(gathered)));
    }

    @Test
    void printsWhatCPythonPrinted() {
        RecordingLogger logger = new RecordingLogger();
        run(async(this::main), RunOptions.defaults().loop(virtual().logger(logger)));

        assertPrinted("36-gather");
        assertThat(logger.messagesWith("never retrieved")).isEmpty(); // of the second failure
    }
}
