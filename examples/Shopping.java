import static asyncio.Asyncio.*;
import static asyncio.sync.Select.*;

import asyncio.AsyncGenerator;
import asyncio.CancelScope;
import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.GroupOptions;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.sync.Channel;
import asyncio.sync.Event;
import asyncio.sync.Queue;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

// The program of the second half of docs/tutorial.md. The regions are the tutorial's Java blocks.

// region shops
record Shop(String name, int millis, boolean open) {}

Shop north = new Shop("North", 300, true);
Shop east = new Shop("East", 200, true);
Shop south = new Shop("South", 500, true);
Shop west = new Shop("West", 100, false);

Coroutine<String> order(String item, Shop shop) {
    return async(() -> {
        await(sleep(Duration.ofMillis(shop.millis())));
        if (!shop.open()) {
            throw new IOException(shop.name() + " is closed");
        }
        IO.println(shop.name() + " sells a " + item);
        return item + " from " + shop.name();
    });
}

// endregion

Coroutine<Void> timed(String title, Coroutine<Void> part) {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        Duration begin = loop.time();
        IO.println("--- " + title);
        await(part);
        Duration took = loop.time().minus(begin);
        IO.println(String.format(Locale.ROOT, "took %.2f s", took.toMillis() / 1000.0));
    });
}

// region race
Coroutine<Void> whoeverIsFirst() {
    return async(() -> {
        List<Shop> all = List.of(north, west, east);
        String kettle = await(race(all.stream().map(shop -> order("kettle", shop)).toList()));
        IO.println("we have a " + kettle);
    });
}

// endregion

// region limit
Coroutine<Void> twoAtATime() {
    return taskGroup(
            GroupOptions.limited(2),
            group -> {
                for (String item : List.of("cup", "plate", "spoon", "fork")) {
                    group.createTask(order(item, east));
                }
            });
}

// endregion

// region daemon
Coroutine<Void> withAReminder() {
    return taskGroup(group -> {
        group.createDaemon(() -> {
            while (true) {
                await(sleep(Duration.ofMillis(200)));
                IO.println("still waiting");
            }
        });
        group.createTask(order("kettle", south));
    });
}

// endregion

// region start
Coroutine<Void> drive(Event delivered) {
    return async(() -> {
        await(delivered.awaitSet());
        IO.println("the van goes home");
    });
}

Coroutine<Void> callTheVan() {
    return taskGroup(group -> {
        Event delivered = new Event();
        String driver =
                await(
                        group.<String>start(status -> {
                            await(sleep(Duration.ofMillis(100))); // finds its keys
                            status.started("Joe");
                            await(drive(delivered)); // goes on as a child of the group
                        }));
        IO.println(driver + " is ready");
        await(order("kettle", east));
        delivered.set();
    });
}

// endregion

// region split
Coroutine<Void> pay() {
    return async(() -> {
        try {
            await(sleep(Duration.ofSeconds(10)));
        } catch (CancelledError e) {
            throw new IllegalStateException("the payment cannot be undone");
        }
    });
}

Coroutine<Void> whatWentWrong() {
    return async(() -> {
        try {
            await(
                    taskGroup(group -> {
                        group.createTask(order("kettle", west));
                        group.createTask(pay());
                    }));
        } catch (ExceptionGroup e) {
            var parts = e.split(IOException.class);
            if (parts.matching() != null) {
                IO.println("shops: " + parts.matching().exceptions());
            }
            if (parts.rest() != null) {
                IO.println("others: " + parts.rest().exceptions());
            }
        }
    });
}

// endregion

// region moveon
Coroutine<Void> ifThereIsTime() {
    return async(() -> {
        Duration limit = Duration.ofMillis(400);
        Optional<String> ribbon = await(moveOnAfter(limit, () -> await(order("ribbon", south))));
        IO.println("wrapped with " + ribbon.orElse("newspaper"));
    });
}

// endregion

// region scope
Coroutine<Void> untilTheRain() {
    return async(() -> {
        CancelScope walk = CancelScope.create();
        getRunningLoop().callLater(Duration.ofMillis(250), () -> walk.cancel("it rains"));
        boolean complete =
                await(
                        walk.run(scope -> {
                            await(order("hat", east));
                            await(order("umbrella", north));
                        }));
        IO.println("bought everything: " + complete + "; reason: " + walk.reason().get().message());
    });
}

// endregion

// region shielded
Coroutine<Void> reserve(Shop shop) {
    return async(() -> {
        IO.println("reserved at " + shop.name());
        try {
            await(order("sofa", shop));
        } finally {
            await(
                    shielded(
                            Duration.ofSeconds(1),
                            () -> {
                                await(sleep(Duration.ofMillis(50))); // tells the shop
                                IO.println("reservation returned");
                            }));
        }
    });
}

Coroutine<Void> tooSlow() {
    return async(() -> {
        boolean bought =
                await(
                        moveOnAfter(
                                Duration.ofMillis(400),
                                () -> {
                                    await(reserve(south));
                                }));
        IO.println("bought: " + bought);
    });
}

