package asyncio.stream;

import asyncio.EventLoop;
import asyncio.ReusableHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sends for a transport: at once if that can be done, the rest when the stream takes it, then the
/// end.
///
/// Threads: loop-confined.
final class WriteSide {
    private static final int DROPS_BEFORE_WARNING = 5;

    private final StreamTransport transport;
    private final EventLoop loop;
    private final LoopBuffers buffers;
    private final WriteBuffer kept = new WriteBuffer();
    private WaterMarks marks = WaterMarks.DEFAULT;
    private @Nullable ReusableHandle flush; // made when something is kept for the first time
    private @Nullable String blockedBy; // what must not be disturbed by a write; null: nothing
    private boolean paused; // the protocol was asked to pause
    private boolean endWanted;
    private boolean endSent;
    private int drops; // writes after the connection was over

    WriteSide(StreamTransport transport, EventLoop loop, LoopBuffers buffers) {
        this.transport = transport;
        this.loop = loop;
        this.buffers = buffers;
    }

    void write(ByteBuffer data) {
        if (mayWrite(data.hasRemaining())) {
            send(data);
            pauseIfHigh();
        } else {
            data.position(data.limit());
        }
    }

    /// Sends small pieces together, in one call of the system.
    void writelines(List<ByteBuffer> pieces) {
        if (!mayWrite(pieces.stream().anyMatch(ByteBuffer::hasRemaining))) {
            pieces.forEach(piece -> piece.position(piece.limit()));
            return;
        }
        ByteBuffer scratch = buffers.takeScratch();
        try {
            for (ByteBuffer piece : pieces) {
                if (piece.remaining() > scratch.remaining()) {
                    send(scratch.flip());
                    scratch.clear();
                }
                if (piece.remaining() > scratch.remaining()) {
                    send(piece);
                } else {
                    scratch.put(piece);
                }
            }
            send(scratch.flip());
        } finally {
            buffers.giveScratch(scratch);
        }
        pauseIfHigh();
    }

    /// Whether bytes are to be sent; throws if they must not be written, counts those that are lost.
    private boolean mayWrite(boolean hasBytes) {
        if (endWanted) {
            throw new IllegalStateException("Cannot call write() after writeEof(): " + transport);
        }
        ensureFree("write");
        if (hasBytes && transport.isClosing()) {
            if (++drops >= DROPS_BEFORE_WARNING) {
                loop.logWarning("socket.send() raised exception: " + drops + " writes were dropped by " + transport
                        + ", which is closed; stop writing when it is");
            }
            return false;
        }
        return hasBytes;
    }

    private void ensureFree(String operation) {
        if (blockedBy != null) {
            throw new IllegalStateException("unable to " + operation + "; " + blockedBy + " is in progress on "
                    + transport + ": await it first");
        }
    }

    private void send(ByteBuffer data) {
        if (transport.isLost()) { // by the piece before
            data.position(data.limit());
            return;
        }
        boolean idle = kept.isEmpty();
        try {
            while (idle && data.hasRemaining() && transport.stream().trySend(data) > 0) {
                // the next part
            }
        } catch (IOException | RuntimeException e) {
            data.position(data.limit());
            failed(e);
            return;
        }
        if (data.hasRemaining()) {
            kept.add(data);
            if (idle) {
                awaitWritable();
            }
        }
    }

    private void failed(Exception failure) {
        if (failure instanceof IOException) {
            transport.fail(failure);
        } else {
            transport.fatal("Fatal write error on transport", failure);
        }
    }

    private void awaitWritable() {
        ReusableHandle handle = flush;
        if (handle == null) {
            handle = loop.createHandle(this::flush);
            flush = handle;
        }
        transport.stream().onWritable(handle::schedule);
    }

    private void flush() {
        if (transport.isLost()) {
            return;
        }
        try {
            kept.sendTo(transport.stream());
        } catch (IOException | RuntimeException e) {
            failed(e);
            return;
        }
        resumeIfLow(); // may write more
        if (!kept.isEmpty()) {
            awaitWritable();
        } else {
            emptied();
        }
    }

    private void emptied() {
        if (endWanted && !endSent && !trySendEnd()) {
            return;
        }
        transport.emptied();
    }

    /// False if the end must wait, or the stream has failed.
    private boolean trySendEnd() {
        try {
            endSent = transport.stream().trySendEof();
        } catch (IOException | RuntimeException e) {
            failed(e);
            return false;
        }
        if (!endSent) {
            awaitWritable();
        }
        return endSent;
    }

    private void pauseIfHigh() {
        if (!paused && kept.sizeBytes() > marks.highBytes()) {
            paused = true;
            transport.guardQuietly("pauseWriting", transport.protocol()::pauseWriting);
        }
    }

    private void resumeIfLow() {
        if (paused && kept.sizeBytes() <= marks.lowBytes()) {
            paused = false;
            transport.guardQuietly("resumeWriting", transport.protocol()::resumeWriting);
        }
    }

    void writeEof() {
        ensureFree("writeEof");
        if (endWanted || transport.isClosing()) {
            return;
        }
        if (!transport.stream().canSendEof()) {
            throw new UnsupportedOperationException(
                    "writeEof() is not supported by " + transport.stream() + "; close it instead");
        }
        endWanted = true;
        if (kept.isEmpty()) {
            trySendEnd();
        }
    }

    /// Keeps writes away from the stream, until [#unblock()].
    void block(String operation) {
        if (endWanted) {
            throw new IllegalStateException("Cannot call " + operation + "() after writeEof(): " + transport);
        }
        ensureFree(operation);
        blockedBy = operation;
    }

    void unblock() {
        blockedBy = null;
    }

    /// Whether everything written is sent, the end included.
    boolean isFlushed() {
        return kept.isEmpty() && (!endWanted || endSent);
    }

    void drop() {
        kept.clear();
    }

    int sizeBytes() {
        return (int) Math.min(kept.sizeBytes(), Integer.MAX_VALUE);
    }

    WaterMarks marks() {
        return marks;
    }

    void setMarks(WaterMarks newMarks) {
        marks = newMarks;
        pauseIfHigh();
    }
}
