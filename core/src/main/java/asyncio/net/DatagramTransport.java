package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.Future;
import asyncio.KeyboardInterrupt;
import asyncio.ReusableHandle;
import asyncio.SystemExit;
import asyncio.stream.ExtraInfo;
import asyncio.stream.StreamClosedException;
import asyncio.stream.WaterMarks;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Sends datagrams without ever waiting, and tells a [DatagramProtocol] what arrives.
///
/// What cannot be sent at once is kept; the protocol is told when that is too much. Each datagram
/// counts 8 bytes more than it has. A protocol that does not heed [DatagramProtocol#pauseWriting()]
/// makes it grow without limit; a [DatagramEndpoint] keeps nothing.
///
/// Threads: loop-confined.
public final class DatagramTransport {
    /*
     *   open --close()--> closing, until everything is sent --> lost
     *   open, closing --abort()--> lost
     *
     * "Lost" is one callback, connectionLost, after which the channel is closed. Errors of single datagrams change
     * nothing (F-TR-3).
     */
    private static final int HEADER_BYTES = 8; // counted for each datagram, so that empty ones count
    private static final int MAX_IN_A_ROW = 16; // datagrams in one callback: then the others
    private static final int LOG_THRESHOLD = 5; // sends in vain before the first report

    private final DatagramPort port;
    private final EventLoop loop;
    private final DatagramProtocol protocol;
    private final ReusableHandle reading;
    private final ReusableHandle writing;
    private final ArrayDeque<Packet> buffer = new ArrayDeque<>();
    private int bufferBytes; // headers included
    private WaterMarks marks = WaterMarks.DEFAULT; // when the protocol is told
    private boolean paused; // the protocol was told to pause
    private boolean closing; // takes nothing more
    private boolean lost; // connectionLost is scheduled or was called
    private boolean over; // connectionLost was called
    private int sentInVain; // datagrams after the end

    private DatagramTransport(DatagramPort port, DatagramProtocol protocol) {
        this.port = port;
        this.protocol = protocol;
        loop = port.loop();
        reading = loop.createHandle(this::readSome);
        writing = loop.createHandle(this::flush);
        port.onClose(this::closedByLoop);
    }

    /// Makes a transport of an open port, and waits until its protocol was told.
    static <P extends DatagramProtocol> DatagramPair<P> start(DatagramPort port, P protocol) {
        DatagramTransport transport = new DatagramTransport(port, protocol);
        EventLoop loop = port.loop();
        Future<@Nullable Void> made = loop.createFuture();
        loop.callSoon(() -> protocol.connectionMade(transport));
        loop.callSoon(() -> {
            transport.startReading();
            if (!made.isDone()) {
                made.setResult(null);
            }
        });
        try {
            Asyncio.await(made);
        } catch (Throwable e) {
            transport.close();
            throw e;
        }
        return new DatagramPair<>(transport, protocol);
    }

    private void startReading() {
        if (!closing) {
            port.watch().onReadable(reading::schedule);
        }
    }

    private void readSome() {
        boolean more = true;
        try {
            for (int i = 0; i < MAX_IN_A_ROW && more && !closing; i++) {
                more = readOne();
            }
        } finally { // also if the protocol failed
            if (!closing && more) {
                reading.schedule();
            } else {
                startReading();
            }
        }
    }

    /// Returns false if there was nothing, or an error.
    private boolean readOne() {
        Datagram received;
        try {
            received = port.tryReceive();
        } catch (IOException e) {
            protocol.errorReceived(e);
            return false; // the poller says whether there is more: an error that stays must not spin
        }
        if (received == DatagramPort.TOO_LONG) {
            protocol.errorReceived(new IOException("a datagram was dropped: it was longer than maxBytes"));
        } else if (received != null) {
            protocol.datagramReceived(received.data(), received.address());
        }
        return received != null;
    }

    /// Sends a datagram: at once if that is possible, else as soon as it is. The caller may use the
    /// buffer again when this returns.
    ///
    /// A failure is told to [DatagramProtocol#errorReceived(IOException)], from within this call. What is
    /// sent after the end is dropped; from the fifth time on, each is reported to the exception handler.
    ///
    /// @param data all bytes that the buffer has, perhaps none; its position moves to its limit
    /// @param address where to; if this is connected: that address, or null
    /// @throws IllegalArgumentException if this is connected to another address; if it is not connected and
    ///     the address is null or unresolved
    public void sendto(ByteBuffer data, @Nullable InetSocketAddress address) {
        loop.checkThread("sendto");
        Objects.requireNonNull(data, "data must not be null");
        InetSocketAddress target = port.checkTarget(address);
        if (closing) {
            data.position(data.limit());
            reportInVain();
        } else if (!buffer.isEmpty() || !trySend(data, target)) {
            keep(data, target);
        }
    }