// endregion

// region queue
Coroutine<Void> packingTable() {
    return async(() -> {
        Queue<String> table = new Queue<>(2);
        await(
                taskGroup(group -> {
                    for (String packer : List.of("Ann", "Bob")) {
                        group.createDaemon(() -> {
                            for (String item : table) { // waits for the next one
                                await(sleep(Duration.ofMillis(100)));
                                IO.println(packer + " packed the " + item);
                                table.taskDone();
                            }
                        });
                    }
                    for (String item : List.of("cup", "plate", "spoon")) {
                        await(table.put(item)); // waits while the table is full
                    }
                    await(table.join()); // until each item is done; then nobody needs the packers
                }));
    });
}

// endregion

// region channel
Coroutine<Void> send(String item, Shop shop, Sender<String> van) {
    return async(() -> {
        try (van) {
            await(van.send(await(order(item, shop))));
        }
    });
}

Coroutine<Void> delivery() {
    return taskGroup(group -> {
        Channel<String> van = Channel.open(1);
        group.createTask(send("cup", north, van.sender().copy()));
        group.createTask(send("plate", east, van.sender().copy()));
        van.sender().close(); // ours; each shop closes its own

        for (String parcel : van.receiver()) {
            IO.println("arrived: " + parcel);
        }
        IO.println("nothing more to come");
    });
}

// endregion

// region select
Coroutine<Void> atTheDoor() {
    return taskGroup(group -> {
        Channel<String> van = Channel.open(0);
        group.createTask(send("lamp", east, van.sender()));
        Task<Void> visitor = group.createTask(sleep(Duration.ofMillis(300)));
        Receiver<String> parcels = van.receiver();
        for (int i = 0; i < 3; i++) {
            String what =
                    await(
                            select(
                                    onReceive(
                                            parcels,
                                            parcel -> "a parcel: " + parcel,
                                            () -> "the van is gone"),
                                    onDone(visitor, end -> "a visitor"),
                                    onTimeout(Duration.ofMillis(150), () -> "nobody")));
            IO.println("at the door: " + what);
        }
    });
}

// endregion

// region generator
AsyncGenerator<Integer> prices(Shop shop) {
    return generator(out -> {
        try {
            for (int cents = 120; ; cents -= 10) {
                await(sleep(Duration.ofMillis(shop.millis())));
                out.emit(cents);
            }
        } finally {
            IO.println("hung up on " + shop.name());
        }
    });
}

Coroutine<Void> waitForABargain() {
    return async(() -> {
        try (var offers = prices(west).values()) {
            for (int cents : offers) {
                IO.println("now " + cents);
                if (cents <= 100) {
                    break;
                }
            }
        }
        IO.println("sold");
    });
}

// endregion

// region blocking
static final ThreadLocal<String> SESSION = new ThreadLocal<>(); // of an old library

String oldReceipt() throws InterruptedException { // blocks, and wants the thread that logged in
    Thread.sleep(10);
    return "receipt for " + SESSION.get();
}

Coroutine<Void> receipts() {
    return async(() -> {
        SESSION.set("Ann");
        IO.println("on another thread: " + await(toThread(() -> oldReceipt())));
        IO.println("on our own thread: " + await(blocking(() -> oldReceipt())));
    });
}

// endregion

// region hangs
Coroutine<Void> waitForever(Event never) {
    return async(() -> {
        await(never.awaitSet());
    });
}

Coroutine<Void> family(Event never) {
    return async(() -> {
        await(
                taskGroup(group -> {
                    group.createTask(waitForever(never), TaskOptions.named("child"));
                }));
        IO.println("never printed");
    });
}

Coroutine<Void> whatHangs() {
    return async(() -> {
        Task<Void> parent = createTask(family(new Event()), "parent");
        await(sleep(Duration.ofMillis(100)));
        for (Task<?> task : allTasks()) {
            if (task.name().equals("child")) {
                IO.println(formatCallGraph(task));
            }
        }
        parent.cancel();
    });
}

// endregion

// region program
Coroutine<Void> program() {
    return async(() -> {
        await(timed("whoever is first", whoeverIsFirst()));
        await(timed("two at a time", twoAtATime()));
        await(timed("with a reminder", withAReminder()));
        await(timed("call the van", callTheVan()));
        await(timed("what went wrong", whatWentWrong()));
        await(timed("if there is time", ifThereIsTime()));
        await(timed("until the rain", untilTheRain()));
        await(timed("too slow", tooSlow()));
        await(timed("the packing table", packingTable()));
        await(timed("delivery", delivery()));
        await(timed("at the door", atTheDoor()));
        await(timed("a bargain", waitForABargain()));
        await(timed("receipts", receipts()));
        await(timed("what hangs", whatHangs()));
    });
}

void main() {
    run(program());
}
// endregion
