package asyncio.process;

import java.util.concurrent.atomic.AtomicLong;

/// Makes the threads that read and write pipes where the poller cannot.
///
/// Threads: any thread.
final class PipeThread {
    private static final AtomicLong COUNTER = new AtomicLong();

    private PipeThread() {}

    /// A daemon: a pipe that nobody closes must not keep the JVM from ending. A platform thread: it
    /// blocks in the system, and would hold a carrier.
    static Thread start(Runnable code) {
        return Thread.ofPlatform()
                .daemon()
                .name("asyncio-pipe-" + COUNTER.incrementAndGet())
                .start(code);
    }
}
