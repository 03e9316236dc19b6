package asyncio.stream;

import asyncio.ChannelWatch;
import asyncio.EventLoop;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A stream on a channel of the operating system: a connected socket, or one end of a pipe.
///
/// Owns the channel. A channel for one way only makes a stream for that way only.
///
/// Threads: loop-confined.
public final class ChannelStream extends ByteStream {
    /*
     * A read that does not fill its buffer has emptied the channel, most likely. Then the next attempt does not
     * bother the system until the poller has told: one read for each request instead of two.
     *
     * The JDK copies from and to a heap buffer by a direct one of the same size, which it keeps for the thread. So no
     * more than MAX_HEAP_BYTES go at a time, whatever the size of the user's buffer.
     *
     * A reset is told once by the system: if a send has got it, a later read sees a plain end. So it is kept here.
     */
    private static final int MAX_HEAP_BYTES = 256 * 1024; // in one call

    private final SelectableChannel channel;
    private final @Nullable ReadableByteChannel input;
    private final @Nullable WritableByteChannel output;
    private final ChannelWatch watch;
    private final OneShot readable; // told by the watch, and by close()
    private final OneShot writable; // as above
    private @Nullable Runnable closeListener; // told by close()
    private @Nullable IOException reset; // which a send has met
    private boolean ended; // received
    private boolean eofSent; // on this side
    private boolean closed; // on this side
    private @Nullable Farewell farewell; // while the peer has time for its end

    /// A stream on a channel.
    ///
    /// @param loop the loop
    /// @param channel a channel in non-blocking mode, connected if it is a socket; owned from now on
    /// @throws IllegalArgumentException if it is blocking, closed, or neither read from nor written to
    /// @throws IllegalStateException if it is watched already
    public ChannelStream(EventLoop loop, SelectableChannel channel) {
        super(loop);
        this.channel = channel;
        input = channel instanceof ReadableByteChannel readableChannel ? readableChannel : null;
        output = channel instanceof WritableByteChannel writableChannel ? writableChannel : null;
        if (input == null && output == null) {
            throw new IllegalArgumentException("channel must be for reading or writing bytes: got " + channel);
        }
        watch = loop.watch(channel, this);
        readable = new OneShot(loop);
        writable = new OneShot(loop);
    }

    @Override
    public int tryReceive(ByteBuffer target) throws IOException {
        ensureOpen();
        if (input == null) {
            throw new UnsupportedOperationException("this stream only sends: " + this);
        }
        if (!watch.mayBeReadable()) {
            return 0;
        }
        int asked = bytesAtOnce(target);
        int count = read(input, target, asked);
        if (count >= 0 && count < asked) {
            watch.noteDrained();
        } else if (count < 0 && !ended) {
            if (reset != null) {
                throw lost(reset);
            }
            ended = true;
        }
        return count;
    }

    private static int bytesAtOnce(ByteBuffer buffer) {
        return buffer.isDirect() ? buffer.remaining() : Math.min(buffer.remaining(), MAX_HEAP_BYTES);
    }

