package asyncio.stream;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection as its [Protocol] sees it: writes never wait, what cannot be sent at once is kept,
/// and water marks say when it is too much.
///
/// Threads: loop-confined.
public interface Transport {
    /// Sends bytes: as many as possible at once, the rest when the peer takes them. The caller may use
    /// the buffer again as soon as this returns.
    ///
    /// Bytes written after the connection was lost are dropped; from the fifth time on, each is logged.
    ///
    /// @param data the bytes; its position moves to its limit
    /// @throws IllegalStateException after [#writeEof()]
    void write(ByteBuffer data);

    /// Sends bytes, as [#write(ByteBuffer)].
    ///
    /// @param data the bytes
    /// @throws IllegalStateException after [#writeEof()]
    default void write(byte[] data) {
        write(ByteBuffer.wrap(data));
    }

    /// Sends several pieces, as one.
    ///
    /// @param pieces the bytes, in order
    /// @throws IllegalStateException after [#writeEof()]
    default void writelines(List<ByteBuffer> pieces) {
        pieces.forEach(this::write);
    }

    /// Sends the end when everything written is sent; receiving goes on. Does nothing the second time.
    ///
    /// @throws UnsupportedOperationException if the connection has no such thing
    void writeEof();

    /// Whether [#writeEof()] is supported.
    ///
    /// @return false over TLS, for one
    boolean canWriteEof();

    /// Closes when everything written is sent; nothing more is received. May be called again.
    void close();

    /// Closes at once; what was not sent is dropped. May be called again.
    void abort();

    /// Whether the connection is closed, or about to be.
    ///
    /// @return true after [#close()], [#abort()], or when the connection was lost
    boolean isClosing();

    /// Who is told.
    ///
    /// @return the protocol
    Protocol protocol();

    /// Changes who is told; `connectionMade` is not called again.
    ///
    /// @param protocol the new protocol
    void setProtocol(Protocol protocol);

    /// Stops receiving, until [#resumeReading()]. May be called again.
    void pauseReading();

    /// Receives again. May be called again.
    void resumeReading();

    /// Whether this receives.
    ///
    /// @return false while paused or closing
    boolean isReading();

    /// How much is kept to be sent.
    ///
    /// @return bytes
    int writeBufferSize();

    /// When the protocol is told to pause and to resume.
    ///
    /// @return the marks
    WaterMarks waterMarks();

    /// Changes when the protocol is told to pause and to resume.
    ///
    /// @param marks the marks
    void setWaterMarks(WaterMarks marks);

    /// Something that is known about the connection.
    ///
    /// @param key what is asked for
    /// @param <T> its type
    /// @return the value, or null
    <T> @Nullable T extraInfo(ExtraInfo<T> key);
}
