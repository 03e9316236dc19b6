package asyncio.stream;

import asyncio.AsyncIterator;
import asyncio.Asyncio;
import asyncio.Coroutine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The reading half of a connection: bytes, exact counts, lines, and whatever else ends with a
/// separator.
///
/// ```java
/// try (var lines = reader.values()) {
///     for (byte[] line : lines) {
///         ...
///     }
/// }
/// ```
///
/// It receives when it is read, not before: a peer whose bytes nobody reads is held back. At most
/// 64 KiB are received beyond what was asked for. As an `AsyncIterator` it gives lines with their ends.
///
/// One task reads at a time; a second one gets an error at once. A lost connection is noticed by
/// reading or writing; from then on each read throws that error, also if bytes are left: [#tryRead()]
/// gives those. After one's own `close()` there are the bytes that are left, and the end.
///
/// **Limit.** It bounds what comes before a separator, not what a count names.
///
/// Cancellation: ends the wait of any operation; what had arrived for it stays, for the next read.
///
/// Threads: loop-confined.
public final class StreamReader implements AsyncIterator<byte[]> {
    private static final int DIRECT_BYTES = 16 * 1024; // from here on, exact reads receive what they need and no more
    private static final int ANY = 0; // no known length

    private final StreamTransport transport;
    private final LoopBuffers buffers;
    private final int limitBytes;
    private final ReadBuffer kept;
    private boolean ended; // nothing more will be received
    private boolean upgrading; // startTls() has taken the stream
    private @Nullable Throwable error; // with which the connection was lost

    StreamReader(StreamTransport transport, int limitBytes) {
        this.transport = transport;
        this.limitBytes = limitBytes;
        buffers = LoopBuffers.of(transport.stream().loop());
        kept = new ReadBuffer(buffers);
    }

    /// Reads some bytes: waits until there is at least one, and takes what is there.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `IOException` if the connection is lost.
    ///
    /// @param maxBytes how many at most; 0 gives none
    /// @return a coroutine of the bytes; none at the end of the stream
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> read(int maxBytes) {
        checkCount(maxBytes, "read(maxBytes)");
        return Asyncio.async(() -> {
            Direction way = enter("read");
            try {
                if (maxBytes == 0 || (kept.isEmpty() && !receive(way, ANY, LoopBuffers.SIZE_BYTES))) {
                    return new byte[0];
                }
                return kept.take(Math.min(maxBytes, kept.size()));
            } finally {
                way.leave();
            }
        });
    }

    /// Reads some bytes into a buffer: for loops that make no new array each time.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `IOException` if the connection is lost.
    ///
    /// @param target where the bytes go; its position moves on
    /// @return a coroutine of how many bytes; -1 at the end of the stream
    /// @throws IllegalArgumentException if the buffer has no room or is read-only
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<Integer> read(ByteBuffer target) {
        if (!target.hasRemaining() || target.isReadOnly()) {
            throw new IllegalArgumentException("target must be writable and have room: got " + target + "; clear() it");
        }
        return Asyncio.async(() -> {
            Direction way = enter("read");
            try {
                return kept.isEmpty() && !receive(way, ANY, LoopBuffers.SIZE_BYTES) ? -1 : kept.takeInto(target);
            } finally {
                way.leave();
            }
        });
    }

    /// Reads everything until the end of the stream, however much that is: for peers that one trusts.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `IOException` if the connection is lost.
    ///
    /// @return a coroutine of the bytes
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> read() {
        return readToEnd(Integer.MAX_VALUE);
    }

    /// Reads everything until the end of the stream, if it is not too much.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `LimitOverrunException` if there is more; what was received stays.
    /// `IOException` if the connection is lost.
    ///
    /// @param maxBytes how much it may be
    /// @return a coroutine of the bytes
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> readToEnd(int maxBytes) {
        checkCount(maxBytes, "readToEnd(maxBytes)");
        return Asyncio.async(() -> {
            Direction way = enter("read");
            try {
                do {
                    if (kept.size() > maxBytes) {
                        throw new LimitOverrunException(
                                "more than " + maxBytes + " bytes before the end of the stream", kept.size());
                    }
                } while (receive(way, ANY, LoopBuffers.SIZE_BYTES));
                return kept.takeAll();
            } finally {
                way.leave();
            }
        });
    }

