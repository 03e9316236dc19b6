import static asyncio.Asyncio.*;
import static asyncio.sync.Select.*;

import asyncio.CapacityLimiter;
import asyncio.Coroutine;
import asyncio.Future;
import asyncio.Gather;
import asyncio.GroupOptions;
import asyncio.JoinPolicy;
import asyncio.Outcome;
import asyncio.Task;
import asyncio.TaskGroup;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import asyncio.sync.Barrier;
import asyncio.sync.Channel;
import asyncio.sync.Condition;
import asyncio.sync.Lock;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Select;
import asyncio.sync.Sender;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

// The program of docs/guide/coordination.md. The regions are its Java blocks.

// region answer
Coroutine<Integer> answer(int millis) {
    return sleep(Duration.ofMillis(millis), millis);
}

Coroutine<Integer> failure(int millis) {
    return async(() -> {
        await(sleep(Duration.ofMillis(millis)));
        throw new IOException("failed after " + millis);
    });
}

// endregion

// region gathers
Coroutine<Void> gathers() {
    return async(() -> {
        IO.println(await(gather(answer(20), answer(10))));

        for (Outcome<Integer> outcome : await(gatherOutcomes(answer(10), failure(20)))) {
            IO.println(outcome.isSuccess() ? outcome.get() : outcome.exception().getMessage());
        }
        try {
            await(gatherOrCancel(failure(10), answer(60_000)), IOException.class);
        } catch (IOException e) {
            IO.println(e.getMessage() + "; the other one was cancelled, and has ended");
        }
        Coroutine<String> word = sleep(Duration.ofMillis(10), "eggs");
        String page = await(Gather.all(answer(20), word, (number, what) -> number + " " + what));
        IO.println(page);
    });
}

// endregion

// region completed
Coroutine<Void> inCompletionOrder() {
    return async(() -> {
        for (Coroutine<Integer> next : asCompleted(List.of(answer(30), answer(10), answer(20)))) {
            IO.println("the next one: " + await(next));
        }
        Task<Integer> slow = createTask(answer(30), "slow");
        Task<Integer> fast = createTask(answer(10), "fast");
        for (Future<Integer> done : asCompleted(List.of(slow, fast)).futures()) {
            IO.println("the fast one: " + (done == fast) + ", " + done.result());
        }
    });
}

// endregion

// region policy
Coroutine<Void> firstOfAny() {
    return async(() -> {
        TaskGroup group = TaskGroup.create(GroupOptions.joining(JoinPolicy.ANY));
        await(
                group.run(entered -> {
                    entered.createTask(answer(60_000));
                    entered.createTask(answer(10));
                }));
        IO.println("decided by " + group.decider().get().result());
    });
}

// endregion

// region lock
int balance = 100;
Lock account = new Lock();

Coroutine<Void> withdraw(int amount) {
    return async(() -> {
        try (var _ = await(account.hold())) {
            if (balance >= amount) { // must still be true after the wait
                await(sleep(Duration.ofMillis(10))); // asks the bank
                balance -= amount;
            }
        }
    });
}

Coroutine<Void> neverBelowZero() {
    return async(() -> {
        await(gather(withdraw(70), withdraw(70)));
        IO.println("balance " + balance);
    });
}

// endregion

// region condition
Deque<String> shelf = new ArrayDeque<>();
Condition shelfChanged = new Condition();

Coroutine<Void> restock(String... items) {
    return async(() -> {
        try (var _ = await(shelfChanged.hold())) {
            shelf.addAll(List.of(items));
            shelfChanged.signalAll();
        }
    });
}

Coroutine<String> buyTwo() {
    return async(() -> {
        try (var _ = await(shelfChanged.hold())) {
            await(shelfChanged.awaitUntil(() -> shelf.size() >= 2));
            return shelf.removeFirst() + " and " + shelf.removeFirst();
        }
    });
}

