package asyncio.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A stream that first gives bytes that were received before, then those of the stream below: for
/// code that has read too far.
///
/// Owns the stream below. Everything but receiving goes there directly.
///
/// Threads: loop-confined.
public final class PrefixedStream extends ByteStream {
    private final ByteStream lower;
    private final ByteBuffer prefix; // what was not given yet

    /// A stream with bytes before it.
    ///
    /// @param lower the stream below; owned from now on, used by nobody else
    /// @param prefix what is received first; not copied
    public PrefixedStream(ByteStream lower, ByteBuffer prefix) {
        super(lower.loop());
        this.lower = lower;
        this.prefix = Objects.requireNonNull(prefix, "prefix must not be null").slice();
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        int count = Math.min(prefix.remaining(), target.remaining());
        if (count == 0 || lower.isClosed()) {
            return lower.tryReceive(target);
        }
        target.put(target.position(), prefix, prefix.position(), count);
        prefix.position(prefix.position() + count);
        target.position(target.position() + count);
        return count;
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        return lower.trySend(source);
    }

    @Override
    public boolean trySendEof() throws IOException {
        return lower.trySendEof();
    }

    @Override
    public boolean canSendEof() {
        return lower.canSendEof();
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        lower.onReadable(listener);
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        lower.onWritable(listener);
    }

    @Override
    public void close() {
        lower.close();
    }

    @Override
    public void abort() {
        lower.abort();
    }

    @Override
    public boolean isClosed() {
        return lower.isClosed();
    }

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return lower.extraInfo(key);
    }

    @Override
    @Nullable
    WritableByteChannel fileTarget() {
        return lower.fileTarget();
    }

    @Override
    public String toString() {
        return "<PrefixedStream " + prefix.remaining() + " bytes before " + lower + ">";
    }
}
