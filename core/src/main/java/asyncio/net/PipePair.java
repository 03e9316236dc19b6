package asyncio.net;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.Objects;

/// The two ends of a pipe: what is sent into one is received at the other.
///
/// Threads: loop-confined.
///
/// @param source the end that receives
/// @param sink the end that sends
public record PipePair(ByteStream source, ByteStream sink) implements AutoCloseable {
    /// Checks the values.
    public PipePair {
        Objects.requireNonNull(source, "source must not be null");
        Objects.requireNonNull(sink, "sink must not be null");
    }

    static PipePair open(EventLoop loop) throws IOException {
        Pipe pipe = Pipe.open();
        try {
            pipe.source().configureBlocking(false);
            pipe.sink().configureBlocking(false);
            return new PipePair(new ChannelStream(loop, pipe.source()), new ChannelStream(loop, pipe.sink()));
        } catch (Throwable e) {
            pipe.source().close();
            pipe.sink().close();
            throw e;
        }
    }

    /// Closes both ends.
    @Override
    public void close() {
        sink.close();
        source.close();
    }
}