    /// Reads exactly so many bytes; they may be more than the limit.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `IncompleteReadException` if the stream ends before, with what there was.
    /// `IOException` if the connection is lost.
    ///
    /// @param countBytes how many
    /// @return a coroutine of the bytes
    /// @throws IllegalArgumentException if the number is negative
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> readExactly(int countBytes) {
        checkCount(countBytes, "readExactly(countBytes)");
        return Asyncio.async(() -> {
            Direction way = enter("readExactly");
            try {
                while (kept.size() < countBytes) {
                    int missing = countBytes - kept.size();
                    boolean received = countBytes >= DIRECT_BYTES
                            ? receive(way, countBytes, missing)
                            : receive(way, ANY, LoopBuffers.SIZE_BYTES);
                    if (!received) {
                        throw new IncompleteReadException(kept.takeAll(), countBytes);
                    }
                }
                return kept.take(countBytes);
            } finally {
                way.leave();
            }
        });
    }

    private static void checkCount(int countBytes, String name) {
        if (countBytes < 0) {
            throw new IllegalArgumentException(
                    name + " size can not be less than zero: got " + countBytes + "; read() reads to the end");
        }
    }

    /// Reads up to a separator, which is included. Of several, the one that ends first counts.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `LimitOverrunException` if there is more than the limit before a separator;
    /// the bytes stay. `IncompleteReadException` if the stream ends before, with what there was.
    /// `IOException` if the connection is lost.
    ///
    /// @param separator one or more bytes
    /// @param more other separators
    /// @return a coroutine of the bytes
    /// @throws IllegalArgumentException if a separator is empty
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> readUntil(byte[] separator, byte[]... more) {
        SeparatorSearch search = SeparatorSearch.of(separator, more);
        return Asyncio.async(() -> {
            Direction way = enter("readUntil");
            try {
                byte[] found = upTo(search, way);
                if (found == null) {
                    throw new IncompleteReadException(kept.takeAll());
                }
                return found;
            } finally {
                way.leave();
            }
        });
    }

    /// Reads a line, with its end, which is a line feed. The last line may have none.
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// Errors, when awaited: `LimitOverrunException` if the line is longer than the limit; it is dropped,
    /// or as much of it as was received. `IOException` if the connection is lost.
    ///
    /// @return a coroutine of the line; empty at the end of the stream
    /// @throws IllegalStateException when awaited, while another task reads
    public Coroutine<byte[]> readLine() {
        return Asyncio.async(this::line);
    }

    private byte[] line() throws IOException {
        Direction way = enter("readLine");
        SeparatorSearch search = SeparatorSearch.ofLine();
        try {
            byte[] found = upTo(search, way);
            return found == null ? kept.takeAll() : found;
        } catch (LimitOverrunException e) {
            boolean complete = e.consumedBytes() < kept.size() && kept.at(e.consumedBytes()) == '\n';
            kept.drop(complete ? e.consumedBytes() + 1 : kept.size());
            throw new LimitOverrunException(e.getMessage() + "; the line was dropped", e.consumedBytes());
        } finally {
            way.leave();
        }
    }

    /// What ends with a separator; null at the end of the stream.
    private byte @Nullable [] upTo(SeparatorSearch search, Direction way) throws IOException {
        int start;
        while ((start = search.find(kept)) < 0) {
            if (search.before(kept) > limitBytes) {
                throw new LimitOverrunException(
                        "Separator is not found, and chunk exceed the limit of " + limitBytes + " bytes",
                        search.before(kept));
            }
            if (!receive(way, ANY, LoopBuffers.SIZE_BYTES)) {
                return null;
            }
        }
        if (start > limitBytes) {
            throw new LimitOverrunException(
                    "Separator is found, but chunk is longer than limit of " + limitBytes + " bytes", start);
        }
        return kept.take(start + search.length());
    }