Coroutine<Void> shopping() {
    return taskGroup(group -> {
        Task<String> customer = group.createTask(buyTwo());
        await(restock("tea"));
        await(restock("milk"));
        IO.println("bought " + await(customer));
    });
}

// endregion

// region limiter
Coroutine<Void> atMostTwo() {
    return async(() -> {
        CapacityLimiter connections = new CapacityLimiter(2);
        await(
                taskGroup(group -> {
                    for (int i = 1; i <= 4; i++) {
                        int number = i;
                        group.createTask(() -> {
                            try (var _ = await(connections.hold())) {
                                await(sleep(Duration.ofMillis(10)));
                                IO.println(
                                        "query " + number + ", free: " + connections.available());
                            }
                        });
                    }
                }));
    });
}

// endregion

// region barrier
Coroutine<Void> rounds() {
    return async(() -> {
        Barrier ready = new Barrier(3);
        await(
                taskGroup(group -> {
                    for (String player : List.of("Ann", "Bob", "Cid")) {
                        group.createTask(() -> {
                            int place = await(ready.arrive());
                            IO.println(player + " came as number " + place);
                        });
                    }
                }));
    });
}

// endregion

// region priority
record Job(int urgency, String what) {}

Coroutine<Void> urgentFirst() {
    return async(() -> {
        PriorityQueue<Job> jobs = new PriorityQueue<>(10, Comparator.comparingInt(Job::urgency));
        await(jobs.put(new Job(3, "sweep")));
        await(jobs.put(new Job(1, "put out the fire")));
        await(jobs.put(new Job(3, "wash up")));
        jobs.shutdown(); // no more to come; what is in it can still be had
        for (Job job : jobs) {
            IO.println(job.what());
        }
    });
}

// endregion

// region fair
Coroutine<Void> produce(String name, Sender<String> out) {
    return async(() -> {
        try (out) {
            for (int i = 1; i <= 2; i++) {
                await(out.send(name + i));
            }
        }
    });
}

Coroutine<Void> takeTurns() {
    return taskGroup(group -> {
        Channel<String> left = Channel.open(2);
        Channel<String> right = Channel.open(2);
        group.createTask(produce("L", left.sender()));
        group.createTask(produce("R", right.sender()));
        await(sleep(Duration.ofMillis(10)));

        Select turns = Select.inTurns();
        for (int i = 0; i < 4; i++) {
            String item =
                    await(
                            turns.next(
                                    onReceive(left.receiver(), fromLeft -> fromLeft),
                                    onReceive(right.receiver(), fromRight -> fromRight)));
            IO.println("got " + item);
        }
    });
}

// endregion

// region own
/// Opens when a number of things has been done.
static class Latch {
    private final WaitQueue line = new WaitQueue(WaitKind.EVENT, this);
    private int count;

    Latch(int count) {
        this.count = count;
    }

    void countDown() {
        if (count > 0 && --count == 0) {
            line.wakeAll();
        }
    }

    Coroutine<Void> awaitZero() {
        return async(() -> {
            if (count > 0) {
                line.park(() -> {}); // woken or not, there is nothing to pass on
            }
        });
    }

    @Override
    public String toString() {
        return "<Latch count=" + count + " waiting=" + line.size() + ">";
    }
}

Coroutine<Void> openTheDoor() {
    return taskGroup(group -> {
        Latch keys = new Latch(2);
        group.createTask(() -> {
            await(keys.awaitZero());
            IO.println("open");
        });
        await(sleep(Duration.ofMillis(10)));
        IO.println(keys);
        keys.countDown();
        keys.countDown();
    });
}

// endregion

Coroutine<Void> program() {
    return async(() -> {
        await(gathers());
        await(inCompletionOrder());
        await(firstOfAny());
        await(neverBelowZero());
        await(shopping());
        await(atMostTwo());
        await(rounds());
        await(urgentFirst());
        await(takeTurns());
        await(openTheDoor());
    });
}

void main() {
    run(program());
}
