import static asyncio.Asyncio.*;

import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.time.Duration;

// A token bucket: two may go at once, then one every 100 ms. First come, first served.

// region bucket
static class TokenBucket {
    private final int capacity;
    private final WaitQueue line = new WaitQueue(WaitKind.SEMAPHORE, this);
    private int tokens;

    TokenBucket(int capacity) {
        this.capacity = capacity;
        tokens = capacity;
    }

    /// Takes a token; waits while there is none.
    Coroutine<Void> take() {
        return async(() -> {
            if (tokens <= line.size()) { // each token is spoken for by somebody in the line
                line.park(this::wakeNext);
            }
            tokens--;
        });
    }

    private void wakeNext() {
        if (tokens > line.wokenCount()) {
            line.wakeNext();
        }
    }

    /// Adds a token every so often; to be run as a daemon.
    Coroutine<Void> refill(Duration interval) {
        return async(() -> {
            EventLoop loop = getRunningLoop();
            for (Duration due = loop.time().plus(interval); ; due = due.plus(interval)) {
                await(sleep(due.minus(loop.time())));
                tokens = Math.min(capacity, tokens + 1);
                wakeNext();
            }
        });
    }
}

// endregion

TokenBucket bucket = new TokenBucket(2);

Coroutine<Void> client(String name, int requests) {
    return async(() -> {
        for (int i = 1; i <= requests; i++) {
            await(bucket.take());
            say(name + ", request " + i);
        }
    });
}

Coroutine<Void> impatientClient() {
    return async(() -> {
        boolean served =
                await(
                        moveOnAfter(
                                Duration.ofMillis(110),
                                () -> {
                                    await(bucket.take());
                                }));
        say(served ? "Eve" : "Eve gives up, and has cost nobody a token");
    });
}

Coroutine<Void> program() {
    return async(() -> {
        begin = getRunningLoop().time();
        await(
                taskGroup(group -> {
                    group.createDaemon(bucket.refill(Duration.ofMillis(100)));
                    group.createTask(client("Ann", 3));
                    group.createTask(impatientClient());
                    group.createTask(client("Bob", 3));
                }));
        say("all served; the group has ended the daemon");
    });
}

Duration begin = Duration.ZERO;

void say(String text) {
    long tenths = getRunningLoop().time().minus(begin).toMillis() / 100; // rounded down
    IO.println(tenths / 10 + "." + tenths % 10 + " s: " + text);
}

void main() {
    run(program());
}
