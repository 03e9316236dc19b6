import static asyncio.Asyncio.*;

import asyncio.CancelledError;
import asyncio.Coroutine;
import asyncio.sync.Channel;
import asyncio.sync.Receiver;
import asyncio.sync.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

// Two shops send orders, two packers pack them. On a long day everything ends by itself. A short
// day is cut off in the middle: then each order that was made is packed, or known to be left.

record Order(String shop, int number) {
    @Override
    public String toString() {
        return shop + number;
    }
}

List<String> packed = new ArrayList<>(); // no lock: only this loop's tasks touch them
List<String> left = new ArrayList<>();

Coroutine<Void> shop(String name, Sender<Order> out) {
    return async(() -> {
        try (out) { // the channel ends when the last sender is closed
            for (int number = 1; number <= 4; number++) {
                Order order = new Order(name, number);
                try {
                    await(out.send(order)); // waits while the packers are behind
                } catch (CancelledError e) {
                    left.add(order + " was never sent"); // a send that throws sent nothing
                    throw e;
                }
                await(sleep(Duration.ofMillis(10)));
            }
        }
    });
}

Coroutine<Void> packer(String name, Receiver<Order> in) {
    return async(() -> {
        try (in) {
            for (Order order : in) { // ends when the channel does; a cancelled wait takes no order
                try {
                    await(sleep(Duration.ofMillis(50)));
                    packed.add(order + " by " + name);
                } catch (CancelledError e) {
                    left.add(order + " was in " + name + "'s hands"); // so it is ours to deal with
                    throw e;
                }
            }
        }
    });
}

Coroutine<Void> work(Channel<Order> orders) {
    return taskGroup(group -> {
        group.createTask(shop("N", orders.sender()));
        group.createTask(shop("S", orders.sender().copy()));
        group.createTask(packer("Ann", orders.receiver()));
        group.createTask(packer("Bob", orders.receiver().copy()));
    });
}

Coroutine<Void> day(String title, Duration length) {
    return async(() -> {
        packed.clear();
        left.clear();
        Channel<Order> orders = Channel.open(2, order -> left.add(order + " was in the channel"));
        boolean complete =
                await(
                        moveOnAfter(
                                length,
                                () -> {
                                    await(work(orders));
                                }));
        IO.println("--- " + title + (complete ? "" : ", cut off"));
        IO.println("packed: " + String.join(", ", packed));
        left.forEach(order -> IO.println("left: " + order));
    });
}

Coroutine<Void> program() {
    return async(() -> {
        await(day("a long day", Duration.ofSeconds(1)));
        await(day("a short day", Duration.ofMillis(75)));
    });
}

void main() {
    run(program());
}
