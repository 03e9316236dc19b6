package asyncio.testing;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One end of a simulated connection.
///
/// Threads: loop-confined.
final class SimulatedStream extends ByteStream {
    private final String name;
    private final SimulatedLink incoming;
    private final SimulatedLink outgoing;
    private final SimulatedFate fate;
    private final long latencyNanos; // of the outgoing link
    private boolean closed;

    SimulatedStream(
            EventLoop loop,
            String name,
            SimulatedLink incoming,
            SimulatedLink outgoing,
            SimulatedFate fate,
            long latencyNanos) {
        super(loop);
        this.name = name;
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.fate = fate;
        this.latencyNanos = latencyNanos;
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        ensureOpen();
        return incoming.take(target);
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        ensureOpen();
        if (outgoing.isEndSent()) {
            throw new IllegalStateException("cannot send after the end was sent: " + this);
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
        fate.ensureAlive(nowNanos());
        outgoing.end();
        return true;
    }

    @Override
    public boolean canSendEof() {
        return true;
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        incoming.readable.set(listener, closed ? nowNanos() : incoming.nextReadableNanos());
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        outgoing.writable.set(listener, closed ? nowNanos() : outgoing.nextWritableNanos());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            outgoing.end();
            incoming.abandon(latencyNanos);
            outgoing.writable.tell();
            incoming.readable.tell();
        }
    }

    @Override
    public void abort() {
        if (!closed) {
            fate.resetAt(nowNanos() + latencyNanos);
            close();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    private long nowNanos() {
        return loop().time().toNanos();
    }

    @Override
    public String toString() {
        return "<SimulatedStream " + name + (closed ? " closed" : "") + ">";
    }
}
