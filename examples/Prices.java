import static asyncio.Asyncio.*;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Future;
import asyncio.Outcome;
import asyncio.Task;
import asyncio.TimeoutException;
import asyncio.sync.Queue;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

// The program of docs/tutorial.md. The regions are the tutorial's Java blocks.

// region shops
record Shop(String name, int millis, int cents) {}

Shop north = new Shop("North", 300, 120);
Shop east = new Shop("East", 200, 95);
Shop south = new Shop("South", 500, 110);
Shop west = new Shop("West", 100, 0); // closed

Coroutine<Integer> askPrice(Shop shop) {
    return async(() -> {
        await(sleep(Duration.ofMillis(shop.millis()))); // stands for the network
        if (shop.cents() == 0) {
            throw new IOException(shop.name() + " is closed");
        }
        IO.println(shop.name() + " asks " + shop.cents());
        return shop.cents();
    });
}

// endregion

// region object
Coroutine<Void> nothingRunsYet() {
    return async(() -> {
        Coroutine<Integer> asking = askPrice(east);
        IO.println("asking is an object; used: " + asking.isUsed());
        IO.println("the price is " + await(asking));
        IO.println("used: " + asking.isUsed());
    });
}

// endregion

// region timed
Coroutine<Void> timed(String title, Coroutine<Void> part) {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        Duration begin = loop.time();
        IO.println("--- " + title);
        await(part);
        long tenths = loop.time().minus(begin).toMillis() / 100;
        IO.println("took " + tenths / 10 + "." + tenths % 10 + " s");
    });
}

// endregion

// region sequence
Coroutine<Void> oneAfterTheOther() {
    return async(() -> {
        int first = await(askPrice(north));
        int second = await(askPrice(east));
        IO.println("cheapest: " + Math.min(first, second));
    });
}

// endregion

// region tasks
Coroutine<Void> asTasks() {
    return async(() -> {
        Task<Integer> first = createTask(askPrice(north), "ask North");
        Task<Integer> second = createTask(askPrice(east), "ask East");
        IO.println("two tasks, none has started");
        IO.println("cheapest: " + Math.min(await(first), await(second)));
    });
}

// endregion

// region group
Coroutine<Integer> cheapest(List<Shop> shops) {
    return taskGroup(group -> {
        List<Task<Integer>> asking =
                shops.stream().map(shop -> group.createTask(askPrice(shop))).toList();
        int best = Integer.MAX_VALUE;
        for (Task<Integer> task : asking) {
            best = Math.min(best, await(task));
        }
        return best;
    });
}

Coroutine<Void> inAGroup() {
    return async(() -> IO.println("cheapest: " + await(cheapest(List.of(north, east, south)))));
}

// endregion

// region failure
Coroutine<Void> oneShopIsClosed() {
    return async(() -> {
        try {
            await(cheapest(List.of(north, west, south)));
        } catch (ExceptionGroup e) {
            IO.println(e.getMessage());
            e.exceptions().forEach(failure -> IO.println("  " + failure));
        }
    });
}

// endregion

// region outcomes
Coroutine<Void> whoeverAnswers() {
    return async(() -> {
        List<Outcome<Integer>> outcomes =
                await(gatherOutcomes(List.of(askPrice(north), askPrice(west), askPrice(east))));
        for (Outcome<Integer> outcome : outcomes) {
            IO.println(outcome.isSuccess() ? "got " + outcome.get() : "no: " + outcome.exception());
        }
    });
}

// endregion

// region checked
Coroutine<Void> checked() {
    return async(() -> {
        try {
            await(askPrice(west), IOException.class);
        } catch (IOException e) {
            IO.println("caught: " + e.getMessage());
        }
    });
}

// endregion

// region timeout
Coroutine<Void> atMost400Milliseconds() {
    return async(() -> {
        try {
            await(
                    timeout(
                            Duration.ofMillis(400),
                            () -> {
                                IO.println("first: " + await(askPrice(east)));
                                IO.println("second: " + await(askPrice(south)));
                            }));
        } catch (TimeoutException e) {
            IO.println("too late for the second");
        }
    });
}

