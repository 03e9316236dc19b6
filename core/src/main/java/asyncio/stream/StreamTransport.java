package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.ExceptionContext;
import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The transport over any byte stream: calls its protocol with what is received, and keeps what cannot
/// be sent at once.
///
/// It keeps what its user writes, without a bound: who writes heeds `pauseWriting`. What is received is
/// never kept.
///
/// A transport that is still open when its loop is closed is reported, and ends with a
/// [StreamClosedException].
///
/// Threads: loop-confined.
public final class StreamTransport implements Transport {
    /*
     *   attached --connectionMade--> open --close()--> closing --all is sent--> lost --connectionLost--> over
     *       |                          |---------- failure, abort() ------------^
     *       '----- the same: connectionMade comes before connectionLost in any case
     *
     * `lost` means that connectionLost is on its way: nothing is sent or received any more. The stream is closed after
     * the callback, which may still ask for addresses.
     *
     * A StreamReader pulls for itself: then there is no ReadSide, unless the protocol is replaced.
     */
    private final EventLoop loop;
    private final LoopBuffers buffers;
    private final OpenTransports registry;
    private final WriteSide writing;
    private ByteStream stream; // replaced by startTls
    private Protocol protocol; // replaced by setProtocol
    private @Nullable ReadSide reading; // null while a StreamReader pulls
    private @Nullable WaitQueue line; // tasks that wait for the next state; made for the first one
    private boolean made; // connectionMade was called
    private boolean closing; // close() or abort() was called, or the connection was lost
    private boolean lost; // as above: nothing is sent any more
    private boolean over; // connectionLost was called
    private boolean truncated; // bytes were dropped by abort(): the peer is told by a reset
    private @Nullable Throwable error; // that connectionLost gets

    private StreamTransport(ByteStream stream, Protocol protocol) {
        this.stream = Objects.requireNonNull(stream, "stream must not be null");
        this.protocol = Objects.requireNonNull(protocol, "protocol must not be null");
        loop = stream.loop();
        buffers = LoopBuffers.of(loop);
        registry = OpenTransports.of(loop);
        writing = new WriteSide(this, loop, buffers);
    }

    /// Attaches a protocol to a stream, which belongs to the transport from now on. `connectionMade` is
    /// called in the next iteration; reading begins after it.
    ///
    /// @param stream the stream
    /// @param protocol who is told
    /// @return the transport
    /// @throws IllegalStateException if the stream's loop is closed, or on another thread than its own
    public static StreamTransport attach(ByteStream stream, Protocol protocol) {
        StreamTransport transport = new StreamTransport(stream, protocol);
        transport.reading = new ReadSide(transport, transport.loop, transport.buffers);
        transport.registry.add(transport);
        transport.loop.callSoon(transport::make);
        return transport;
    }

    /// A transport whose stream is read by somebody else; its protocol is not told that it is there.
    static StreamTransport forReader(ByteStream stream, Protocol protocol) {
        StreamTransport transport = new StreamTransport(stream, protocol);
        transport.made = true;
        transport.registry.add(transport);
        return transport;
    }

    private void make() {
        if (!made) {
            made = true;
            guard("connectionMade", () -> protocol.connectionMade(this));
            wakeLine();
            if (reading != null) {
                reading.start();
            }
        }
    }

