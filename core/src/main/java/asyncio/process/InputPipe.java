package asyncio.process;

import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The writing end of a child's input: for those who also receive, nothing ever comes.
///
/// Threads: loop-confined.
final class InputPipe extends ByteStream {
    private final ByteStream pipe;

    InputPipe(ByteStream pipe) {
        super(pipe.loop());
        this.pipe = pipe;
    }

    @Override
    public int tryReceive(ByteBuffer target) {
        return 0;
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        return pipe.trySend(source);
    }

    @Override
    public boolean trySendEof() throws IOException {
        return pipe.trySendEof();
    }

    @Override
    public boolean canSendEof() {
        return true;
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {}

    @Override
    public void onWritable(@Nullable Runnable listener) {
        pipe.onWritable(listener);
    }

    @Override
    public void close() {
        pipe.close();
    }

    @Override
    public boolean isClosed() {
        return pipe.isClosed();
    }

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return pipe.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<InputPipe " + pipe + ">";
    }
}
