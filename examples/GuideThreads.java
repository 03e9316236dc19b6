import static asyncio.Asyncio.*;

import asyncio.AsyncIterator;
import asyncio.CapacityLimiter;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.GuestRun;
import asyncio.sync.Channel;
import asyncio.sync.ThreadsafeSender;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;

// The program of docs/guide/threads.md. The regions are its Java blocks.

// region out
String readFile(String name) throws InterruptedException { // blocks
    Thread.sleep(5);
    return "text of " + name;
}

Coroutine<Void> outOfTheLoop() {
    return async(() -> {
        Executor fresh = Thread::startVirtualThread; // any executor will do
        IO.println("a pool: " + await(toThread(() -> readFile("a.txt"))));
        IO.println("our own thread: " + await(blocking(() -> readFile("b.txt"))));
        var reading = getRunningLoop().runInExecutor(fresh, () -> readFile("c.txt"));
        IO.println("my executor: " + await(reading));
    });
}

// endregion

// region limiter
Coroutine<Void> oneConnection() {
    return async(() -> {
        CapacityLimiter connections = new CapacityLimiter(1);
        await(
                taskGroup(group -> {
                    for (String name : new String[] {"a", "b", "c"}) {
                        group.createTask(() -> {
                            IO.println(await(blocking(() -> readFile(name), connections)));
                        });
                    }
                }));
    });
}

// endregion

// region into
Coroutine<Void> intoTheLoop() {
    return async(() -> {
        EventLoop loop = getRunningLoop();
        await(
                toThread(() -> {
                    loop.callSoonThreadsafe(() -> IO.println("a callback, on the loop"));
                    int sum = runCoroutineThreadsafe(sleep(Duration.ofMillis(10), 42), loop).get();
                    IO.println("a coroutine's result, on the thread: " + sum);
                }));
    });
}

// endregion

// region view
void sensor(ThreadsafeSender<Integer> out) throws InterruptedException { // on a plain thread
    try (out) {
        for (int value = 1; value <= 3; value++) {
            out.send(value); // blocks while the channel is full
        }
    }
}

Coroutine<Void> readSensor() {
    return async(() -> {
        Channel<Integer> values = Channel.open(1);
        ThreadsafeSender<Integer> out = values.sender().threadSafe();
        await(
                taskGroup(group -> {
                    group.createTask(toThread(() -> sensor(out)));
                    for (int value : values.receiver()) {
                        IO.println("sensor says " + value);
                    }
                }));
    });
}

// endregion

// region flow
Coroutine<Void> flows() {
    return async(() -> {
        SubmissionPublisher<String> publisher = new SubmissionPublisher<>();
        AsyncIterator<String> lines = AsyncIterator.fromPublisher(publisher, 16);
        await(
                taskGroup(group -> {
                    group.createTask(lines.forEach(line -> IO.println("received " + line)));
                    await(sleep(Duration.ofMillis(10))); // has subscribed now
                    publisher.submit("one");
                    publisher.submit("two");
                    publisher.close();
                }));

        Flow.Publisher<Integer> numbers =
                AsyncIterator.toPublisher(
                        () ->
                                generator(out -> {
                                    for (int i = 1; i <= 2; i++) {
                                        await(sleep(Duration.ofMillis(10)));
                                        out.emit(i);
                                    }
                                }),
                        getRunningLoop());
        IO.println("published " + await(AsyncIterator.fromPublisher(numbers, 1).toList()));
    });
}

// endregion

// region guest
Coroutine<String> guest() {
    return sleep(Duration.ofMillis(5), "the guest has ended");
}

String runAsGuest() { // on a plain thread
    try (ExecutorService host =
            Executors.newSingleThreadExecutor()) { // stands for Swing's event queue
        return GuestRun.start(guest(), host).result().join();
    }
}

// endregion

Coroutine<Void> program() {
    return async(() -> {
        await(outOfTheLoop());
        await(oneConnection());
        await(intoTheLoop());
        await(readSensor());
        await(flows());
        IO.println(await(toThread(() -> runAsGuest())));
    });
}

void main() {
    run(program());
}