    /// Waits until `connectionMade` has returned. Does not suspend if it has.
    ///
    /// Cancellation: ends the wait; the transport stays as it is.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> waitMade() {
        return Asyncio.async(() -> waitUntil(() -> made));
    }

    /// Waits until `connectionLost` has returned. Does not suspend if it has.
    ///
    /// Cancellation: ends the wait; the transport stays as it is.
    ///
    /// @return a coroutine of what `connectionLost` was given: null if the connection ended in good form
    public Coroutine<@Nullable Throwable> waitLost() {
        return Asyncio.<@Nullable Throwable>async(() -> {
            waitUntil(() -> over);
            return error;
        });
    }

    private void waitUntil(BooleanSupplier reached) {
        while (!reached.getAsBoolean()) {
            if (line == null) {
                line = new WaitQueue(WaitKind.IO, this);
            }
            line.park(() -> {});
        }
    }

    private void wakeLine() {
        if (line != null) {
            line.wakeAll();
        }
    }

    // Writing

    @Override
    public void write(ByteBuffer data) {
        loop.checkThread("write");
        writing.write(data);
    }

    @Override
    public void writelines(List<ByteBuffer> pieces) {
        loop.checkThread("writelines");
        writing.writelines(pieces);
    }

    @Override
    public void writeEof() {
        loop.checkThread("writeEof");
        writing.writeEof();
    }

    @Override
    public boolean canWriteEof() {
        return stream.canSendEof();
    }

    @Override
    public int writeBufferSize() {
        return writing.sizeBytes();
    }

    @Override
    public WaterMarks waterMarks() {
        return writing.marks();
    }

    @Override
    public void setWaterMarks(WaterMarks marks) {
        loop.checkThread("setWaterMarks");
        writing.setMarks(Objects.requireNonNull(marks, "marks must not be null"));
    }

    /// Everything written is sent.
    void emptied() {
        wakeLine();
        if (closing) {
            lose(null);
        }
    }

    // Reading

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public void setProtocol(Protocol newProtocol) {
        loop.checkThread("setProtocol");
        protocol = Objects.requireNonNull(newProtocol, "protocol must not be null");
        if (reading == null) { // a reader has pulled up to now; what it holds stays there
            reading = new ReadSide(this, loop, buffers);
            reading.pause();
            reading.start();
        }
    }

    @Override
    public void pauseReading() {
        loop.checkThread("pauseReading");
        reading().pause();
    }

    @Override
    public void resumeReading() {
        loop.checkThread("resumeReading");
        reading().resume();
    }

    private ReadSide reading() {
        if (reading == null) {
            throw new IllegalStateException("bytes are received by the StreamReader when it is read: nothing to pause"
                    + " or resume on " + this + "; setProtocol(...) first");
        }
        return reading;
    }

    @Override
    public boolean isReading() {
        return reading != null && !reading.isPaused() && !closing;
    }

    /// The peer has sent its end.
    void endOfInput() {
        boolean[] stays = {false};
        if (!guard("eofReceived", () -> stays[0] = protocol.eofReceived())) {
            return;
        }
        if (stays[0] && !stream.canSendEof()) {
            loop.logWarning("returning true from eofReceived() has no effect on " + stream
                    + ", which cannot be open in one direction only: it is closed");
        }
        if (!stays[0] || !stream.canSendEof()) {
            close();
        }
    }

    // The end

    @Override
    public void close() {
        loop.checkThread("close");
        if (!closing) {
            closing = true;
            if (writing.isFlushed()) {
                lose(null);
            }
        }
    }

    @Override
    public void abort() {
        loop.checkThread("abort");
        truncated |= !lost && !writing.isFlushed();
        lose(null);
    }

    /// The connection has failed.
    void fail(Throwable failure) {
        lose(failure);
    }

    private void lose(@Nullable Throwable why) {
        if (!lost) {
            closing = true;
            lost = true;
            error = why;
            writing.drop();
            wakeLine();
            if (!loop.isClosed()) { // else the end of the loop calls
                loop.callSoon(this::end);
            }
        }
    }

    private void end() {
        if (over) {
            return;
        }
        make();
        over = true;
        try {
            protocol.connectionLost(error);
        } finally {
            registry.remove(this);
            if (truncated) {
                stream.abort();
            } else {
                stream.close();
            }
            wakeLine();
        }
    }

    /// The loop is closed: nothing will be called any more, so it is done now.
    void loopClosed() {
        lose(new StreamClosedException("Connection lost: the event loop was closed: " + this));
        try {
            end();
        } catch (RuntimeException | Error e) {
            loop.callExceptionHandler(ExceptionContext.of("Exception in protocol.connectionLost() of " + this, e));
        }
    }

    @Override
    public boolean isClosing() {
        return closing;
    }

    /// Whether connectionLost was called or is about to be.
    boolean isLost() {
        return lost;
    }

    /// What it gets.
    @Nullable
    Throwable error() {
        return error;
    }

    // Calls of the protocol

    /// Calls it; a failure ends the connection.
    ///
    /// @return false if it failed
    boolean guard(String callback, Runnable call) {
        try {
            call.run();
            return true;
        } catch (SystemExit | KeyboardInterrupt e) {
            throw e;
        } catch (Throwable e) {
            fatal("Fatal error: protocol." + callback + "() call failed.", e);
            return false;
        }
    }

    /// Calls it from within an operation of the user, who does not get its failure.
    void guardQuietly(String callback, Runnable call) {
        try {
            call.run();
        } catch (SystemExit | KeyboardInterrupt e) {
            throw e;
        } catch (Throwable e) {
            loop.callExceptionHandler(ExceptionContext.of("protocol." + callback + "() failed on " + this, e));
        }
    }

    /// Reports a failure that is not the connection's, and ends the connection.
    void fatal(String message, Throwable failure) {
        loop.callExceptionHandler(ExceptionContext.of(message + " " + this, failure));
        fail(failure);
    }

    // Upgrades and files

    /// Replaces the stream by one over it, in place: the protocol stays, and gets what that one receives.
    ///
    /// Waits until everything written is sent; meanwhile, and until the upgrade is done, nothing can be
    /// written.
    ///
    /// Cancellation: before the upgrade has begun, nothing has changed. Afterwards the connection is
    /// aborted.
    ///
    /// Errors, when awaited: `IOException` if the upgrade failed; the connection is lost then.
    ///
    /// @param upgrade makes the upper stream
    /// @return a coroutine
    /// @throws IllegalStateException when awaited, if this is closing, after [#writeEof()], or while
    ///     something like this goes on
    public Coroutine<@Nullable Void> startTls(Upgrade upgrade) {
        Objects.requireNonNull(upgrade, "upgrade must not be null");
        return Asyncio.async(() -> upgrade(upgrade, () -> ByteBuffer.allocate(0)));
    }

    /// @param received gives, once the upgrade begins, the bytes that it must see first
    void upgrade(Upgrade upgrade, Supplier<ByteBuffer> received) throws IOException {
        takeWriting("startTls");
        try {
            if (reading != null) {
                reading.halt();
            }
            ByteBuffer first = received.get();
            ByteStream lower = first.hasRemaining() ? new PrefixedStream(stream, first) : stream;
            ByteStream upper;
            try {
                upper = Asyncio.await(upgrade.over(lower));
            } catch (Throwable e) {
                lose(e instanceof IOException ? e : null);
                throw e;
            }
            if (lost) {
                upper.close();
                throw new ConnectionResetException("Connection lost: it was closed during startTls: " + this);
            }
            stream = upper;
        } finally {
            writing.unblock();
        }
        if (reading != null) {
            reading.start();
        }
    }

    /// Sends a part of a file; see [Sendfile].
    long sendfile(FileChannel file, long offset, long count, boolean fallback) throws IOException {
        takeWriting("sendfile");
        try {
            return Sendfile.send(stream, file, offset, count, fallback);
        } catch (ConnectionResetException e) {
            fail(e);
            throw e;
        } finally {
            writing.unblock();
        }
    }

    /// Keeps writes away and waits until everything before is sent.
    private void takeWriting(String operation) throws IOException {
        if (closing) {
            throw new IllegalStateException("Transport is closing: cannot " + operation + " on " + this);
        }
        writing.block(operation);
        boolean ready = false;
        try {
            waitUntil(() -> lost || writing.isFlushed());
            if (closing) {
                throw new ConnectionResetException("Connection lost before " + operation + " began: " + this, error);
            }
            ready = true;
        } finally {
            if (!ready) {
                writing.unblock();
            }
        }
    }

    /// The stream below; it belongs to this transport.
    ///
    /// @return the stream; another one after [#startTls(Upgrade)]
    public ByteStream stream() {
        return stream;
    }

    @Override
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return stream.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<StreamTransport "
                + (over ? "closed" : lost ? "lost" : closing ? "closing" : made ? "open" : "attached")
                + (isReading() ? " reading" : "")
                + (writing.sizeBytes() > 0 ? " writing bufsize=" + writing.sizeBytes() : "")
                + " over " + stream + ">";
    }
}
