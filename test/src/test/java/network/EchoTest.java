package network;

import static asyncio.Asyncio.await;
import static asyncio.net.Net.connect;
import static asyncio.net.Net.openConnection;
import static asyncio.net.Net.serve;
import static asyncio.net.Net.startServer;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.net.Server;
import asyncio.stream.ByteStream;
import asyncio.stream.StreamPair;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The shortest way there and back.
@ExtendWith(NothingLeft.class)
class EchoTest {
    private static final String HOST = "127.0.0.1";

    private static void echo(ByteStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (await(stream.receive(buffer.clear())) >= 0) {
            await(stream.send(buffer.flip()));
        }
    }

    @Test
    void byteStream_messageAndEnd_comeBack() {
        String answer = Asyncio.run(() -> {
            try (Server server = await(serve(EchoTest::echo, HOST, 0));
                    ByteStream client =
                            await(connect(HOST, server.localAddress().getPort()))) {
                await(client.send(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8))));
                await(client.sendEof());
                ByteBuffer received = ByteBuffer.allocate(100);
                while (await(client.receive(received)) >= 0) {
                    assertThat(received.hasRemaining()).isTrue();
                }
                return StandardCharsets.UTF_8.decode(received.flip()).toString();
            }
        });

        assertThat(answer).isEqualTo("hello");
    }

    @Test
    void readerAndWriter_line_comesBack() {
        String answer = Asyncio.run(() -> {
            try (Server server = await(startServer(
                            (reader, writer) -> {
                                writer.write(await(reader.readLine()));
                                await(writer.drain());
                                writer.close();
                            },
                            HOST,
                            0));
                    StreamPair client =
                            await(openConnection(HOST, server.localAddress().getPort()))) {
                client.writer().write("line\n".getBytes(StandardCharsets.UTF_8));
                await(client.writer().drain());
                return new String(await(client.reader().readLine()), StandardCharsets.UTF_8);
            }
        });

        assertThat(answer).isEqualTo("line\n");
    }

    @Test
    void loopClosed_serverStillOpen_isReportedAndClosed() {
        RecordingLogger logger = new RecordingLogger();
        Server[] left = new Server[1];

        Asyncio.run(
                () -> {
                    left[0] = await(serve(EchoTest::echo, HOST, 0));
                    return null;
                },
                RunOptions.defaults().loop(LoopOptions.defaults().logger(logger)));

        assertThat(logger.messagesWith("AS401"))
                .singleElement()
                .satisfies(text -> assertThat(text)
                        .startsWith("AS401 channel left open: a channel was still open")
                        .contains("<Server"));
        assertThat(left[0].toString()).contains("closed");
    }
}
