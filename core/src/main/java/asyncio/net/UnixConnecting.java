package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Connects to Unix sockets.
///
/// Threads: loop-confined.
final class UnixConnecting {
    /*
     * A connection is there at once, or refused, or the server has too many that it has not accepted. The system
     * does not say when that changes, and the channel cannot be used again. So it is tried with a new one, in growing
     * intervals.
     */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration MAX_PAUSE = Duration.ofMillis(100);

    private UnixConnecting() {}

    static ByteStream connect(EventLoop loop, Path path) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        Duration pause = FIRST_PAUSE;
        ByteStream stream;
        while ((stream = attempt(loop, address)) == null) {
            Asyncio.await(Asyncio.sleep(pause));
            pause = pause.compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
        }
        return stream;
    }

    /// Returns null if the server has too many waiting.
    private static @Nullable ByteStream attempt(EventLoop loop, UnixDomainSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            Asyncio.await(SocketFunctions.connect(channel, address), IOException.class);
            return new ChannelStream(loop, channel);
        } catch (IOException e) {
            channel.close();
            if (UnixFailure.isBacklogFull(e)) {
                return null;
            }
            throw UnixFailure.of(address.getPath(), e);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }
}
