package asyncio.stream;

import asyncio.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One end of a connection that stays in memory: what is sent at one end is received at the other.
///
/// For tests of protocols without sockets, and for talking to code of the same process. It behaves
/// as a socket does: a bounded buffer each way, half-close, resets.
///
/// Threads: loop-confined; both ends belong to one loop.
public final class MemoryStream extends ByteStream {
    /// How much each way holds, unless said otherwise, in bytes.
    public static final int DEFAULT_CAPACITY = 65536;

    private final String name;
    private final Way incoming;
    private final Way outgoing;
    private boolean closed; // on this side

    private MemoryStream(EventLoop loop, String name, Way incoming, Way outgoing) {
        super(loop);
        this.name = name;
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /// Two connected ends.
    ///
    /// @param loop the loop
    /// @return exactly two streams
    public static List<MemoryStream> pair(EventLoop loop) {
        return pair(loop, DEFAULT_CAPACITY);
    }

    /// Two connected ends with buffers of a given size.
    ///
    /// @param loop the loop
    /// @param capacityBytes how much each way holds
    /// @return exactly two streams
    /// @throws IllegalArgumentException if the capacity is not positive
    public static List<MemoryStream> pair(EventLoop loop, int capacityBytes) {
        if (capacityBytes <= 0) {
            throw new IllegalArgumentException("capacityBytes must be positive: got " + capacityBytes);
        }
        Way there = new Way(loop, capacityBytes);
        Way back = new Way(loop, capacityBytes);
        return List.of(new MemoryStream(loop, "first", back, there), new MemoryStream(loop, "second", there, back));
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        ensureOpen();
        if (incoming.reset) {
            throw new ConnectionResetException("Connection lost: the other end was aborted");
        }
        return incoming.take(target);
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        ensureOpen();
        if (outgoing.ended) {
            throw new IllegalStateException("cannot send after the end was sent: " + this);
        }
        if (outgoing.abandoned) {
            throw new ConnectionResetException("Connection lost: the other end is closed");
        }
        return outgoing.put(source);
    }

    private void ensureOpen() throws StreamClosedException {
        if (closed) {
            throw new StreamClosedException("stream is closed: " + this);
        }
    }

    @Override
    public boolean trySendEof() throws IOException {
        ensureOpen();
        outgoing.end();
        return true;
    }

    @Override
    public boolean canSendEof() {
        return true;
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        incoming.readable.set(listener, closed || incoming.count > 0 || incoming.ended || incoming.reset);
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        outgoing.writable.set(
                listener, closed || outgoing.count < outgoing.ring.length || outgoing.ended || outgoing.abandoned);
    }

    @Override
    public void close() {
        loop().checkThread("close");
        if (!closed) {
            closed = true;
            outgoing.end();
            incoming.abandon();
            outgoing.writable.run();
            incoming.readable.run();
        }
    }

    @Override
    public void abort() {
        loop().checkThread("abort");
        if (!closed) {
            outgoing.reset = true;
            close();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "<MemoryStream " + name + (closed ? " closed" : "") + ">";
    }

    /// The bytes that are on their way in one direction: a ring.
    private static final class Way {
        private final byte[] ring;
        private int first; // index of the oldest byte
        private int count; // bytes on their way
        private boolean ended; // nothing more will be put
        private boolean abandoned; // nobody takes any more
        private boolean reset; // what is on its way is lost
        private final OneShot readable; // told when there is something to take
        private final OneShot writable; // told when there is room

        Way(EventLoop loop, int capacityBytes) {
            ring = new byte[capacityBytes];
            readable = new OneShot(loop);
            writable = new OneShot(loop);
        }

        int take(ByteBuffer target) {
            if (count == 0) {
                return ended ? -1 : 0;
            }
            int taken = Math.min(count, target.remaining());
            int unbroken = Math.min(taken, ring.length - first);
            target.put(ring, first, unbroken);
            target.put(ring, 0, taken - unbroken);
            first = (first + taken) % ring.length;
            count -= taken;
            writable.run();
            return taken;
        }

        int put(ByteBuffer source) {
            int taken = Math.min(source.remaining(), ring.length - count);
            int end = (first + count) % ring.length;
            int unbroken = Math.min(taken, ring.length - end);
            source.get(ring, end, unbroken);
            source.get(ring, 0, taken - unbroken);
            count += taken;
            if (taken > 0) {
                readable.run();
            }
            return taken;
        }

        void end() {
            ended = true;
            readable.run();
        }

        void abandon() {
            abandoned = true;
            count = 0;
            writable.run();
        }
    }
}
