package asyncio.tls;

import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// Buffers that the TLS streams of one loop work in, so that none needs its own while it is idle.
///
/// Threads: loop-confined.
final class ScratchBuffers {
    private static final LoopLocal<ScratchBuffers> OF_LOOP = new LoopLocal<>(loop -> new ScratchBuffers());

    /// Room for four records of the usual greatest size: fewer calls of the system.
    static final int CAPACITY = 4 * 16_709;

    private static final int MAX_KEPT = 4; // two for each of two streams, one on top of the other

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>(MAX_KEPT);

    private ScratchBuffers() {}

    static ScratchBuffers of(EventLoop loop) {
        return OF_LOOP.of(loop);
    }

    /// An empty buffer, to be given back before the code suspends.
    ByteBuffer take(int minBytes) {
        if (minBytes > CAPACITY) {
            return ByteBuffer.allocate(minBytes);
        }
        ByteBuffer kept = free.poll();
        return kept == null ? ByteBuffer.allocate(CAPACITY) : kept.clear();
    }

    void giveBack(ByteBuffer buffer) {
        if (buffer.capacity() == CAPACITY && free.size() < MAX_KEPT) {
            free.push(buffer);
        }
    }
}
