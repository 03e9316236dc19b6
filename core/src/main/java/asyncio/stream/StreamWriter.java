package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The writing half of a connection.
///
/// Threads: loop-confined.
public final class StreamWriter {
    private final ByteStream stream;
    private ByteBuffer pending = ByteBuffer.allocate(0); // not sent yet; from position to limit
    private boolean closing;

    StreamWriter(ByteStream stream) {
        this.stream = stream;
    }

    /// Writes bytes.
    ///
    /// @param data the bytes
    public void write(byte[] data) {
        if (closing) {
            return;
        }
        pending = ByteBuffer.allocate(pending.remaining() + data.length)
                .put(pending)
                .put(data)
                .flip();
        flush();
    }

    private void flush() {
        try {
            while (pending.hasRemaining() && !stream.isClosed()) {
                if (stream.trySend(pending) == 0) {
                    stream.onWritable(this::flush);
                    return;
                }
            }
        } catch (IOException e) {
            pending.position(pending.limit());
            closing = true;
        }
        if (closing) {
            stream.close();
        }
    }

    /// Waits until there is room.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> drain() {
        return Asyncio.async(() -> {
            stream.sendNow(pending);
        });
    }

    /// Closes when everything is sent.
    public void close() {
        closing = true;
        if (!pending.hasRemaining()) {
            stream.close();
        }
    }

    /// Waits until this is closed.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> waitClosed() {
        return Asyncio.async(() -> {
            while (!stream.isClosed()) {
                stream.sending().await();
            }
        });
    }
}
