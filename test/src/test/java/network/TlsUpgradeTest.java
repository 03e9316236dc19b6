package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.bytes;
import static network.TlsLab.inVirtualTime;
import static network.TlsLab.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.MemoryStream;
import asyncio.stream.PrefixedStream;
import asyncio.stream.StreamClosedException;
import asyncio.stream.StreamPair;
import asyncio.testing.Spec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/// TLS that begins in the middle of a conversation.
class TlsUpgradeTest {
    @Test
    @Spec("IO-11")
    void startTls_helloInTheServersBufferAlready_isHandedOver() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            await(pair.get(0).send(bytes("STARTTLS\n")));
            Task<ByteStream> client = createTask(CLIENT.client("localhost").over(pair.get(0)));
            await(sleep(Duration.ofMillis(1)));

            ByteBuffer buffered = ByteBuffer.allocate(10_000);
            await(pair.get(1).receive(buffered));
            buffered.flip().position("STARTTLS\n".length());
            assertThat(buffered.hasRemaining()).as("the client has begun").isTrue();
            ByteStream whole = PrefixedStream.of(buffered, pair.get(1));

            try (ByteStream secure = await(SERVER.server().over(whole));
                    ByteStream peer = await(client)) {
                await(peer.send(bytes("secret")));
                assertThat(receive(secure, 6)).isEqualTo("secret");
            }
            assertThat(pair).allMatch(MemoryStream::isClosed);
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_serversAnswerInTheClientsBufferAlready_isHandedOver() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            List<MemoryStream> hidden = MemoryStream.pair(getRunningLoop());
            Task<ByteStream> server = createTask(SERVER.server().over(pair.get(1)));
            Task<ByteStream> client = createTask(CLIENT.client("localhost").over(hidden.get(0)));
            ByteBuffer relayed = ByteBuffer.allocate(20_000);
            await(hidden.get(1).receive(relayed)); // the hello goes to the server, whose answer is read too early
            await(pair.get(0).send(relayed.flip()));
            await(pair.get(0).receive(relayed.clear()));
            ByteStream early = PrefixedStream.of(relayed.flip(), pair.get(0));
            Task<?> back = createTask(() -> pump(early, hidden.get(1)));
            Task<?> there = createTask(() -> pump(hidden.get(1), early));

            try (ByteStream peer = await(client)) {
                await(peer.send(bytes("secret")));
                assertThat(receive(await(server), 6)).isEqualTo("secret");
            }
            await(server).close();
            await(back);
            await(there);
        });
    }

    @Test
    @Spec({"IO-10", "IO-11", "ST-5"})
    void startTls_ofReaderAndWriter_conversationGoesOn() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (StreamPair client = StreamPair.over(pair.get(0), StreamPair.DEFAULT_LIMIT);
                    StreamPair server = StreamPair.over(pair.get(1), StreamPair.DEFAULT_LIMIT)) {
                Task<?> serving = createTask(() -> {
                    await(sleep(Duration.ofSeconds(1))); // the line and the hello are read at once
                    assertThat(await(server.reader().readLine())).isEqualTo("STARTTLS\n".getBytes(UTF_8));
                    await(server.writer().startTls(SERVER.server()));
                    server.writer().write(await(server.reader().readLine()));
                    await(server.writer().drain());
                });
                client.writer().write("STARTTLS\n".getBytes(UTF_8));
                await(client.writer().startTls(CLIENT.client("localhost")));
                assertThat(client.writer().canWriteEof()).isFalse();
                assertThat(client.writer().extraInfo(ExtraInfo.TLS_SESSION)).isNotNull();
                client.writer().write("secret\n".getBytes(UTF_8));
                assertThat(await(client.reader().readLine())).isEqualTo("secret\n".getBytes(UTF_8));
                await(serving);
                server.writer().close();
                assertThat(await(client.reader().read())).isEmpty();
            }
            await(sleep(Duration.ofSeconds(1)));
            assertThat(pair).allMatch(MemoryStream::isClosed);
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_refusedCertificate_losesTheConnection() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            try (StreamPair client = StreamPair.over(pair.get(0), StreamPair.DEFAULT_LIMIT)) {
                Task<ByteStream> server = createTask(SERVER.server().over(pair.get(1)));
                assertThatThrownBy(() -> await(client.writer().startTls(CLIENT.client("wrong.test"))))
                        .isInstanceOf(SSLException.class);
                assertThatThrownBy(() -> await(server)).isInstanceOf(SSLException.class);
                assertThat(pair).allMatch(MemoryStream::isClosed);
            }
        });
    }

    private static void pump(ByteStream from, ByteStream to) {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        try {
            while (await(from.receive(buffer.clear()), IOException.class) >= 0) {
                await(to.send(buffer.flip()), IOException.class);
            }
        } catch (IOException e) {
            from.close(); // one of the two has gone
        }
    }

    @Test
    void prefixedStream_bytes_comeBeforeThoseOfTheLowerStream() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            ByteBuffer first = bytes("one");
            try (ByteStream stream = PrefixedStream.of(first, pair.get(0))) {
                assertThat(first.remaining()).as("copied").isEqualTo(3);
                assertThat(stream.toString()).contains("3 bytes before");
                boolean[] told = new boolean[1];
                stream.onReadable(() -> told[0] = true);
                assertThat(told[0]).isFalse();
                await(sleep(Duration.ZERO));
                await(sleep(Duration.ZERO));
                assertThat(told[0]).isTrue();
                await(pair.get(1).send(bytes("two")));
                assertThat(receive(stream, 2)).isEqualTo("on");
                assertThat(receive(stream, 4)).isEqualTo("etwo");
                await(stream.send(bytes("back")));
                await(stream.sendEof());
                assertThat(receive(pair.get(1), 4)).isEqualTo("back");
                assertThat(stream.toString()).isEqualTo(pair.get(0).toString());
            }
            assertThat(pair.get(0).isClosed()).isTrue();
        });
    }

    @Test
    void prefixedStream_withoutBytes_isTheLowerStream() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            assertThat(PrefixedStream.of(ByteBuffer.allocate(0), pair.get(0))).isSameAs(pair.get(0));
        });
    }

    @Test
    void prefixedStream_closed_givesNothing() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            ByteStream stream = PrefixedStream.of(bytes("one"), pair.get(0));
            stream.close();
            assertThat(stream.isClosed()).isTrue();
            assertThatThrownBy(() -> receive(stream, 1)).isInstanceOf(StreamClosedException.class);
        });
    }
}
