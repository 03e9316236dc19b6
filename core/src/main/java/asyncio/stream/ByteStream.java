package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A connection that carries bytes both ways: a socket, TLS over something, a pair in memory, or
/// one of your own.
///
/// Sending awaits, so a peer that does not read holds its sender back, and nothing piles up in
/// between. One task receives and one task sends at a time; a second one gets an error at once.
/// Receiving and sending do not hinder each other.
///
/// ```java
/// ByteBuffer buffer = ByteBuffer.allocate(8192);
/// while (await(stream.receive(buffer.clear())) >= 0) {
///     await(stream.send(buffer.flip()));
/// }
/// await(stream.sendEof());
/// ```
///
/// **Making one.** A subclass says what can be done now, without waiting (`try...`), and tells a
/// listener when to try again (`on...`). Waiting, fairness, and the one task each way are done here,
/// once for all streams.
///
/// Fairness: a task whose stream always has something to give still lets the others run, once in
/// a while.
///
/// Errors: failures of the connection are `IOException`s, as they are; a lost one is a
/// [ConnectionResetException], one's own closed stream a [StreamClosedException].
///
/// Threads: loop-confined.
@SuppressWarnings("this-escape") // the two directions only keep the reference
public abstract class ByteStream implements AutoCloseable {
    private final EventLoop loop;
    private final Direction receiving = new Direction(this, "receive", true);
    private final Direction sending = new Direction(this, "send", false);

    /// A stream of one loop.
    ///
    /// @param loop the loop
    protected ByteStream(EventLoop loop) {
        this.loop = Objects.requireNonNull(loop, "loop must not be null");
    }

    /// The loop whose tasks use this stream.
    ///
    /// @return the loop
    public final EventLoop loop() {
        return loop;
    }

    // For tasks

    /// Receives at least one byte: waits until there is something, and takes what is there, up to
    /// the room in the buffer.
    ///
    /// Cancellation: ends the wait; nothing was received.
    ///
    /// Errors, when awaited: `IOException` if the connection failed, or was closed here.
    ///
    /// @param target where the bytes go; its position moves on
    /// @return a coroutine of how many bytes; -1 at the end of the stream, again and again
    /// @throws IllegalArgumentException if the buffer has no room or is read-only
    /// @throws IllegalStateException when awaited, while another task receives, or on another loop
    public final Coroutine<Integer> receive(ByteBuffer target) {
        if (!target.hasRemaining() || target.isReadOnly()) {
            throw new IllegalArgumentException("target must be writable and have room: got " + target + "; clear() it");
        }
        return Asyncio.async(() -> {
            receiving.enter();
            try {
                return receiveNow(target);
            } finally {
                receiving.leave();
            }
        });
    }

    /// Receives in the current task, which has entered the direction.
    final int receiveNow(ByteBuffer target) throws IOException {
        receiving.giveTurn();
        int count;
        while ((count = tryReceive(target)) == 0) {
            receiving.await();
        }
        return count;
    }

    final Direction receiving() {
        return receiving;
    }

    final Direction sending() {
        return sending;
    }

    /// Sends all bytes: waits as long as the peer does not take them. When it returns, they are on
    /// their way; nothing is kept here.
    ///
    /// Cancellation: ends the wait. Some bytes may have been sent: the buffer's position says how many.
    ///
    /// Errors, when awaited: `IOException` if the connection failed, or was closed here.
    ///
    /// @param source the bytes; its position moves on
    /// @return a coroutine
    /// @throws IllegalStateException when awaited, while another task sends, after the end was sent, or
    ///     on another loop
    public final Coroutine<@Nullable Void> send(ByteBuffer source) {
        Objects.requireNonNull(source, "source must not be null");
        return Asyncio.async(() -> {
            sending.enter();
            try {
                sendNow(source);
            } finally {
                sending.leave();
            }
        });
    }

    /// Sends all bytes of an array, as [#send(ByteBuffer)]. The array must not change until then.
    ///
    /// Cancellation: ends the wait. Some bytes may have been sent, and nobody knows how many: close the
    /// stream.
    ///
    /// Errors, when awaited: `IOException` if the connection failed, or was closed here.
    ///
    /// @param data the bytes
    /// @return a coroutine
    /// @throws IllegalStateException when awaited, while another task sends, after the end was sent, or
    ///     on another loop
    public final Coroutine<@Nullable Void> send(byte[] data) {
        return send(ByteBuffer.wrap(data));
    }

    final void sendNow(ByteBuffer source) throws IOException {
        sending.giveTurn();
        while (source.hasRemaining()) {
            if (trySend(source) == 0) {
                sending.await();
            } else if (source.hasRemaining()) {
                sending.giveTurn(); // much to send, and a fast peer
            }
        }
    }

    /// Sends the end of the stream; receiving goes on. The peer sees the end after all bytes.
    ///
    /// Cancellation: ends the wait; the end was not sent.
    ///
    /// Errors, when awaited: `IOException` if the connection failed, or was closed here.
    ///
    /// @return a coroutine
    /// @throws UnsupportedOperationException if the stream has no such thing; see [#canSendEof()]
    /// @throws IllegalStateException when awaited, while another task sends, or on another loop
    public final Coroutine<@Nullable Void> sendEof() {
        return Asyncio.async(() -> {
            sending.enter();
            try {
                while (!trySendEof()) {
                    sending.await();
                }
            } finally {
                sending.leave();
            }
        });
    }

