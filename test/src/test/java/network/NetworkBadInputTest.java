package network;

import static asyncio.net.Net.createConnection;
import static asyncio.net.Net.createServer;
import static asyncio.net.Net.getaddrinfo;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.startServer;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.EventLoop;
import asyncio.process.ProcessOptions;
import asyncio.process.RunProcessOptions;
import asyncio.stream.ChannelStream;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamPair;
import asyncio.stream.StreamTransport;
import asyncio.testing.NothingLeft;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot be is refused at once, and nothing of it is left.
@ExtendWith(NothingLeft.class)
class NetworkBadInputTest {
    @ParameterizedTest
    @ValueSource(ints = {-1, 65536})
    void port_outOfRange_isRefusedEverywhere(int port) {
        List<ThrowingCallable> calls = List.of(
                () -> openConnection(HOST, port),
                () -> startServer((reader, writer) -> {}, HOST, port),
                () -> createConnection(Recorder::new, HOST, port),
                () -> createServer(Recorder::new, HOST, port),
                () -> getaddrinfo(HOST, port));
        assertThat(calls)
                .allSatisfy(call -> assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("port")
                        .hasMessageContaining("got " + port));
    }

    @Test
    void limit_ofZero_isRefusedEverywhere() {
        try (EventLoop loop = EventLoop.create()) {
            List<MemoryStream> ends = MemoryStream.pair(loop);
            List<ThrowingCallable> calls = List.of(
                    () -> ProcessOptions.DEFAULT.limitBytes(0),
                    () -> RunProcessOptions.DEFAULT.maxBytes(0),
                    () -> MemoryStream.pair(loop, 0),
                    () -> StreamPair.over(ends.get(0), 0));
            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(call)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("got 0"));
            ends.forEach(MemoryStream::close);
        }
    }

    @Test
    void loop_thatIsClosed_isRefused() throws IOException {
        EventLoop loop = EventLoop.create();
        List<MemoryStream> ends = MemoryStream.pair(loop);
        loop.close();
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        List<ThrowingCallable> calls = List.of(
                () -> loop.watch(pipe.source(), "test"),
                () -> new ChannelStream(loop, pipe.source()),
                () -> StreamTransport.attach(ends.get(0), new Recorder()));
        assertThat(calls)
                .allSatisfy(call -> assertThatThrownBy(call)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed"));
        pipe.source().close();
        pipe.sink().close();
    }
}