    /// Sends a datagram to the address that this is connected to, as
    /// [#sendto(ByteBuffer, InetSocketAddress)].
    ///
    /// @param data all bytes that the buffer has, perhaps none; its position moves to its limit
    /// @throws IllegalArgumentException if this is not connected
    public void sendto(ByteBuffer data) {
        sendto(data, null);
    }

    private void reportInVain() {
        if (++sentInVain >= LOG_THRESHOLD) {
            loop.callExceptionHandler(
                    ExceptionContext.of("a datagram was dropped: it was sent after the end of " + this, null));
        }
    }

    /// Returns false if it is still to be sent.
    private boolean trySend(ByteBuffer data, @Nullable InetSocketAddress target) {
        try {
            return port.trySend(data, target);
        } catch (IOException e) {
            data.position(data.limit());
            protocol.errorReceived(e);
            return true;
        }
    }

    private void keep(ByteBuffer data, @Nullable InetSocketAddress target) {
        byte[] copy = new byte[data.remaining()];
        data.get(copy);
        if (buffer.isEmpty()) {
            port.watch().onWritable(writing::schedule);
        }
        buffer.addLast(new Packet(ByteBuffer.wrap(copy), target));
        bufferBytes += copy.length + HEADER_BYTES;
        updatePause();
    }

    private void flush() {
        try {
            Packet next;
            while ((next = buffer.pollFirst()) != null) {
                int size = next.data.remaining() + HEADER_BYTES;
                bufferBytes -= size;
                if (!trySend(next.data, next.target)) {
                    buffer.addFirst(next);
                    bufferBytes += size;
                    break;
                }
            }
            updatePause();
        } finally { // also if the protocol failed
            if (!buffer.isEmpty()) {
                port.watch().onWritable(writing::schedule);
            } else if (closing) {
                lose();
            }
        }
    }

    private void updatePause() {
        if (!paused && bufferBytes > marks.highBytes()) {
            paused = true;
            tell(protocol::pauseWriting, "protocol.pauseWriting() failed");
        } else if (paused && bufferBytes <= marks.lowBytes()) {
            paused = false;
            tell(protocol::resumeWriting, "protocol.resumeWriting() failed");
        }
    }

    private void tell(Runnable callback, String failure) {
        try {
            callback.run();
        } catch (SystemExit | KeyboardInterrupt e) {
            throw e;
        } catch (Throwable e) {
            loop.callExceptionHandler(ExceptionContext.of(failure, e));
        }
    }

    /// Closes when everything is sent; nothing more is received. May be called again.
    public void close() {
        loop.checkThread("close");
        if (!closing) {
            closing = true;
            reading.cancel();
            port.watch().onReadable(null);
            if (buffer.isEmpty()) {
                lose();
            }
        }
    }

    /// Closes without sending what is kept. May be called again.
    public void abort() {
        loop.checkThread("abort");
        buffer.clear();
        bufferBytes = 0;
        close();
        lose();
    }

    private void lose() {
        if (!lost) {
            lost = true;
            writing.cancel();
            port.watch().onWritable(null);
            loop.callSoon(() -> {
                over = true;
                try {
                    protocol.connectionLost(null);
                } finally {
                    port.close();
                }
            });
        }
    }

    /// Nothing will be called any more, so it is done now; after a close in good order, it was done before.
    private void closedByLoop() {
        closing = true;
        lost = true;
        if (!over) {
            over = true;
            var why = new StreamClosedException("Connection lost: the event loop was closed: " + this);
            tell(() -> protocol.connectionLost(why), "protocol.connectionLost() failed");
        }
    }

    /// Whether this is closed, or about to be.
    ///
    /// @return true after [#close()] or [#abort()]
    public boolean isClosing() {
        return closing;
    }

    /// Who is told.
    ///
    /// @return the protocol
    public DatagramProtocol protocol() {
        return protocol;
    }

    /// How much is kept to be sent, 8 bytes more for each datagram included.
    ///
    /// @return bytes
    public int writeBufferSize() {
        return bufferBytes;
    }

    /// When the protocol is told to pause and to resume.
    ///
    /// @return the marks
    public WaterMarks waterMarks() {
        return marks;
    }

    /// Changes when the protocol is told to pause and to resume; it may be told at once.
    ///
    /// @param newMarks the marks
    public void setWaterMarks(WaterMarks newMarks) {
        loop.checkThread("setWaterMarks");
        marks = Objects.requireNonNull(newMarks, "marks must not be null");
        updatePause();
    }

    /// Something that is known about this: its addresses, its channel.
    ///
    /// @param key what is asked for
    /// @param <T> its type
    /// @return the value, or null
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return port.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<DatagramTransport " + port + (closing ? " closing" : "") + " kept=" + bufferBytes + ">";
    }

    private record Packet(ByteBuffer data, @Nullable InetSocketAddress target) {}
}
