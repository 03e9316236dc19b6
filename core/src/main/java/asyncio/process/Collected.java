package asyncio.process;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.stream.StreamReader;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// One output of a child as it is read to its end, in one go or in several.
///
/// Threads: loop-confined.
final class Collected {
    private static final int CHUNK_BYTES = 65536;

    private final String what;
    private final @Nullable StreamReader reader; // null: not a pipe
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean ended;

    Collected(String what, @Nullable StreamReader reader) {
        this.what = what;
        this.reader = reader;
        ended = reader == null;
    }

    /// Reads on, to the end.
    Coroutine<@Nullable Void> collect(int maxBytes) {
        return Asyncio.async(() -> {
            StreamReader source = reader;
            while (source != null && !ended) {
                byte[] chunk = Asyncio.await(source.read(CHUNK_BYTES));
                bytes.writeBytes(chunk);
                ended = chunk.length == 0;
                if (bytes.size() > maxBytes) {
                    throw new OutputLimitException("the child's " + what + " is longer than maxBytes: " + maxBytes
                            + "; allow more, or read it" + " piece by piece");
                }
            }
        });
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
