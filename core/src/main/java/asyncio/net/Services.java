package asyncio.net;

import asyncio.Asyncio;
import asyncio.stream.ByteStream;
import asyncio.stream.Protocol;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import java.util.Objects;
import java.util.function.Supplier;

/// What the kinds of handlers do with a connection, and protocols on one.
///
/// Threads: loop-confined.
final class Services {
    private Services() {}

    /// The stream is closed when the handler has returned.
    static Service of(StreamHandler handler) {
        Objects.requireNonNull(handler, "handler must not be null");
        return connection -> {
            try (ByteStream stream = connection.stream()) {
                handler.handle(stream);
                if (!stream.isClosed()) {
                    Asyncio.await(stream.aclose());
                }
            }
        };
    }

    /// The writer is closed by the handler, or if that fails.
    static Service of(ConnectionHandler handler, int limitBytes) {
        Objects.requireNonNull(handler, "handler must not be null");
        return connection -> {
            StreamPair pair = StreamPair.over(connection.stream(), limitBytes);
            connection.carries(pair.writer().transport());
            handler.handle(pair.reader(), pair.writer());
        };
    }

    /// The connection lives until its transport is closed; no task is kept for it.
    static Service of(Supplier<? extends Protocol> factory) {
        Objects.requireNonNull(factory, "protocolFactory must not be null");
        return connection -> {
            StreamTransport transport = attach(factory, connection.stream()).transport();
            connection.carries(transport);
        };
    }

    /// A new protocol on a stream; returns after its `connectionMade`.
    static <P extends Protocol> ProtocolPair<P> attach(Supplier<? extends P> factory, ByteStream stream) {
        boolean attached = false;
        try {
            P protocol = Objects.requireNonNull(factory.get(), "protocolFactory must not return null");
            StreamTransport transport = StreamTransport.attach(stream, protocol);
            try {
                Asyncio.await(transport.waitMade());
                attached = true;
                return new ProtocolPair<>(transport, protocol);
            } finally {
                if (!attached) {
                    transport.abort();
                }
            }
        } finally {
            if (!attached) {
                stream.close();
            }
        }
    }
}
