package asyncio.net;

import asyncio.Asyncio;
import asyncio.ChannelWatch;
import asyncio.Future;
import asyncio.WaitKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One way of a watched channel: who uses it, and the wait until the channel is ready.
///
/// Threads: loop-confined.
final class ChannelWay implements Runnable {
    private static final int MAX_IN_A_ROW = 16; // operations of one task in one iteration: then the others

    private final ChannelWatch watch;
    private final boolean reading;
    private final Object subject; // what the user sees
    private @Nullable String user; // the operation that a task is in
    private @Nullable Future<@Nullable Void> waiting; // pending while that task waits
    private long iteration; // of the operations counted
    private int inARow; // operations in that iteration

    ChannelWay(ChannelWatch watch, boolean reading, Object subject) {
        this.watch = watch;
        this.reading = reading;
        this.subject = subject;
    }

    /// Takes this way for the current task.
    ///
    /// @throws IllegalStateException if another task has it
    void enter(String operation) {
        ensureFree(operation);
        user = operation;
    }

    void ensureFree(String operation) {
        if (user != null) {
            throw new IllegalStateException(operation + "() called while another coroutine is in " + user + "() of "
                    + subject + ": one task " + (reading ? "receives" : "sends") + " at a time");
        }
    }

    void leave() {
        user = null;
    }

    /// Lets the others run if much was done in this iteration.
    void giveTurn() {
        long current = watch.loop().iterationCount();
        if (iteration != current) {
            iteration = current;
            inARow = 0;
        } else if (++inARow >= MAX_IN_A_ROW) {
            inARow = 0;
            Asyncio.await(Asyncio.sleep(Duration.ZERO));
        }
    }

    /// Waits until the channel is ready, or [#run()] is called.
    void await() {
        Future<@Nullable Void> future = watch.loop().createFuture(WaitKind.IO, subject);
        waiting = future;
        try {
            subscribe(this);
            Asyncio.await(future);
        } finally {
            waiting = null;
            if (!future.isDone() || future.isCancelled()) {
                subscribe(null);
            }
        }
    }

    private void subscribe(@Nullable Runnable listener) {
        if (reading) {
            watch.onReadable(listener);
        } else {
            watch.onWritable(listener);
        }
    }

    /// Ends the wait, if there is one.
    @Override
    public void run() {
        Future<@Nullable Void> future = waiting;
        if (future != null && !future.isDone()) {
            future.setResult(null);
        }
    }
}
