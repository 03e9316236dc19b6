package asyncio.stream;

import asyncio.Coroutine;
import asyncio.ReusableHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A stream that gives some bytes first, then those of the stream under it, which it owns.
///
/// For bytes that were received already and belong to whoever takes over: a reader's buffer, when TLS
/// begins in the middle of a conversation.
///
/// Threads: loop-confined.
public final class PrefixedStream extends ByteStream {
    private final ByteStream lower;
    private final ReusableHandle teller = loop().createHandle(this::tell);
    private @Nullable ByteBuffer first; // null when all of it was given
    private @Nullable Runnable readable; // to be told by the teller

    /// A stream with bytes before its own.
    ///
    /// @param lower the stream, owned from now on
    /// @param first the bytes; not copied
    public PrefixedStream(ByteStream lower, ByteBuffer first) {
        super(lower.loop());
        this.lower = lower;
        this.first = first.hasRemaining() ? first.slice() : null;
    }

    /// A stream with bytes before its own.
    ///
    /// @param first the bytes; copied, their position stays
    /// @param lower the stream, owned from now on
    /// @return a new stream; the lower one itself if there are no bytes
    public static ByteStream of(ByteBuffer first, ByteStream lower) {
        Objects.requireNonNull(lower, "lower must not be null");
        if (!first.hasRemaining()) {
            return lower;
        }
        ByteBuffer copy = ByteBuffer.allocate(first.remaining());
        copy.put(first.duplicate()).flip();
        return new PrefixedStream(lower, copy);
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        ByteBuffer rest = first;
        if (rest == null || lower.isClosed()) {
            return lower.tryReceive(target);
        }
        int count = Math.min(rest.remaining(), target.remaining());
        target.put(rest.slice(rest.position(), count));
        rest.position(rest.position() + count);
        if (!rest.hasRemaining()) {
            first = null;
        }
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
        if (first == null) {
            readable = null;
            lower.onReadable(listener);
        } else {
            readable = listener;
            teller.schedule();
        }
    }

    private void tell() {
        Runnable told = readable;
        readable = null;
        if (told != null) {
            told.run();
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        lower.onWritable(listener);
    }

    /// Closes the stream under this one in good form.
    ///
    /// Cancellation: skips the good form; the stream is closed.
    ///
    /// @return a coroutine
    @Override
    public Coroutine<@Nullable Void> aclose() {
        return lower.aclose();
    }

    @Override
    public void close() {
        lower.close();
    }

    @Override
    public void closeGently(Duration limit) {
        lower.closeGently(limit);
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
        ByteBuffer rest = first;
        return rest == null ? lower.toString() : "<PrefixedStream " + rest.remaining() + " bytes before " + lower + ">";
    }
}