    /// Reads the next line, as [#readLine()].
    ///
    /// Cancellation: ends the wait; nothing is lost.
    ///
    /// @return a coroutine of the line with its end; empty at the end of the stream
    @Override
    public Coroutine<Optional<byte[]>> anext() {
        return Asyncio.async(() -> {
            byte[] line = line();
            return line.length == 0 ? Optional.empty() : Optional.of(line);
        });
    }

    /// The lines as text, without their ends: a line feed, or carriage return and line feed.
    ///
    /// @param charset of the text; one in which a line feed is one byte
    /// @return an iterator over this reader
    public AsyncIterator<String> lines(Charset charset) {
        Objects.requireNonNull(charset, "charset must not be null");
        return () -> Asyncio.async(() -> {
            byte[] line = line();
            int length = line.length;
            if (length == 0) {
                return Optional.empty();
            }
            length -= line[length - 1] == '\n' ? 1 : 0;
            length -= length < line.length && length > 0 && line[length - 1] == '\r' ? 1 : 0;
            return Optional.of(new String(line, 0, length, charset));
        });
    }

    /// Takes what was received and not read, without waiting; also after the connection was lost.
    ///
    /// @return the bytes; none if nothing is left
    /// @throws IllegalStateException while a task reads
    public byte[] tryRead() {
        Direction way = transport.stream().receiving();
        way.enter("tryRead");
        way.leave();
        return kept.takeAll();
    }

    /// Whether everything was read, and a read has met the end of the stream.
    ///
    /// @return true if further reads give nothing
    public boolean atEof() {
        return ended && kept.isEmpty();
    }

    /// With which error the connection was lost.
    ///
    /// @return the error that each read throws; null if there is none
    public @Nullable Throwable exception() {
        return error;
    }

    /// How many bytes may come before a separator.
    ///
    /// @return the limit
    public int limitBytes() {
        return limitBytes;
    }

    // Receiving

    private Direction enter(String operation) throws IOException {
        if (upgrading) {
            throw new IllegalStateException(
                    operation + "() called while startTls() is in progress on " + transport + ": await it first");
        }
        throwIfLost();
        Direction way = transport.stream().receiving();
        way.enter(operation);
        return way;
    }

    private void throwIfLost() throws IOException {
        switch (error) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IOException("Connection lost: " + e, e);
        }
    }

    /// Waits for bytes and keeps them; false at the end.
    ///
    /// @param expectedBytes how many there will be in all, if that is known
    /// @param maxBytes how many may be received now
    private boolean receive(Direction way, int expectedBytes, int maxBytes) throws IOException {
        way.giveTurn();
        while (true) {
            throwIfLost();
            if (ended) {
                return false;
            }
            ByteBuffer scratch = buffers.takeScratch();
            try {
                int count = tryReceive(scratch.limit(Math.min(maxBytes, scratch.capacity())));
                if (count != 0) {
                    ended = count < 0;
                    kept.append(scratch.flip(), expectedBytes);
                    return !ended;
                }
            } finally {
                buffers.giveScratch(scratch);
            }
            kept.shrink();
            way.await();
        }
    }

    private int tryReceive(ByteBuffer target) throws IOException {
        try {
            return transport.stream().tryReceive(target);
        } catch (StreamClosedException e) {
            return -1; // here: as in asyncio, that is an end
        } catch (IOException e) {
            error = e;
            transport.fail(e);
            throw e;
        }
    }

    /// The connection is over: from now on reads throw, or find the end.
    void lost(@Nullable Throwable why) {
        if (error == null) {
            error = why;
        }
        ended = true;
    }

    // Upgrades

    /// Takes the stream away from readers, until [#endUpgrade()].
    void beginUpgrade() throws IOException {
        enter("startTls").leave();
        upgrading = true;
    }

    /// What the upper stream must see first.
    ByteBuffer takeReceived() {
        return ByteBuffer.wrap(kept.takeAll());
    }

    void endUpgrade() {
        upgrading = false;
    }

    @Override
    public String toString() {
        return "<StreamReader " + kept.size() + " bytes"
                + (error != null ? " exception=" + error : ended ? " eof" : "")
                + " of " + transport + ">";
    }
}