// endregion

// region reschedule
Coroutine<Void> moreTimeForSouth() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        await(
                timeout(Duration.ofMillis(400))
                        .run(scope -> {
                            await(askPrice(east));
                            scope.reschedule(loop.time().plusMillis(600));
                            await(askPrice(south));
                        }));
        IO.println("both in time");
    });
}

// endregion

// region cancel
Coroutine<Void> visit(Shop shop) {
    return async(() -> {
        try {
            await(askPrice(shop));
        } catch (CancelledError e) {
            IO.println(shop.name() + ": never mind (" + e.getMessage() + ")");
            throw e;
        } finally {
            await(sleep(Duration.ofMillis(100))); // cleaning up may take time, too
            IO.println(shop.name() + ": hung up");
        }
    });
}

Coroutine<Void> changedMyMind() {
    return async(() -> {
        Task<Void> task = createTask(visit(south));
        await(sleep(Duration.ofMillis(50)));
        task.cancel("it rains");
        try {
            await(task);
        } catch (CancelledError e) {
            IO.println("task cancelled: " + task.isCancelled());
        }
    });
}

// endregion

// region shield
Coroutine<Void> keepTheOrder() {
    return async(() -> {
        Task<Integer> order = createTask(askPrice(south));
        try {
            await(waitFor(shield(order), Duration.ofMillis(100)));
        } catch (TimeoutException e) {
            IO.println("not yet; the order goes on");
        }
        IO.println("later: " + await(order));
    });
}

// endregion

// region queue
Coroutine<Void> twoBuyers() {
    return async(() -> {
        Queue<Shop> shops = new Queue<>(1);
        await(
                taskGroup(group -> {
                    for (String buyer : List.of("Ann", "Bob")) {
                        group.createTask(
                                async(() -> {
                                    for (int i = 0; i < 2; i++) {
                                        Shop shop = await(shops.get());
                                        IO.println(buyer + " goes to " + shop.name());
                                        await(askPrice(shop));
                                    }
                                }));
                    }
                    for (Shop shop : List.of(north, east, south, east)) {
                        await(shops.put(shop)); // waits while the queue is full
                    }
                }));
    });
}

// endregion

// region thread
int slowLookUp(Shop shop) { // an old library that blocks
    return shop.cents() + 1;
}

Coroutine<Void> inAThread() {
    return async(() -> {
        int cents = await(toThread(() -> slowLookUp(north)));
        IO.println("looked up: " + cents);
    });
}

// endregion

// region fromthread
Coroutine<Void> fromAnotherThread() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        Future<String> news = loop.createFuture();
        Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> news.setResult("sale!")));
        IO.println("news: " + await(news));

        Integer cents = await(toThread(() -> runCoroutineThreadsafe(askPrice(east), loop).get()));
        IO.println("a thread waited for a coroutine: " + cents);
    });
}

// endregion

// region wrongthread
Coroutine<Void> wrongThread() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        try {
            await(
                    toThread(() -> {
                        loop.callSoon(() -> IO.println("never"));
                    }));
        } catch (IllegalStateException e) {
            IO.println(e.getMessage());
        }
    });
}

// endregion

// region program
Coroutine<Void> program() {
    return async(() -> {
        await(timed("nothing runs yet", nothingRunsYet()));
        await(timed("one after the other", oneAfterTheOther()));
        await(timed("as tasks", asTasks()));
        await(timed("in a group", inAGroup()));
        await(timed("one shop is closed", oneShopIsClosed()));
        await(timed("whoever answers", whoeverAnswers()));
        await(timed("a checked exception", checked()));
        await(timed("at most 400 milliseconds", atMost400Milliseconds()));
        await(timed("more time", moreTimeForSouth()));
        await(timed("cancelled", changedMyMind()));
        await(timed("shielded", keepTheOrder()));
        await(timed("two buyers", twoBuyers()));
        await(timed("in a thread", inAThread()));
        await(timed("from another thread", fromAnotherThread()));
        await(timed("on the wrong thread", wrongThread()));
    });
}

void main() {
    run(program());
}
// endregion
