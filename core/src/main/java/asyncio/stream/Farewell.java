package asyncio.stream;

import asyncio.ChannelWatch;
import asyncio.EventLoop;
import asyncio.ReusableHandle;
import asyncio.TimerHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/// The last time of a socket that has sent its end: throws away what the peer still sends, until its end
/// or a limit. A socket that is closed with bytes unread is reset by the system, which forgets what is on
/// its way to the peer.
///
/// Threads: loop-confined.
final class Farewell {
    private static final int MAX_IN_A_ROW = 16; // reads in one turn: then the others

    private final ReadableByteChannel input;
    private final ChannelWatch watch;
    private final LoopBuffers buffers;
    private final Runnable whenOver;
    private final ReusableHandle handle;
    private final TimerHandle timer;
    private boolean over; // whenOver was called

    Farewell(EventLoop loop, ReadableByteChannel input, ChannelWatch watch, Duration limit, Runnable whenOver) {
        this.input = input;
        this.watch = watch;
        this.whenOver = whenOver;
        buffers = LoopBuffers.of(loop);
        handle = loop.createHandle(this::discard);
        timer = loop.callLater(limit, this::end);
        watch.noteEnding();
    }

    void discard() {
        ByteBuffer scratch = buffers.takeScratch();
        try {
            for (int i = 0; i < MAX_IN_A_ROW; i++) {
                int count = input.read(scratch.clear());
                if (count < 0) {
                    end();
                    return;
                }
                if (count == 0) {
                    watch.onReadable(handle::schedule);
                    return;
                }
            }
            handle.schedule();
        } catch (IOException e) {
            end(); // the connection is broken: nothing is on its way any more
        } finally {
            buffers.giveScratch(scratch);
        }
    }

    void end() {
        if (!over) {
            over = true;
            handle.cancel();
            timer.cancel();
            whenOver.run();
        }
    }
}
