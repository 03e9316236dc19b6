package asyncio.stream;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.WaitKind;
import asyncio.WaitQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The writing half of a connection, and its end.
///
/// Writes never wait: what cannot be sent at once is kept, without a bound. So await [#drain()] after
/// writing: it waits while too much is kept.
///
/// ```java
/// writer.write(answer);
/// await(writer.drain());
/// ```
///
/// Close it, for example by a `try` over its [StreamPair]. One that is forgotten stays open until its
/// loop is closed, which reports it.
///
/// Threads: loop-confined.
public final class StreamWriter implements AutoCloseable {
    private final StreamTransport transport;
    private final StreamReader reader;
    private final WaitQueue drainers = new WaitQueue(WaitKind.IO, this);
    private boolean paused; // more is kept than the high-water mark

    StreamWriter(ByteStream stream, int limitBytes) {
        transport = StreamTransport.forReader(stream, new Flow());
        reader = new StreamReader(transport, limitBytes);
    }

    StreamReader reader() {
        return reader;
    }

    /// Writes bytes. The caller may use the array again as soon as this returns.
    ///
    /// After the connection was closed or lost they are dropped; from the fifth time on, each is logged.
    ///
    /// @param data the bytes
    /// @throws IllegalStateException after [#writeEof()], or while a file is sent or the stream upgraded
    public void write(byte[] data) {
        transport.write(data);
    }

    /// Writes bytes, as [#write(byte\[\])].
    ///
    /// @param data the bytes; its position moves to its limit
    /// @throws IllegalStateException after [#writeEof()], or while a file is sent or the stream upgraded
    public void write(ByteBuffer data) {
        transport.write(data);
    }

    /// Writes several pieces, as one: small ones go out together.
    ///
    /// @param pieces the bytes, in order
    /// @throws IllegalStateException after [#writeEof()], or while a file is sent or the stream upgraded
    public void writelines(Iterable<byte[]> pieces) {
        List<ByteBuffer> wrapped = new ArrayList<>();
        pieces.forEach(piece -> wrapped.add(ByteBuffer.wrap(piece)));
        transport.writelines(wrapped);
    }

    /// Waits until not too much is kept: if it is more than the high-water mark, until it is down to the
    /// low one. Any number of tasks may wait.
    ///
    /// Does not suspend if little is kept; but a task that does this very often lets the others run, once
    /// in a while.
    ///
    /// Cancellation: ends the wait; what was written stays written.
    ///
    /// Errors, when awaited: `IOException` if the connection is lost, a [ConnectionResetException] if it
    /// was closed here.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> drain() {
        return Asyncio.async(() -> {
            throwIfLost(reader.exception());
            if (transport.isClosing()) { // connectionLost may be on its way
                Asyncio.await(Asyncio.sleep(Duration.ZERO));
            } else {
                transport.stream().sending().giveTurn();
            }
            if (transport.isLost()) {
                throwIfLost(transport.error());
                throw new ConnectionResetException("Connection lost: " + transport);
            }
            if (paused) {
                drainers.park(() -> {});
                throwIfLost(reader.exception());
            }
        });
    }

    private static void throwIfLost(@Nullable Throwable error) throws IOException {
        if (error instanceof IOException e) {
            throw e;
        } else if (error != null) {
            throw new IOException("Connection lost: " + error, error);
        }
    }

    /// Sends the end when everything written is sent; reading goes on. Does nothing the second time.
    ///
    /// @throws UnsupportedOperationException if the connection has no such thing: see [#canWriteEof()]
    /// @throws IllegalStateException while a file is sent or the stream upgraded
    public void writeEof() {
        transport.writeEof();
    }

    /// Whether [#writeEof()] is supported.
    ///
    /// @return false over TLS, for one
    public boolean canWriteEof() {
        return transport.canWriteEof();
    }

    /// Closes when everything written is sent. May be called again.
    @Override
    public void close() {
        transport.close();
    }

    /// Whether the connection is closed, or about to be.
    ///
    /// @return true after [#close()], or when the connection was lost
    public boolean isClosing() {
        return transport.isClosing();
    }

    /// Waits until the connection is over, after [#close()] or by itself. Does not suspend if it is.
    ///
    /// Cancellation: ends the wait.
    ///
    /// Errors, when awaited: `IOException` with which the connection was lost, each time.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> waitClosed() {
        return Asyncio.async(this::awaitClosed);
    }

    /// Closes, and waits until everything written is sent.
    ///
    /// Cancellation: closes at once; what was not sent is dropped.
    ///
    /// Errors, when awaited: `IOException` with which the connection was lost.
    ///
    /// @return a coroutine
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(() -> {
            close();
            boolean over = false;
            try {
                awaitClosed();
                over = true;
            } finally {
                if (!over) {
                    transport.abort();
                    transport.stream().abort(); // the transport may have let it go
                }
            }
        });
    }

    private void awaitClosed() throws IOException {
        throwIfLost(Asyncio.await(transport.waitLost()));
        Asyncio.await(transport.stream().aclose()); // TLS may not have left yet
    }

    /// Replaces the stream below by one over it, in place: TLS, for one. What the reader has received
    /// already is handed over.
    ///
    /// Waits until everything written is sent. Until the upgrade is done, nothing can be read or written.
    ///
    /// Cancellation: before the upgrade has begun, nothing has changed. Afterwards the connection is
    /// aborted.
    ///
    /// Errors, when awaited: `IOException` if the upgrade failed; the connection is lost then.
    ///
    /// @param upgrade makes the upper stream
    /// @return a coroutine
    /// @throws IllegalStateException when awaited, while a task reads, if this is closing, after
    ///     [#writeEof()], or while something like this goes on
    public Coroutine<@Nullable Void> startTls(Upgrade upgrade) {
        Objects.requireNonNull(upgrade, "upgrade must not be null");
        return Asyncio.async(() -> {
            reader.beginUpgrade();
            try {
                transport.upgrade(upgrade, reader::takeReceived);
            } finally {
                reader.endUpgrade();
            }
        });
    }

    /// The transport below: water marks, the size of what is kept, `abort()`.
    ///
    /// @return the transport; it does not receive by itself, the reader does
    public StreamTransport transport() {
        return transport;
    }

    /// Something that is known about the connection.
    ///
    /// @param key what is asked for
    /// @param <T> its type
    /// @return the value, or null
    public <T> @Nullable T extraInfo(ExtraInfo<T> key) {
        return transport.extraInfo(key);
    }

    @Override
    public String toString() {
        return "<StreamWriter of " + transport + ">";
    }

    /// What the transport tells of the flow.
    private final class Flow implements Protocol {
        @Override
        public void pauseWriting() {
            paused = true;
        }

        @Override
        public void resumeWriting() {
            paused = false;
            drainers.wakeAll();
        }

        @Override
        public void connectionLost(@Nullable Throwable error) {
            paused = false;
            reader.lost(error);
            drainers.wakeAll();
        }

        @Override
        public String toString() {
            return "<the protocol of a StreamWriter>";
        }
    }
}
