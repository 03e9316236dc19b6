package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The writing half of a connection.
///
/// Threads: loop-confined.
public final class StreamWriter {
    private final ByteStream stream;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    StreamWriter(ByteStream stream) {
        this.stream = stream;
    }

    /// Writes bytes.
    ///
    /// @param data the bytes
    public void write(byte[] data) {
        pending.writeBytes(data);
    }

    /// Waits until there is room.
    ///
    /// Cancellation: ends the wait.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> drain() {
        return Asyncio.async(() -> {
            ByteBuffer all = ByteBuffer.wrap(pending.toByteArray());
            pending.reset();
            stream.sendNow(all);
        });
    }

    /// Closes.
    public void close() {
        stream.close();
    }
}
