package asyncio.net;

import asyncio.Asyncio;
import asyncio.stream.ByteStream;
import asyncio.stream.Protocol;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import java.util.Objects;
import java.util.function.Supplier;

/// What is put on top of connected streams: protocols, or reader and writer.
///
/// Threads: loop-confined.
final class Protocols {
    private Protocols() {}

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

    /// Serves a connection by a new protocol, until it is lost.
    static StreamHandler serving(Supplier<? extends Protocol> factory) {
        return stream -> {
            StreamTransport transport = attach(factory, stream).transport();
            try {
                Asyncio.await(transport.waitLost());
            } finally {
                transport.abort(); // does nothing if it is over
            }
        };
    }

    /// Serves a connection by reader and writer; afterwards waits until everything written is sent.
    static StreamHandler serving(ConnectionHandler handler, int limitBytes) {
        return stream -> {
            StreamPair pair = StreamPair.over(stream, limitBytes);
            StreamTransport transport = pair.writer().transport();
            try {
                try {
                    handler.handle(pair.reader(), pair.writer());
                } catch (Exception e) { // not a cancellation: that does not wait for the peer
                    closeInGoodForm(pair);
                    throw e;
                }
                closeInGoodForm(pair);
            } finally {
                transport.abort(); // does nothing if it is over
            }
        };
    }

    private static void closeInGoodForm(StreamPair pair) {
        pair.close();
        Asyncio.await(pair.writer().transport().waitLost());
    }
}
