package asyncio.net;

import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.nio.ByteBuffer;

/// A buffer of each loop into which a channel is read before it is known how much there is: so
/// nobody who waits holds a buffer, and what is handed out is as long as it must be.
///
/// Threads: loop-confined; used between two suspensions only.
final class Scratch {
    static final int BYTES = 65536; // more than any datagram has

    private static final LoopLocal<ByteBuffer> OF_LOOP = new LoopLocal<>(loop -> ByteBuffer.allocateDirect(BYTES));

    private Scratch() {}

    /// The buffer, empty, with room for so many bytes, but not more than it has.
    static ByteBuffer of(EventLoop loop, int bytes) {
        return OF_LOOP.of(loop).clear().limit(Math.min(bytes, BYTES));
    }

    /// What was read into it, in an array of its own.
    static byte[] taken(ByteBuffer scratch) {
        byte[] taken = new byte[scratch.flip().remaining()];
        scratch.get(taken);
        return taken;
    }
}
