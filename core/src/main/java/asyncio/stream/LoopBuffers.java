package asyncio.stream;

import asyncio.EventLoop;
import asyncio.LoopLocal;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The big buffers of a loop, which all its streams share: a connection that waits holds none.
///
/// Whoever takes one has it alone until it is given back. Another one is made for whoever comes
/// meanwhile, such as an eager task inside a callback that looks at received bytes.
///
/// Threads: loop-confined.
final class LoopBuffers {
    /// How big each buffer is.
    static final int SIZE_BYTES = 65536;

    private static final LoopLocal<LoopBuffers> OF_LOOP = new LoopLocal<>(loop -> new LoopBuffers());

    private @Nullable ByteBuffer scratch; // null while in use
    private byte @Nullable [] array; // null while in use

    private LoopBuffers() {}

    static LoopBuffers of(EventLoop loop) {
        return OF_LOOP.of(loop);
    }

    /// A direct buffer, empty, to receive into; never held over a wait.
    ByteBuffer takeScratch() {
        ByteBuffer taken = scratch;
        scratch = null;
        return taken == null ? ByteBuffer.allocateDirect(SIZE_BYTES) : taken.clear();
    }

    void giveScratch(ByteBuffer taken) {
        scratch = taken.order(java.nio.ByteOrder.BIG_ENDIAN); // a user may have changed it
    }

    /// An array for bytes that are about to be read.
    byte[] takeArray() {
        byte[] taken = array;
        array = null;
        return taken == null ? new byte[SIZE_BYTES] : taken;
    }

    void giveArray(byte[] taken) {
        array = taken;
    }
}
