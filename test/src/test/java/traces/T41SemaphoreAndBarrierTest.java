package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.Coroutine;
import asyncio.Task;
import asyncio.sync.Barrier;
import asyncio.sync.BrokenBarrierException;
import asyncio.sync.Semaphore;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Semaphore and Barrier: never more than n inside, first-in first-out; barrier indexes, a second
/// round, reset and abort.
@Spec({"SYNC-4", "SYNC-5", "F-S-10"})
class T41SemaphoreAndBarrierTest extends Trace {
    @SuppressWarnings("try") // the permit is held, not used
    private Coroutine<@Nullable Void> visitor(String name, Semaphore semaphore, List<String> inside) {
        return async(() -> {
            try (var held = await(semaphore.hold())) {
                inside.add(name);
                print(name, "enters, inside:", inside.size());
                await(sleep(seconds(0)));
                inside.remove(name);
            }
        });
    }

    private Coroutine<@Nullable Void> party(Barrier barrier, List<String> indexes) {
        return async(() -> {
            try {
                indexes.add(String.valueOf(await(barrier.arrive())));
            } catch (BrokenBarrierException error) {
                indexes.add("BrokenBarrierError");
            }
        });
    }

    private List<Task<@Nullable Void>> twoParties(Barrier barrier, List<String> indexes) {
        List<Task<@Nullable Void>> tasks = IntStream.range(0, 2)
                .<Task<@Nullable Void>>mapToObj(number -> createTask(party(barrier, indexes)))
                .toList();
        await(sleep(seconds(0)));
        return tasks;
    }

    private static String sorted(List<String> words) {
        return words.stream().sorted().collect(Collectors.joining(" "));
    }

    private void main() {
        Semaphore semaphore = new Semaphore(2);
        List<String> inside = new ArrayList<>();
        await(gather(Stream.of("a", "b", "c", "d", "e")
                .map(name -> visitor(name, semaphore, inside))
                .toList()));
        print("semaphore", "locked:", yes(semaphore.isLocked()));

        Barrier barrier = new Barrier(3);
        print(
                "barrier",
                "parties:",
                barrier.parties(),
                "waiting:",
                barrier.waitingCount(),
                "broken:",
                yes(barrier.isBroken()));
        for (int round = 1; round <= 2; round++) {
            List<String> indexes = new ArrayList<>();
            List<Task<@Nullable Void>> tasks = twoParties(barrier, indexes);
            print("barrier", "waiting:", barrier.waitingCount(), "passed:", indexes.size());
            await(party(barrier, indexes));
            await(gather(tasks));
            print("barrier", "round", round, "indexes", sorted(indexes));
        }
        stop("reset", barrier, barrier::reset);
        stop("abort", barrier, barrier::abort);
        List<String> results = new ArrayList<>();
        await(party(barrier, results));
        print("after abort", sorted(results));
        barrier.reset();
        results.clear();
        await(gather(IntStream.range(0, 3)
                .mapToObj(number -> party(barrier, results))
                .toList()));
        print("after reset", sorted(results));
    }

    private void stop(String name, Barrier barrier, Runnable action) {
        List<String> results = new ArrayList<>();
        List<Task<@Nullable Void>> tasks = twoParties(barrier, results);
        action.run();
        await(gather(tasks));
        print(name, String.join(" ", results), "broken:", yes(barrier.isBroken()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("41-semaphore-and-barrier");
    }
}
