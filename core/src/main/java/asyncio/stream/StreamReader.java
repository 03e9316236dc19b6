package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The reading half of a connection: bytes, exact counts, lines.
///
/// Threads: loop-confined.
public final class StreamReader {
    private static final int CHUNK_BYTES = 65536;

    private ByteStream stream;
    private final int limitBytes;
    private byte[] buffered = new byte[0];
    private boolean ended;

    StreamReader(ByteStream stream, int limitBytes) {
        this.stream = stream;
        this.limitBytes = limitBytes;
    }

    /// Reads a line, with its end.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// @return a coroutine of the line; empty at the end
    public Coroutine<byte[]> readLine() {
        return Asyncio.async(() -> {
            int end;
            while ((end = indexOfLineFeed()) < 0 && fill()) {
                if (buffered.length > limitBytes) {
                    throw new IllegalStateException("line too long");
                }
            }
            return take(end < 0 ? buffered.length : end + 1);
        });
    }

    /// Reads everything until the end.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// @return a coroutine of the bytes
    public Coroutine<byte[]> read() {
        return Asyncio.async(() -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(take(buffered.length));
            while (fill()) {
                all.writeBytes(take(buffered.length));
            }
            return all.toByteArray();
        });
    }

    /// Whether everything was read.
    ///
    /// @return true if so
    public boolean atEof() {
        return ended && buffered.length == 0;
    }

    private int indexOfLineFeed() {
        for (int i = 0; i < buffered.length; i++) {
            if (buffered[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private byte[] take(int count) {
        byte[] taken = Arrays.copyOf(buffered, count);
        buffered = Arrays.copyOfRange(buffered, count, buffered.length);
        return taken;
    }

    private boolean fill() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        stream.receiving().enter("read");
        try {
            if (stream.receiveNow(chunk) < 0) {
                ended = true;
                return false;
            }
        } finally {
            stream.receiving().leave();
        }
        int before = buffered.length;
        buffered = Arrays.copyOf(buffered, before + chunk.position());
        chunk.flip().get(buffered, before, buffered.length - before);
        return true;
    }
}
