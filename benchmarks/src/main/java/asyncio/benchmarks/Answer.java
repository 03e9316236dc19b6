package asyncio.benchmarks;

import java.util.concurrent.locks.LockSupport;

/// One answer from another thread, awaited by the thread that made this.
///
/// Threads: [#run()] by any thread.
final class Answer implements Runnable {
    private final Thread asker = Thread.currentThread();
    private volatile boolean given;

    @Override
    public void run() {
        given = true;
        LockSupport.unpark(asker);
    }

    void await() {
        while (!given) {
            LockSupport.park(this);
        }
    }
}
