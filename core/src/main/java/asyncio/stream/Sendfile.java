package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.ThreadOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/// Sends files, made for `import static`.
///
/// To a plain socket the system copies the bytes by itself; to any other stream they go through a
/// buffer. Either way files are read on a thread of the default executor: a slow disk does not hold the
/// loop. While a file is sent nothing else can be sent on the same stream.
///
/// The file's position is afterwards behind what was sent, also after a failure.
///
/// Threads: the functions belong to the stream's loop.
public final class Sendfile {
    /*
     * The native way: a thread transfers into the non-blocking socket until that takes no more; the loop waits until
     * it does. The loop itself does not touch the sending side meanwhile. A cancelled caller waits for the thread, so
     * that nothing is sent behind its back.
     */
    private static final int FALLBACK_BLOCK = 256 * 1024;
    private static final long NATIVE_BLOCK = 8L << 20; // what one visit to a thread may send
    private static final long END_OF_FILE = -1;
    private static final ThreadOptions AWAITED = ThreadOptions.DEFAULT.awaited(true);

    private final ByteStream stream;
    private final FileChannel file;
    private final long offset;
    private final long count;
    private long sent; // written by one thread at a time: the loop's, or the one that it waits for

    private Sendfile(ByteStream stream, FileChannel file, long offset, long count) {
        this.stream = stream;
        this.file = file;
        this.offset = offset;
        this.count = count;
    }

    /// Sends a whole file over a transport.
    ///
    /// Cancellation: ends the sending; some bytes may have been sent, the file's position says how many.
    ///
    /// Errors, when awaited: `IOException` if the file cannot be read, or the connection is lost.
    ///
    /// @param transport the transport; of a writer, [StreamWriter#transport()]
    /// @param file open for reading
    /// @return a coroutine of how many bytes were sent
    /// @throws IllegalStateException when awaited, if the transport is closing, or after its end was sent
    public static Coroutine<Long> sendfile(StreamTransport transport, FileChannel file) {
        return sendfile(transport, file, 0, Long.MAX_VALUE, true);
    }

    /// Sends a part of a file over a transport.
    ///
    /// Cancellation: ends the sending; some bytes may have been sent, the file's position says how many.
    ///
    /// Errors, when awaited: `IOException` if the file cannot be read, or the connection is lost.
    ///
    /// @param transport the transport
    /// @param file open for reading
    /// @param offset where the part begins
    /// @param count how many bytes at most; the file may end before
    /// @param fallback whether a buffer may be used where the system cannot send files by itself
    /// @return a coroutine of how many bytes were sent
    /// @throws IllegalArgumentException if the offset is negative, or the count not positive
    /// @throws IllegalStateException when awaited, if the transport is closing, or after its end was sent
    /// @throws SendfileNotAvailableException when awaited, if a buffer would be needed and must not be used
    public static Coroutine<Long> sendfile(
            StreamTransport transport, FileChannel file, long offset, long count, boolean fallback) {
        Objects.requireNonNull(transport, "transport must not be null");
        check(file, offset, count);
        return Asyncio.async(() -> transport.sendfile(file, offset, count, fallback));
    }

    /// Sends a part of a file over a stream.
    ///
    /// Cancellation: ends the sending; some bytes may have been sent, the file's position says how many.
    ///
    /// Errors, when awaited: `IOException` if the file cannot be read, or the connection is lost.
    ///
    /// @param stream the stream
    /// @param file open for reading
    /// @param offset where the part begins
    /// @param count how many bytes at most; the file may end before
    /// @param fallback whether a buffer may be used where the system cannot send files by itself
    /// @return a coroutine of how many bytes were sent
    /// @throws IllegalArgumentException if the offset is negative, or the count not positive
    /// @throws IllegalStateException when awaited, while another task sends, or after the end was sent
    /// @throws SendfileNotAvailableException when awaited, if a buffer would be needed and must not be used
    public static Coroutine<Long> sendfile(
            ByteStream stream, FileChannel file, long offset, long count, boolean fallback) {
        Objects.requireNonNull(stream, "stream must not be null");
        check(file, offset, count);
        return Asyncio.async(() -> send(stream, file, offset, count, fallback));
    }

    private static void check(FileChannel file, long offset, long count) {
        Objects.requireNonNull(file, "file must not be null");
        if (offset < 0) {
            throw new IllegalArgumentException("offset must be a non-negative integer: got " + offset);
        }
        if (count <= 0) {
            throw new IllegalArgumentException(
                    "count must be a positive integer: got " + count + "; Long.MAX_VALUE for all that there is");
        }
    }

    static long send(ByteStream stream, FileChannel file, long offset, long count, boolean fallback)
            throws IOException {
        WritableByteChannel target = stream.fileTarget();
        if (target == null && !fallback) {
            throw new SendfileNotAvailableException("sendfile is not available for " + stream
                    + ": files go there through a buffer; allow it with fallback");
        }
        Sendfile work = new Sendfile(stream, file, offset, Math.min(count, Long.MAX_VALUE - offset));
        Direction way = stream.sending();
        way.enter("sendfile");
        try {
            if (target == null) {
                work.throughBuffer(way);
            } else {
                work.natively(target, way);
            }
            return work.sent;
        } finally {
            way.leave();
            work.movePosition();
        }
    }

    private void movePosition() throws IOException {
        if (file.isOpen()) {
            file.position(offset + sent);
        }
    }

    private void natively(WritableByteChannel target, Direction way) throws IOException {
        while (sent < count) {
            long moved;
            try {
                moved = Asyncio.await(Asyncio.toThread(() -> transfer(target), AWAITED), IOException.class);
            } catch (ClosedChannelException e) {
                if (stream.isClosed()) {
                    throw new StreamClosedException("stream is closed: " + stream);
                }
                throw file.isOpen() ? ChannelStream.translated(e) : e;
            }
            if (moved == END_OF_FILE) {
                return;
            }
            if (moved == 0) {
                way.await();
            }
        }
    }

    /// On a thread: sends what the socket takes now.
    private long transfer(WritableByteChannel target) throws IOException {
        long before = sent;
        long end = before + Math.min(count - before, NATIVE_BLOCK);
        while (sent < end) {
            long moved;
            try {
                moved = file.transferTo(offset + sent, end - sent, target);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                throw ChannelStream.translated(e);
            }
            if (moved <= 0) {
                return sent == before && offset + sent >= file.size() ? END_OF_FILE : sent - before;
            }
            sent += moved;
        }
        return sent - before;
    }

    private void throughBuffer(Direction way) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, FALLBACK_BLOCK));
        while (sent < count) {
            buffer.clear().limit((int) Math.min(count - sent, buffer.capacity()));
            int read =
                    Asyncio.await(Asyncio.toThread(() -> file.read(buffer, offset + sent), AWAITED), IOException.class);
            if (read < 0) {
                return;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                int taken = stream.trySend(buffer);
                sent += taken;
                if (taken == 0) {
                    way.await();
                }
            }
        }
    }

    @Override
    public String toString() {
        return "<Sendfile " + sent + " bytes to " + stream + ">";
    }
}
