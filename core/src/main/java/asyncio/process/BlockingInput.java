package asyncio.process;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A child's output where the poller cannot watch its pipe: a thread reads ahead, one buffer at most.
///
/// Threads: loop-confined; the thread has the buffer while it is empty, the loop while it is not.
final class BlockingInput extends ByteStream {
    /*
     *   full == false: the thread reads      --bytes, end or failure-->   full == true: the loop takes
     *                                        <--all taken, unpark--
     *
     * `full` hands over `buffer`, `ended` and `failure`. After the end the thread is gone, and it stays full.
     *
     * The JDK closes a child's pipes when the child exits, and what grandchildren write later is lost. It does so under
     * the monitor of the stream, so the thread keeps that for its whole life: nobody else ever needs it. A child that ends
     * before the thread has the monitor is lost to that: what its own children write later does not arrive.
     */
    private static final int BUFFER_BYTES = 65536;

    private final InputStream source;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private final CountDownLatch begun = new CountDownLatch(1); // the thread has the monitor
    private final Thread thread;
    private volatile boolean full; // the loop has the buffer
    private volatile boolean closed; // set by the loop
    private boolean ended; // with the buffer
    private @Nullable IOException failure; // with the buffer
    private @Nullable Runnable readable; // loop-confined

    BlockingInput(EventLoop loop, InputStream source) {
        super(loop);
        this.source = source;
        thread = PipeThread.start(this::readAll);
    }

    /// Waits until the JDK cannot close the pipe any more. Not on the loop.
    BlockingInput begun() throws InterruptedException {
        begun.await();
        return this;
    }

    // On the thread

    private void readAll() {
        synchronized (source) { // see above
            begun.countDown();
            while (!closed && readOnce()) {
                while (full && !closed) {
                    LockSupport.park(this);
                }
            }
            closeSource();
        }
    }

    /// Reads and hands over; false if that was the last time.
    private boolean readOnce() {
        try {
            int count = source.read(buffer.array());
            ended = count < 0;
            buffer.position(0).limit(Math.max(count, 0));
        } catch (IOException e) {
            failure = e;
        }
        boolean more = !ended && failure == null;
        full = true;
        try {
            loop().callSoonThreadsafe(this::tell);
        } catch (IllegalStateException e) {
            return false; // the loop is closed: nobody reads
        }
        return more;
    }

    private void closeSource() {
        try {
            source.close();
        } catch (IOException e) {
            // Nobody is left who could be told, and nothing is lost: it was for reading.
        }
    }

    // On the loop

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        if (closed) {
            throw new StreamClosedException("stream is closed: " + this);
        }
        if (!full) {
            return 0;
        }
        IOException broken = failure;
        if (broken != null) {
            throw broken;
        }
        if (ended) {
            return -1;
        }
        int count = Math.min(target.remaining(), buffer.remaining());
        target.put(buffer.slice(buffer.position(), count));
        buffer.position(buffer.position() + count);
        if (!buffer.hasRemaining()) {
            full = false;
            LockSupport.unpark(thread);
        }
        return count;
    }

    @Override
    public int trySend(ByteBuffer source) {
        throw new UnsupportedOperationException("this stream only receives: " + this);
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        readable = listener;
        if (listener != null && full) {
            loop().callSoon(this::tell);
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        if (listener != null) {
            throw new UnsupportedOperationException("this stream only receives: " + this);
        }
    }

    private void tell() {
        Runnable told = readable;
        readable = null;
        if (told != null) {
            told.run();
        }
    }

    /// A thread that is blocked reads on until the next byte or the end comes.
    @Override
    public void close() {
        loop().checkThread("close");
        if (!closed) {
            closed = true;
            LockSupport.unpark(thread);
            tell();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "<BlockingInput " + thread.getName() + (closed ? " closed" : "") + ">";
    }
}
