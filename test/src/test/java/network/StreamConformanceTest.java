package network;

import static asyncio.Asyncio.getRunningLoop;

import asyncio.EventLoop;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.MemoryStream;
import asyncio.testing.ByteStreamConformance;
import asyncio.testing.NothingLeft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Sockets, pipes and memory keep the promises of all streams. TLS and the simulated network have classes of their own.
@ExtendWith(NothingLeft.class)
class StreamConformanceTest {
    private static final int LARGE_BUFFER = 1 << 18; // asked of the system, which takes it as a hint
    private static final int LARGE_CAPACITY = 1 << 21; // what a connection with such buffers holds at most
    private static final int SMALL_BUFFER = 32768;
    private static final int SMALL_CAPACITY = 1 << 19;

    private static ByteStreamConformance memory(int capacityBytes) {
        return ByteStreamConformance.of(() -> MemoryStream.pair(getRunningLoop(), capacityBytes))
                .capacity(capacityBytes);
    }

    @TestFactory
    Stream<DynamicTest> memoryStream_oneByte() {
        return memory(1).transfer(2_000).tests();
    }

    @TestFactory
    Stream<DynamicTest> memoryStream_fewBytes_twoHundredOrders() {
        return memory(7).transfer(10_000).orders(200).tests();
    }

    @TestFactory
    Stream<DynamicTest> memoryStream_thousandBytes() {
        return memory(1000).transfer(200_000).tests();
    }

    @TestFactory
    Stream<DynamicTest> memoryStream_default() {
        return ByteStreamConformance.of(() -> MemoryStream.pair(getRunningLoop()))
                .capacity(MemoryStream.DEFAULT_CAPACITY)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> channelStream_tcp() {
        return ByteStreamConformance.of(() -> sockets(loopback(), LARGE_BUFFER))
                .inRealTime()
                .capacity(LARGE_CAPACITY)
                .orders(0)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> channelStream_tcpSmallBuffers() {
        return ByteStreamConformance.of(() -> sockets(loopback(), SMALL_BUFFER))
                .inRealTime()
                .capacity(SMALL_CAPACITY)
                .orders(3)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> channelStream_unixSocket(@TempDir Path directory) {
        return ByteStreamConformance.of(() -> {
                    Path path = Files.createTempFile(directory, "s", "");
                    Files.delete(path);
                    return sockets(UnixDomainSocketAddress.of(path), 0);
                })
                .inRealTime()
                .withoutReset()
                .capacity(SMALL_CAPACITY)
                .orders(3)
                .tests();
    }

    @TestFactory
    Stream<DynamicTest> channelStream_pipe() {
        return ByteStreamConformance.of(() -> {
                    Pipe pipe = Pipe.open();
                    return List.of(stream(pipe.sink()), stream(pipe.source()));
                })
                .inRealTime()
                .oneWay()
                .withoutReset()
                .capacity(SMALL_CAPACITY)
                .orders(3)
                .tests();
    }

    private static SocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static List<ByteStream> sockets(SocketAddress address, int bufferBytes) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        StandardProtocolFamily family = unix ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
        try (ServerSocketChannel server = ServerSocketChannel.open(family)) {
            if (bufferBytes > 0) {
                server.setOption(StandardSocketOptions.SO_RCVBUF, bufferBytes);
            }
            server.bind(address);
            SocketChannel first = SocketChannel.open(family);
            if (bufferBytes > 0) {
                first.setOption(StandardSocketOptions.SO_RCVBUF, bufferBytes);
                first.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
            }
            if (!unix) {
                first.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            first.connect(server.getLocalAddress());
            SocketChannel second = server.accept();
            if (bufferBytes > 0) {
                second.setOption(StandardSocketOptions.SO_SNDBUF, bufferBytes);
            }
            return List.of(stream(first), stream(second));
        }
    }

    private static ByteStream stream(SelectableChannel channel) throws IOException {
        EventLoop loop = getRunningLoop();
        channel.configureBlocking(false);
        return new ChannelStream(loop, channel);
    }
}
