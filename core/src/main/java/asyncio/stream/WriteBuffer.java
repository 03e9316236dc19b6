package asyncio.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Bytes that were written and not sent yet, copied into blocks: small pieces share one, so that they
/// are sent together.
///
/// Its size is what its user writes and nothing more: a peer cannot make it grow.
///
/// Threads: loop-confined.
final class WriteBuffer {
    private static final int MIN_BLOCK = 16 * 1024;
    private static final int MAX_BLOCK = 256 * 1024; // a sent block is let go: the rest of a big piece holds less

    private final ArrayDeque<ByteBuffer> blocks = new ArrayDeque<>(2); // each ready to be sent; none of them empty
    private @Nullable ByteBuffer filling; // the array of the last block, ready to be filled
    private long sizeBytes;

    long sizeBytes() {
        return sizeBytes;
    }

    boolean isEmpty() {
        return sizeBytes == 0;
    }

    /// Copies all of the bytes.
    void add(ByteBuffer source) {
        sizeBytes += source.remaining();
        while (source.hasRemaining()) {
            ByteBuffer target = filling;
            if (target == null || !target.hasRemaining()) {
                target = ByteBuffer.allocate(Math.clamp(source.remaining(), MIN_BLOCK, MAX_BLOCK));
                filling = target;
                blocks.addLast(ByteBuffer.wrap(target.array()).limit(0));
            }
            int count = Math.min(source.remaining(), target.remaining());
            target.put(target.position(), source, source.position(), count);
            target.position(target.position() + count);
            source.position(source.position() + count);
            blocks.getLast().limit(target.position());
        }
    }

    /// Sends as much as the stream takes now.
    void sendTo(ByteStream stream) throws IOException {
        ByteBuffer block;
        while ((block = blocks.peekFirst()) != null) {
            int before = block.remaining();
            int sent;
            do {
                sent = stream.trySend(block);
            } while (sent > 0 && block.hasRemaining());
            sizeBytes -= before - block.remaining();
            if (block.hasRemaining()) {
                return;
            }
            blocks.removeFirst();
        }
        filling = null;
    }

    void clear() {
        blocks.clear();
        filling = null;
        sizeBytes = 0;
    }
}
