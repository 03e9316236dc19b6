package asyncio.net;

import asyncio.Asyncio;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamPair;
import java.util.Objects;

/// What the kinds of handlers do with a connection.
///
/// Threads: immutable.
final class Services {
    private Services() {}

    /// The stream is closed when the handler has returned.
    static Service of(StreamHandler handler) {
        Objects.requireNonNull(handler, "handler must not be null");
        return connection -> {
            try (ByteStream stream = connection.stream()) {
                handler.handle(stream);
                Asyncio.await(stream.aclose());
            }
        };
    }

    /// The writer is closed by the handler, or if that fails.
    static Service of(ConnectionHandler handler, int limitBytes) {
        Objects.requireNonNull(handler, "handler must not be null");
        return connection -> {
            StreamPair pair = StreamPair.over(connection.stream(), limitBytes);
            connection.closeBy(() -> pair.writer().close());
            handler.handle(pair.reader(), pair.writer());
        };
    }
}