    private static int read(ReadableByteChannel input, ByteBuffer target, int count) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + count);
        try {
            return input.read(target);
        } catch (IOException e) {
            throw translated(e);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        WritableByteChannel target = ensureSending();
        int limit = source.limit();
        source.limit(source.position() + bytesAtOnce(source));
        try {
            return target.write(source);
        } catch (IOException e) {
            if (isReset(e)) {
                reset = e;
            }
            throw translated(e);
        } finally {
            source.limit(limit);
        }
    }

    @Override
    @Nullable
    WritableByteChannel fileTarget() {
        return channel instanceof SocketChannel && !eofSent && !closed ? output : null;
    }

    private WritableByteChannel ensureSending() throws IOException {
        ensureOpen();
        if (output == null) {
            throw new UnsupportedOperationException("this stream only receives: " + this);
        }
        if (eofSent) {
            throw new IllegalStateException("cannot send after the end was sent: " + this);
        }
        return output;
    }

    private void ensureOpen() throws StreamClosedException {
        if (closed) {
            throw new StreamClosedException("stream is closed: " + this);
        }
    }

    /// An error of the system in the words of streams.
    static IOException translated(IOException e) {
        boolean lost = e instanceof ClosedChannelException || isReset(e) || words(e).contains("roken pipe");
        return lost ? lost(e) : e;
    }

    /// The peer has thrown the connection away; a broken pipe may also mean that it has ended it in good form.
    private static boolean isReset(IOException e) {
        return words(e).contains("reset") || words(e).contains("abort") || words(e).contains("forcibly");
    }

    private static ConnectionResetException lost(IOException cause) {
        boolean closed = cause instanceof ClosedChannelException;
        return new ConnectionResetException(
                "Connection lost: " + (closed ? "its channel was closed elsewhere" : words(cause)), cause);
    }

    private static String words(IOException e) {
        return String.valueOf(e.getMessage());
    }

    @Override
    public boolean trySendEof() throws IOException {
        if (eofSent && (input == null || !closed)) {
            return true;
        }
        ensureSending();
        if (channel instanceof SocketChannel socket) {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                throw translated(e);
            }
        } else if (input == null) {
            eofSent = true;
            close(); // the only way to say it in a pipe
        } else {
            return super.trySendEof();
        }
        eofSent = true;
        return true;
    }

    @Override
    public boolean canSendEof() {
        return channel instanceof SocketChannel || input == null;
    }

    @Override
    public void onReadable(@Nullable Runnable listener) {
        if (!closed) {
            watch.onReadable(listener == null ? null : readable);
        }
        readable.set(listener, closed);
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        if (!closed) {
            watch.onWritable(listener == null ? null : writable);
        }
        writable.set(listener, closed);
    }

    @Override
    public void close() {
        if (!closed) {
            loop().checkThread("close of a stream");
            closed = true;
            closeChannel();
            tellBoth();
            tellClosed();
        }
    }

    @Override
    public void closeGently(Duration limit) {
        loop().checkThread("closeGently");
        if (closed || limit.isNegative() || loop().isClosed() || !(channel instanceof SocketChannel socket)) {
            super.closeGently(limit);
            return;
        }
        try {
            trySendEof();
        } catch (IOException e) {
            close(); // the connection is broken: there is nobody to wait for
            return;
        }
        closed = true;
        Farewell begun = new Farewell(loop(), socket, watch, limit, () -> {
            closeChannel();
            tellClosed();
        });
        farewell = begun;
        tellBoth();
        begun.discard();
    }

    private void closeChannel() {
        farewell = null;
        watch.letGo();
        try {
            channel.close();
        } catch (IOException e) {
            loop().callExceptionHandler(
                            asyncio.ExceptionContext.of("Unhandled error while " + this + " was closed", e));
        }
    }

    private void tellClosed() {
        if (closeListener != null) {
            closeListener.run();
        }
    }

    private void tellBoth() {
        readable.run();
        writable.run();
    }

    /// Tells a listener, once, that the channel was closed on this side, by whomever: a server counts its
    /// connections so. It completes futures or schedules handles, nothing else.
    ///
    /// @param listener in place of the one before; null for none
    public void onClose(@Nullable Runnable listener) {
        closeListener = listener;
    }

    @Override
    public void abort() {
        loop().checkThread("abort");
        if ((!closed || farewell != null) && channel instanceof SocketChannel socket) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0); // close() then resets the connection
            } catch (IOException | UnsupportedOperationException e) {
                // A Unix socket has no such thing, a broken one needs none: closing is all there is.
            }
        }
        close();
        if (farewell != null) {
            farewell.end();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        Object value = key.equals(ExtraInfo.CHANNEL) ? channel : ofSocket(key);
        return key.type().isInstance(value) ? key.type().cast(value) : null;
    }

    private @Nullable Object ofSocket(ExtraInfo<?> key) {
        if (!(channel instanceof SocketChannel socket)) {
            return null;
        }
        try {
            if (key.equals(ExtraInfo.LOCAL_ADDRESS)) {
                return socket.getLocalAddress();
            }
            if (key.equals(ExtraInfo.PEER_CREDENTIALS)) {
                return PeerCredentials.of(socket);
            }
            return key.equals(ExtraInfo.PEER_ADDRESS) ? socket.getRemoteAddress() : null;
        } catch (IOException e) {
            return null; // closed: not known any more
        }
    }

    @Override
    public String toString() {
        return "<ChannelStream " + channel + (closed ? " closed" : "") + ">";
    }
}
