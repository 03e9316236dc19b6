import static asyncio.Asyncio.*;

import asyncio.AsyncIterator;
import asyncio.BlockingPortal;
import asyncio.CapacityLimiter;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.GeneratorBody;
import asyncio.GuestRun;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.ThreadOptions;
import asyncio.sync.Channel;
import asyncio.sync.Event;
import asyncio.sync.ThreadsafeSender;
import java.time.Duration;
import java.util.List;
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

// region options
long sumOfSquares(int count) { // computes, and never awaits
    long sum = 0;
    for (int i = 1; i <= count; i++) {
        checkCancelled();
        sum += (long) i * i;
    }
    return sum;
}

Coroutine<Void> optionsOfToThread() {
    return async(() -> {
        IO.println("squares: " + await(toThread(() -> sumOfSquares(5))));

        EventLoop loop = getRunningLoop();
        Event begun = new Event();
        ThreadOptions careful = ThreadOptions.DEFAULT.interruptible(true).awaited(true);
        Task<Void> reading =
                createTask(
                        toThread(
                                () -> {
                                    loop.callSoonThreadsafe(begun::set);
                                    readSlowly();
                                },
                                careful));
        await(begun.awaitSet());
        reading.cancel();
        await(waitUntil(List.of(reading), ReturnWhen.ALL_COMPLETED));
        IO.println("cancelled: " + reading.isCancelled());
    });
}

void readSlowly() throws InterruptedException { // blocks
    try {
        Thread.sleep(60_000);
    } finally {
        IO.println("the file is closed");
    }
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

// region portal
void synchronousProgram() { // on a plain thread
    try (BlockingPortal portal = BlockingPortal.start()) {
        int answer = portal.call(() -> await(sleep(Duration.ofMillis(5), 42)));
        IO.println("call: " + answer);

        var task = portal.startTask(() -> await(sleep(Duration.ofMillis(5), 43)));
        IO.println("task: " + task.join());

        try (var session = portal.open(connect("db"))) {
            IO.println("opened " + session.value());
        }
    }
}

GeneratorBody<String> connect(String name) {
    return out -> {
        await(sleep(Duration.ofMillis(5))); // acquires
        try {
            out.emit("session of " + name);
        } finally {
            IO.println("closed " + name);
        }
    };
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
        await(optionsOfToThread());
        await(intoTheLoop());
        await(readSensor());
        await(toThread(() -> synchronousProgram()));
        await(flows());
        IO.println(await(toThread(() -> runAsGuest())));
    });
}

void main() {
    run(program());
}
