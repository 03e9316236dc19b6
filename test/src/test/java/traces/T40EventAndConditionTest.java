package traces;

import static asyncio.Asyncio.async;
import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.testing.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Event and Condition: set wakes all waiters in order; signal wakes n in order; the lock is needed
/// and is held again after a wait, even a cancelled one.
@Spec({"SYNC-2", "SYNC-3", "F-S-6"})
@SuppressWarnings("try") // the lock is held, not used
class T40EventAndConditionTest extends Trace {
    private Coroutine<@Nullable Void> eventWaiter(String name, Event event) {
        return async(() -> {
            await(event.awaitSet());
            print(name, "saw the event");
        });
    }

    private Coroutine<@Nullable Void> consumer(String name, Condition condition, List<String> items) {
        return async(() -> {
            try (var held = await(condition.hold())) {
                await(condition.awaitUntil(() -> !items.isEmpty()));
                print(name, "takes", items.removeFirst(), "lock held:", yes(condition.isLocked()));
            }
        });
    }

    private void cancelledWaiter(Condition condition) {
        try (var held = await(condition.hold())) {
            try {
                await(condition.awaitSignal());
            } catch (CancelledError error) {
                print("cancelled", "CancelledError, lock held:", yes(condition.isLocked()));
                throw error;
            }
        }
    }

    private void main() {
        Event event = new Event();
        List<Task<@Nullable Void>> waiters = Stream.of("a", "b")
                .<Task<@Nullable Void>>map(name -> createTask(eventWaiter(name, event)))
                .toList();
        await(sleep(seconds(0)));
        print("event", "is set:", yes(event.isSet()));
        event.set();
        await(gather(waiters));
        print("event", "wait when set:", yes(await(event.awaitSet())));

        Condition condition = new Condition();
        List<String> items = new ArrayList<>();
        try {
            condition.signal();
        } catch (IllegalStateException error) {
            print("notify without the lock", name(error));
        }
        List<Task<@Nullable Void>> tasks = Stream.of("c", "d", "e")
                .<Task<@Nullable Void>>map(name -> createTask(consumer(name, condition, items)))
                .toList();
        await(sleep(seconds(0)));
        for (String item : List.of("one", "two", "three")) {
            try (var held = await(condition.hold())) {
                items.add(item);
                condition.signal();
                print("producer", "put", item);
            }
            await(sleep(seconds(0)));
        }
        await(gather(tasks));

        Task<@Nullable Void> task = createTask(() -> cancelledWaiter(condition));
        await(sleep(seconds(0)));
        task.cancel();
        await(waitUntil(List.of(task), ReturnWhen.ALL_COMPLETED));
        print("condition", "locked after all:", yes(condition.isLocked()));
    }

    @Test
    void printsWhatCPythonPrinted() {
        run(async(this::main), virtualRun());

        assertPrinted("40-event-and-condition");
    }
}
