package asyncio.net;

import asyncio.ChannelWatch;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamClosedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/// A watched datagram channel: sends and receives what can be sent and received now.
///
/// Threads: loop-confined.
final class DatagramPort implements AutoCloseable {
    /// Received instead of a datagram that was longer than allowed, and is gone.
    static final Datagram TOO_LONG = new Datagram(ByteBuffer.allocate(0), new InetSocketAddress(0));

    private final EventLoop loop;
    private final DatagramChannel channel;
    private final ChannelWatch watch;
    private final int maxBytes;
    private final @Nullable InetSocketAddress local;
    private final @Nullable InetSocketAddress remote;
    private Runnable closeListener = () -> {}; // told once
    private boolean closed;

    /// Owns the channel from now on; it is in non-blocking mode.
    DatagramPort(EventLoop loop, DatagramChannel channel, int maxBytes) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.maxBytes = maxBytes;
        local = (InetSocketAddress) channel.getLocalAddress();
        remote = (InetSocketAddress) channel.getRemoteAddress();
        watch = loop.watch(channel, this);
    }

    EventLoop loop() {
        return loop;
    }

    ChannelWatch watch() {
        return watch;
    }

    DatagramChannel channel() {
        return channel;
    }

    @Nullable
    InetSocketAddress local() {
        return local;
    }

    @Nullable
    InetSocketAddress remote() {
        return remote;
    }

    boolean isClosed() {
        return closed;
    }

    /// The address for a datagram.
    ///
    /// @return null for the one that this is connected to
    /// @throws IllegalArgumentException if nothing can be sent there
    @Nullable
    InetSocketAddress checkTarget(@Nullable InetSocketAddress address) {
        if (remote != null) {
            if (address != null && !address.equals(remote)) {
                throw new IllegalArgumentException("Invalid address: must be null or " + remote + ": got " + address
                        + "; this endpoint is connected, use one that is not");
            }
            return null;
        }
        if (address == null) {
            throw new IllegalArgumentException("address must be given: this endpoint is not connected: " + this);
        }
        if (address.isUnresolved() || address.getPort() == 0) {
            throw new IllegalArgumentException("address must be resolved and have a port: got " + address
                    + "; names are looked up when an endpoint is opened, or by new InetSocketAddress(name, port)");
        }
        return address;
    }

    /// Sends a datagram, now.
    ///
    /// @param target as [#checkTarget(InetSocketAddress)] gave it
    /// @return false if it cannot be sent now
    boolean trySend(ByteBuffer data, @Nullable InetSocketAddress target) throws IOException {
        ensureOpen();
        if (!data.hasRemaining()) {
            sendEmpty(data, target);
            return true;
        }
        try {
            return (target == null ? channel.write(data) : channel.send(data, target)) > 0;
        } catch (IOException e) {
            throw String.valueOf(e.getMessage()).contains("too long")
                    ? new IOException("datagram is too long for the system: " + data.remaining() + " bytes", e)
                    : e;
        }
    }

    /// The JDK does not say whether an empty datagram was sent; one that was not is lost, as on the way.
    private void sendEmpty(ByteBuffer data, @Nullable InetSocketAddress target) throws IOException {
        if (target != null) {
            channel.send(data, target);
        } else {
            sendEmptyByTwin(data);
        }
    }

    /// The JDK sends nothing empty on a connected channel. So a second channel, with the same address and not
    /// connected, sends it. What the peer sends meanwhile comes to the connected one, which fits better.
    private void sendEmptyByTwin(ByteBuffer data) throws IOException {
        if (local == null || remote == null) {
            throw new IllegalStateException("not connected: " + this);
        }
        boolean before = channel.getOption(StandardSocketOptions.SO_REUSEADDR);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        try (DatagramChannel twin = DatagramChannel.open(DatagramOpening.family(local))) {
            twin.configureBlocking(false);
            twin.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            twin.bind(local);
            twin.send(data, remote);
        } finally {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, before);
        }
    }

    /// Receives a datagram, now.
    ///
    /// @return null if there is none, [#TOO_LONG] for one that was dropped
    @Nullable
    Datagram tryReceive() throws IOException {
        ensureOpen();
        if (!watch.mayBeReadable()) {
            return null;
        }
        ByteBuffer scratch = Scratch.of(loop, maxBytes + 1);
        InetSocketAddress sender = (InetSocketAddress) channel.receive(scratch);
        if (sender == null) {
            watch.noteDrained();
            return null;
        }
        return scratch.position() > maxBytes ? TOO_LONG : new Datagram(ByteBuffer.wrap(Scratch.taken(scratch)), sender);
    }

    private void ensureOpen() throws StreamClosedException {
        if (closed) {
            throw new StreamClosedException("endpoint is closed: " + this);
        }
    }

    /// Tells a listener, once, that this is closed, perhaps by its loop.
    void onClose(Runnable listener) {
        closeListener = listener;
    }

    /// Closes, and frees the address at once.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        watch.close(); // refuses another thread
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            loop.callExceptionHandler(ExceptionContext.of("Unhandled error while " + this + " was closed", e));
        }
        closeListener.run();
    }

    <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        Object value = null;
        if (key.equals(ExtraInfo.CHANNEL)) {
            value = channel;
        } else if (key.equals(ExtraInfo.LOCAL_ADDRESS)) {
            value = local;
        } else if (key.equals(ExtraInfo.PEER_ADDRESS)) {
            value = remote;
        }
        return key.type().isInstance(value) ? key.type().cast(value) : null;
    }

    /// Where it is and with whom it talks, for messages.
    @Override
    public String toString() {
        return "<datagram endpoint at " + local + (remote == null ? "" : " to " + remote) + (closed ? " closed" : "")
                + ">";
    }
}
