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
     */
    private static final int MAX_HEAP_SEND = 256 * 1024; // the JDK copies so much out of the heap for each call

    private final SelectableChannel channel;
    private final @Nullable ReadableByteChannel input;
    private final @Nullable WritableByteChannel output;
    private final ChannelWatch watch;
    private @Nullable Runnable readable; // told by the watch; kept here for close()
    private @Nullable Runnable writable; // as above
    private @Nullable Runnable closeListener; // told by close()
    private boolean eofSent;
    private boolean closed;

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
        int count;
        try {
            count = input.read(target);
        } catch (IOException e) {
            throw translated(e);
        }
        if (count >= 0 && target.hasRemaining()) {
            watch.noteDrained();
        }
        return count;
    }

    @Override
    public int trySend(ByteBuffer source) throws IOException {
        WritableByteChannel target = ensureSending();
        int limit = source.limit();
        if (!source.isDirect() && source.remaining() > MAX_HEAP_SEND) {
            source.limit(source.position() + MAX_HEAP_SEND);
        }
        try {
            return target.write(source);
        } catch (IOException e) {
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
        String words = String.valueOf(e.getMessage());
        boolean lost = e instanceof ClosedChannelException
                || words.contains("reset")
                || words.contains("roken pipe")
                || words.contains("abort");
        return lost ? new ConnectionResetException("Connection lost: " + words, e) : e;
    }

    @Override
    public boolean trySendEof() throws IOException {
        ensureOpen();
        if (eofSent) {
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
        readable = listener;
        if (!closed) {
            watch.onReadable(listener);
        }
    }

    @Override
    public void onWritable(@Nullable Runnable listener) {
        writable = listener;
        if (!closed) {
            watch.onWritable(listener);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        watch.letGo();
        try {
            channel.close();
        } catch (IOException e) {
            loop().callExceptionHandler(
                            asyncio.ExceptionContext.of("Unhandled error while " + this + " was closed", e));
        }
        tell(readable);
        tell(writable);
        tell(closeListener);
    }

    /// Tells a listener, once, that this stream was closed on this side, by whomever: a server counts its
    /// connections so. It completes futures or schedules handles, nothing else.
    ///
    /// @param listener in place of the one before; null for none
    public void onClose(@Nullable Runnable listener) {
        closeListener = listener;
    }

    private static void tell(@Nullable Runnable listener) {
        if (listener != null) {
            listener.run();
        }
    }

    @Override
    public void abort() {
        if (!closed && channel instanceof SocketChannel socket) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0); // close() then resets the connection
            } catch (IOException | UnsupportedOperationException e) {
                // A Unix socket has no such thing, a broken one needs none: closing is all there is.
            }
        }
        close();
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
