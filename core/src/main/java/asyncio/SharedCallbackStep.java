package asyncio;

import java.util.concurrent.locks.ReentrantLock;

/// A callback that other threads may cancel: whoever cancels either prevents the run or waits until
/// it is over.
///
/// Threads: any thread. The lock is reentrant, so a callback may cancel itself.
final class SharedCallbackStep extends CallbackStep {
    private final ReentrantLock running = new ReentrantLock(); // held while the callback runs

    SharedCallbackStep(EventLoop loop, Context context, Runnable callback) {
        super(loop, context, callback);
    }

    @Override
    protected void run() {
        running.lock();
        try {
            super.run();
        } finally {
            running.unlock();
        }
    }

    /// Always on a fiber: whether it is cancelled is known only under the lock.
    @Override
    protected boolean isBare() {
        return false;
    }

    @Override
    void cancel() {
        running.lock();
        try {
            super.cancel();
        } finally {
            running.unlock();
        }
    }

    @Override
    boolean isCancelled() {
        running.lock();
        try {
            return super.isCancelled();
        } finally {
            running.unlock();
        }
    }
}
