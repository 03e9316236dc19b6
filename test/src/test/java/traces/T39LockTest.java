package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.timeout;
import static asyncio.Asyncio.waitUntil;

import asyncio.Coroutine;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.sync.Lock;
import asyncio.testing.Spec;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Lock: first-in first-out, no owner, nobody lost.
@Spec({"SYNC-1", "F-S-2", "F-S-3"})
class T39LockTest extends Trace {
    @SuppressWarnings("try") // the lock is held, not used
    private Coroutine<@Nullable Void> user(String name, Lock lock) {
        return async(() -> {
            print(name, "wants");
            try (var held = await(lock.hold())) {
                print(name, "has");
                await(sleep(seconds(0)));
                print(name, "leaves");
            }
        });
    }

    private boolean inTime(Lock lock) {
        try {
            return await(timeout(seconds(0.05), () -> await(lock.acquire())));
        } catch (TimeoutException error) {
            return false;
        }
    }

    private void stranger(Lock lock) {
        print("stranger", "releases");
        lock.release();
    }

    private void main() {
        Lock lock = new Lock();
        await(gather(Stream.of("a", "b", "c").map(name -> user(name, lock)).toList()));
        print("lock", "locked:", yes(lock.isLocked()));
        try {
            lock.release();
        } catch (IllegalStateException error) {
            print("release when free", name(error));
        }

        print("main", "acquire returns", yes(await(lock.acquire())));
        print("main", "second acquire by the holder, in time:", yes(inTime(lock)));
        await(createTask(() -> stranger(lock)));
        print("lock", "locked:", yes(lock.isLocked()));

        await(lock.acquire());
        List<Task<@Nullable Void>> waiters = Stream.of("d", "e", "f")
                .<Task<@Nullable Void>>map(name -> createTask(user(name, lock)))
                .toList();
        await(sleep(seconds(0)));
        waiters.get(1).cancel();
        await(sleep(seconds(0)));
        lock.release();
        waiters.get(0).cancel();
        print("main", "d was chosen, then cancelled");
        await(waitUntil(waiters, ReturnWhen.ALL_COMPLETED));
        print(
                "main",
                "cancelled:",
                yes(waiters.get(0).isCancelled()),
                yes(waiters.get(1).isCancelled()),
                yes(waiters.get(2).isCancelled()));
        print("lock", "locked:", yes(lock.isLocked()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("39-lock");
    }
}
