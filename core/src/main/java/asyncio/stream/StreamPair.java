package asyncio.stream;

import java.util.Objects;

/// The two halves of a connection.
///
/// Threads: loop-confined.
///
/// @param reader the reading half
/// @param writer the writing half
public record StreamPair(StreamReader reader, StreamWriter writer) implements AutoCloseable {
    /// How long a line may be unless said otherwise, in bytes.
    public static final int DEFAULT_LIMIT = 65536;

    /// Checks the values.
    public StreamPair {
        Objects.requireNonNull(reader, "reader must not be null");
        Objects.requireNonNull(writer, "writer must not be null");
    }

    /// Reader and writer of a stream, which belongs to them from now on.
    ///
    /// @param stream the stream
    /// @param limitBytes how long a line may be, without its end
    /// @return the two halves
    /// @throws IllegalArgumentException if the limit is not positive
    public static StreamPair over(ByteStream stream, int limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limit cannot be <= 0: got " + limitBytes);
        }
        StreamWriter writer = new StreamWriter(stream, limitBytes);
        return new StreamPair(writer.reader(), writer);
    }

    /// Closes the writer: when everything written is sent.
    @Override
    public void close() {
        writer.close();
    }
}
