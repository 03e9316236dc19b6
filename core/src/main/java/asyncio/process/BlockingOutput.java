package asyncio.process;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A child's input where the poller cannot watch its pipe: a thread writes, one buffer at a time.
///
/// Threads: loop-confined; the thread has the buffer while it is full, the loop while it is not.
final class BlockingOutput extends ByteStream {
    /*
     *   full == false: the loop fills      --bytes, unpark-->      full == true: the thread writes
     *                                      <--written or failed--
     *
     * `full` hands over `buffer` and `failure`. After `ending` the thread writes what it has, closes the pipe and ends.
     * It keeps the stream's monitor for the same reason as that of [BlockingInput].
     */
    private static final int BUFFER_BYTES = 65536;

    private final OutputStream target;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final CountDownLatch begun = new CountDownLatch(1); // the thread has the monitor
    private final Thread thread;
    private volatile boolean full; // the thread has the buffer
    private volatile boolean ending; // set by the loop: the end was sent, or the stream closed
    private @Nullable IOException failure; // with the buffer; from then on the thread is gone
    private boolean closed; // loop-confined
    private @Nullable Runnable writable; // loop-confined

    BlockingOutput(EventLoop loop, OutputStream target) {
        super(loop);
        this.target = target;
        thread = PipeThread.start(this::writeAll);
    }

    /// Waits until the JDK cannot close the pipe any more. Not on the loop.
    BlockingOutput begun() throws InterruptedException {
        begun.await();
        return this;
    }

    // On the thread

    private void writeAll() {
        synchronized (target) { // see above
            begun.countDown();
            do {
                while (!full && !ending) {
                    LockSupport.park(this);
                }
            } while (full && writeOnce());
            try {
                target.close();
            } catch (IOException e) {
                // Whoever was to read is gone.
            }
        }
    }

    /// Writes and hands back; false if that was the last time.
    private boolean writeOnce() {
        try {
            target.write(buffer.array(), 0, buffer.position());
            target.flush();
        } catch (IOException e) {
            failure = new ConnectionResetException("Connection lost: " + e.getMessage(), e);
        }
        boolean more = failure == null;
        buffer.clear();
        full = false;
        try {
            loop().callSoonThreadsafe(this::tell);
        } catch (IllegalStateException e) {
            return false; // the loop is closed: nobody writes
        }
        return more;
    }

    // On the loop

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        ensureOpen();
        if (ending) {
            throw new IllegalStateException("cannot send after the end was sent: " + this);
        }
        if (full) {
            return 0;
        }
        ensureNotBroken();
        int count = Math.min(source.remaining(), buffer.remaining());
        if (count > 0) {
            buffer.put(source.slice(source.position(), count));
            source.position(source.position() + count);
            full = true;
            LockSupport.unpark(thread);
        }
        return count;
    }

    private void ensureOpen() throws StreamClosedException {
        if (closed) {
            throw new StreamClosedException("stream is closed: " + this);
        }
    }

    private void ensureNotBroken() throws IOException {
        IOException broken = failure;
        if (broken != null) {
            throw broken;
        }
    }

    @Override
    public boolean trySendEof() throws IOException {
        ensureOpen();
        if (full) {
            return false;
        }
        close(); // the only way to say it in a pipe
        return true;
    }

    @Override
    public boolean canSendEof() {
        return true;
    }

    @Override
    public int tryReceive(ByteBuffer target) {
        throw new UnsupportedOperationException("this stream only sends: " + this);
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        if (listener != null) {
            throw new UnsupportedOperationException("this stream only sends: " + this);
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        writable = listener;
        if (listener != null && !full) {
            loop().callSoon(this::tell);
        }
    }

    private void tell() {
        Runnable told = writable;
        writable = null;
        if (told != null) {
            told.run();
        }
    }

    /// What was taken is written first, by the thread.
    @Override
    public void close() {
        loop().checkThread("close");
        if (!closed) {
            closed = true;
            ending = true;
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
        return "<BlockingOutput " + thread.getName() + (closed ? " closed" : "") + ">";
    }
}
