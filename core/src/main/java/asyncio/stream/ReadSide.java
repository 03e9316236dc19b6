package asyncio.stream;

import asyncio.EventLoop;
import asyncio.ReusableHandle;
import asyncio.SystemExit;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Receives for a protocol: bytes as they come, then the end.
///
/// Threads: loop-confined.
final class ReadSide {
    /*
     * One full buffer in each iteration, so that a fast peer does not keep the others waiting. A read that did not
     * fill its buffer is repeated at once, because only a try that gives nothing allows to wait for the stream; on a
     * drained channel that costs no system call.
     */
    private static final int MAX_SHORT_READS = 16;

    private final StreamTransport transport;
    private final LoopBuffers buffers;
    private final ReusableHandle handle;
    private final Runnable readable; // told by the stream
    private boolean started; // connectionMade was called, and nothing else reads
    private boolean paused;
    private boolean ended; // the peer has sent its end

    ReadSide(StreamTransport transport, EventLoop loop, LoopBuffers buffers) {
        this.transport = transport;
        this.buffers = buffers;
        handle = loop.createHandle(this::readable);
        readable = handle::schedule;
    }

    void start() {
        started = true;
        resumeIfMeant();
    }

    /// Lets the stream alone, until [#start()].
    void halt() {
        started = false;
        transport.stream().onReadable(null);
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        resumeIfMeant();
    }

    private void resumeIfMeant() {
        if (isActive()) {
            handle.schedule(); // tries first: what is there is not told
        }
    }

    boolean isPaused() {
        return paused;
    }

    private boolean isActive() {
        return started && !paused && !ended && !transport.isClosing();
    }

    private void readable() {
        try {
            for (int i = 0; isActive() && i < MAX_SHORT_READS; i++) {
                if (!readOnce()) {
                    return;
                }
            }
        } catch (SystemExit | asyncio.KeyboardInterrupt e) { // ends the run; in the next one, reading goes on
            resumeIfMeant();
            throw e;
        }
        resumeIfMeant();
    }

    /// Reads and delivers; false if another try must wait.
    private boolean readOnce() {
        return transport.protocol() instanceof BufferedProtocol buffered
                ? readInto(buffered)
                : readFor(transport.protocol());
    }

    private boolean readFor(Protocol protocol) {
        ByteBuffer scratch = buffers.takeScratch();
        try {
            int count = receive(scratch);
            boolean filled = !scratch.hasRemaining();
            if (count > 0) {
                scratch.flip();
                transport.guard("dataReceived", () -> protocol.dataReceived(scratch));
            }
            return goesOn(count, filled);
        } finally {
            buffers.giveScratch(scratch);
        }
    }

    private boolean readInto(BufferedProtocol protocol) {
        ByteBuffer[] given = {null};
        transport.guard("getBuffer", () -> {
            ByteBuffer target = protocol.getBuffer(-1);
            if (!target.hasRemaining() || target.isReadOnly()) {
                throw new IllegalStateException(
                        "getBuffer() returned an empty buffer: got " + target + "; it must be writable and have room");
            }
            given[0] = target;
        });
        ByteBuffer target = given[0];
        if (target == null) {
            return false;
        }
        int count = receive(target);
        boolean filled = !target.hasRemaining();
        if (count > 0) {
            transport.guard("bufferUpdated", () -> protocol.bufferUpdated(count));
        }
        return goesOn(count, filled);
    }

    /// What the stream gives now; 0 also if it failed, which is dealt with.
    private int receive(ByteBuffer target) {
        try {
            return transport.stream().tryReceive(target);
        } catch (IOException e) {
            transport.fail(e);
        } catch (RuntimeException e) {
            transport.fatal("Fatal read error on transport", e);
        }
        return 0;
    }

    private boolean goesOn(int count, boolean filled) {
        if (count < 0) {
            ended = true;
            transport.endOfInput();
            return false;
        }
        if (!isActive()) {
            return false;
        }
        if (count == 0) {
            transport.stream().onReadable(readable);
            return false;
        }
        if (filled) {
            handle.schedule();
        }
        return !filled;
    }
}
