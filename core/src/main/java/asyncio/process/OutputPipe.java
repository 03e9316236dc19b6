package asyncio.process;

import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The reading end of a child's output: gives its descriptor back as soon as the end was read, so that
/// a child whose output was read leaves nothing open.
///
/// Threads: loop-confined.
final class OutputPipe extends ByteStream {
    private final ByteStream pipe;
    private @Nullable Runnable onEnd; // told once, when the end is read
    private boolean ended; // the end was read: `pipe` is closed
    private boolean closed;

    OutputPipe(ByteStream pipe) {
        super(pipe.loop());
        this.pipe = pipe;
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        if (closed) {
            throw new StreamClosedException("stream is closed: " + this);
        }
        if (!ended) {
            int count = pipe.tryReceive(target);
            if (count >= 0) {
                return count;
            }
            ended = true;
            pipe.close();
            if (onEnd != null) {
                onEnd.run();
            }
        }
        return -1;
    }

    void onEnd(Runnable listener) {
        onEnd = listener;
    }

    @Override
    public int trySend(ByteBuffer source) {
        throw new UnsupportedOperationException("this stream only receives: " + this);
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        if (!ended) {
            pipe.onReadable(listener);
        } else if (listener != null) {
            loop().callSoon(listener);
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        if (listener != null) {
            throw new UnsupportedOperationException("this stream only receives: " + this);
        }
    }

    @Override
    public void close() {
        loop().checkThread("close");
        closed = true;
        pipe.close();
    }

    @Override
    public boolean isClosed() {
        return closed || pipe.isClosed();
    }

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return pipe.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<OutputPipe " + pipe + (closed ? " closed" : ended ? " ended" : "") + ">";
    }
}
