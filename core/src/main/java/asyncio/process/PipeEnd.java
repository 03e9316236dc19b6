package asyncio.process;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// This program's end of a child's input or output, if that is a pipe: one that the poller watches, or
/// one with a thread.
///
/// Threads: made on a worker's thread, then the loop's.
///
/// @param kernel a pipe that the poller watches, or null
/// @param byThread a stream that has a thread, or null
record PipeEnd(@Nullable KernelPipe kernel, @Nullable ByteStream byThread) {
    /// Of what is no pipe.
    static final PipeEnd NONE = new PipeEnd(null, null);

    /// The stream, made on the loop; null if it is no pipe.
    @Nullable
    ByteStream stream(EventLoop loop) {
        return kernel == null ? byThread : new ChannelStream(loop, kernel.ours());
    }

    void close() {
        try {
            if (kernel != null) {
                kernel.close();
            }
        } catch (IOException e) {
            // Nobody is left who could be told; the descriptor is given back all the same.
        }
        if (byThread != null) {
            byThread.close();
        }
    }
}