    /// Closes in good form, and closes in any case. What that means depends on the stream: TLS says
    /// goodbye; a socket has nothing to say. May be called again, by several tasks, and after [#close()]:
    /// then it waits until everything sent has left, or does nothing.
    ///
    /// Cancellation: skips the good form; the stream is closed.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(this::close);
    }

    /// The receiving side for code that reads from an `InputStream`: parsers, decompressors, readers
    /// of text. Where a read would block, it suspends the task, so such code runs in any task as it
    /// is, and holds nobody up.
    ///
    /// Nothing is buffered. Closing it closes the whole stream.
    ///
    /// Cancellation: a read throws [asyncio.CancelledError]; nothing was received.
    ///
    /// @return a view of this stream, for tasks of its loop only
    public final InputStream inputStream() {
        return new TaskInputStream(this);
    }

    /// The sending side for code that writes to an `OutputStream`, as [#inputStream()].
    ///
    /// Nothing is buffered. Closing it closes the whole stream.
    ///
    /// Cancellation: a write throws [asyncio.CancelledError]; how much was sent is not known.
    ///
    /// @return a view of this stream, for tasks of its loop only
    public final OutputStream outputStream() {
        return new TaskOutputStream(this);
    }

    /// This stream for code that wants a connected `Socket`: HTTP libraries, drivers of databases. Where
    /// such a socket would block, the task suspends; its read timeout is kept. Options of the
    /// connection, such as `TCP_NODELAY`, are ignored.
    ///
    /// Closing it closes the stream.
    ///
    /// @return a view of this stream, for tasks of its loop only
    public final Socket socket() {
        return new TaskSocket(this);
    }

    // What a subclass provides

    /// Receives what is there now.
    ///
    /// @param target where the bytes go; it has room
    /// @return how many bytes; 0 if there may be none now, -1 at the end of the stream
    /// @throws IOException if the connection failed, or was closed here
    public abstract int tryReceive(ByteBuffer target) throws IOException;

    /// Sends what can be sent now.
    ///
    /// @param source the bytes; its position moves on
    /// @return how many bytes were taken; 0 if none can be taken now
    /// @throws IOException if the connection failed, or was closed here
    /// @throws IllegalStateException if the end was sent
    public abstract int trySend(ByteBuffer source) throws IOException;

    /// Sends the end of the stream, if that can be done now. Does nothing the second time.
    ///
    /// @return false if it cannot be done now
    /// @throws IOException if the connection failed, or was closed here
    public boolean trySendEof() throws IOException {
        throw new UnsupportedOperationException("this stream cannot send its end alone: " + this + "; close it");
    }

    /// Whether the end can be sent while receiving goes on.
    ///
    /// @return false if [#sendEof()] is not supported
    public boolean canSendEof() {
        return false;
    }

    /// Tells a listener, once, when [#tryReceive(ByteBuffer)] may give something, the end or an error
    /// included. If it may already, the listener is told soon, but never from within this call. Told for
    /// no reason, it does no harm.
    ///
    /// The listener may be called anywhere on the loop's thread: it completes futures or schedules
    /// handles, nothing else.
    ///
    /// @param listener in place of the one before; null for none
    public abstract void onReadable(@Nullable Runnable listener);

    /// Tells a listener, once, when [#trySend(ByteBuffer)] may take something, or fails; otherwise as
    /// [#onReadable(Runnable)].
    ///
    /// @param listener in place of the one before; null for none
    public abstract void onWritable(@Nullable Runnable listener);

    /// Closes the stream at once; what was sent arrives. Tells both listeners, so that tasks that wait
    /// get a [StreamClosedException]. May be called again.
    ///
    /// One exception: if the peer of a socket sends what nobody receives here, the system resets the
    /// connection, and what is still on its way to the peer is lost. See [#closeGently(Duration)].
    @Override
    public abstract void close();

    /// Closes the stream so that what was sent arrives even if the peer still sends: a server that refuses
    /// a long request wants that its answer is read. Here the stream is closed at once; the socket below
    /// sends its end, and what the peer sends is thrown away until its end comes, or the time is over.
    /// Until then a server counts the connection. A stream that has nothing to lose just closes; one over
    /// another stream passes this on.
    ///
    /// Source: what RFC 9112, 9.6, tells HTTP servers to do.
    ///
    /// @param limit how long the peer has; the stream's loop must run meanwhile
    /// @throws IllegalArgumentException if the time is negative
    public void closeGently(Duration limit) {
        if (Objects.requireNonNull(limit, "limit must not be null").isNegative()) {
            throw new IllegalArgumentException("limit must not be negative: got " + limit);
        }
        close();
    }

    /// Closes the stream without delivering what is still on its way; the peer sees a reset, if the
    /// stream knows that. May be called again.
    public void abort() {
        close();
    }

    /// Whether it was closed on this side.
    ///
    /// @return true after [#close()] or [#abort()]
    public abstract boolean isClosed();

    /// Something that is known about the connection.
    ///
    /// @param key what is asked for
    /// @param <T> its type
    /// @return the value, or null if this stream has none
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return null;
    }

    /// Where the system may send bytes of files on its own; null if they must pass through this stream.
    @Nullable
    WritableByteChannel fileTarget() {
        return null;
    }
}
