package asyncio.stream;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.WaitKind;
import asyncio.loop.Check;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One way of a stream: who uses it, and the wait until it can go on.
///
/// Threads: loop-confined.
final class Direction implements Runnable {
    private static final int MAX_IN_A_ROW = 16; // operations of one task in one iteration: then the others

    private final ByteStream stream;
    private final String operation;
    private final boolean receiving;
    private boolean busy; // a task is inside
    private @Nullable Future<@Nullable Void> waiting; // pending while that task waits
    private long iteration; // of the operations counted
    private int inARow; // operations in that iteration

    Direction(ByteStream stream, String operation, boolean receiving) {
        this.stream = stream;
        this.operation = operation;
        this.receiving = receiving;
    }

    /// Takes this direction for the current task.
    void enter() {
        enter(operation);
    }

    void enter(String caller) {
        if (!stream.loop().isCurrent()) {
            throw new IllegalStateException(Check.AS202 + ": " + caller + "() called outside of loop "
                    + stream.loop().name() + ", to which " + stream
                    + " belongs: use a stream on its own loop, in a task");
        }
        if (busy) {
            throw new IllegalStateException(caller + "() called while another coroutine is already waiting on " + stream
                    + ": one task " + (receiving ? "receives" : "sends") + " at a time");
        }
        busy = true;
    }

    void leave() {
        busy = false;
    }

    /// Lets the others run if this task has done much in this iteration.
    void giveTurn() {
        long current = stream.loop().iterationCount();
        if (iteration != current) {
            iteration = current;
            inARow = 0;
        } else if (++inARow >= MAX_IN_A_ROW) {
            inARow = 0;
            Asyncio.await(Asyncio.sleep(Duration.ZERO));
        }
    }

    /// Waits until the stream says that it may go on.
    void await() {
        EventLoop loop = stream.loop();
        Future<@Nullable Void> future = loop.createFuture(WaitKind.IO, stream);
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
        if (receiving) {
            stream.onReadable(listener);
        } else {
            stream.onWritable(listener);
        }
    }

    /// The stream may go on.
    @Override
    public void run() {
        Future<@Nullable Void> future = waiting;
        if (future != null && !future.isDone()) {
            future.setResult(null);
        }
    }
}
