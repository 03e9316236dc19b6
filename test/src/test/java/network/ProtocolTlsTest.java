package network;

import static asyncio.Asyncio.await;
import static asyncio.net.Net.createConnection;
import static asyncio.net.Net.createServer;
import static network.Streams.HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.LoopOptions;
import asyncio.RunOptions;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.stream.ExtraInfo;
import asyncio.stream.MemoryStream;
import asyncio.stream.ProtocolPair;
import asyncio.stream.StreamTransport;
import asyncio.testing.NothingLeft;
import asyncio.testing.RecordingLogger;
import asyncio.testing.Spec;
import asyncio.tls.TlsContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Protocols over TLS: by the options of clients and servers, and by an upgrade in the middle.
@Spec("IO-10")
@ExtendWith(NothingLeft.class)
class ProtocolTlsTest {
    private static final ServerOptions SERVER = ServerOptions.DEFAULT.tls(TlsLab.SERVER);
    private static final ConnectOptions CLIENT =
            ConnectOptions.DEFAULT.tls(TlsLab.CLIENT).serverHostname("localhost");

    /// Sends back what it gets.
    private static final class Echo extends Recorder {
        private asyncio.stream.@org.jspecify.annotations.Nullable Transport transport;

        @Override
        public void connectionMade(asyncio.stream.Transport made) {
            super.connectionMade(made);
            transport = made;
        }

        @Override
        public void dataReceived(ByteBuffer data) {
            super.dataReceived(data.duplicate());
            if (transport != null) {
                transport.write(data);
            }
        }
    }

    @Test
    void protocols_overTls_areToldInOrderAndOfOneEnd() {
        List<Echo> served = new ArrayList<>();
        NetworkRun.run(() -> {
            try (Server server = await(createServer(() -> echo(served), HOST, 0, SERVER))) {
                ProtocolPair<Recorder> client = await(createConnection(Recorder::new, HOST, server.port(), CLIENT));
                assertThat(client.transport().extraInfo(ExtraInfo.TLS_SESSION)).isNotNull();
                client.transport().write(NetworkRun.bytes("hello"));
                while (client.protocol().receivedBytes < 5) {
                    await(Asyncio.sleep(Duration.ofMillis(1)));
                }
                client.transport().close();
                assertThat(await(client.transport().waitLost())).isNull();
                await(server.aclose());
                assertThat(client.protocol().log).containsExactly("made", "data hello", "lost null");
            }
        });
        assertThat(served)
                .singleElement()
                .satisfies(each -> assertThat(each.log).containsExactly("made", "data hello", "eof", "lost null"));
    }

    private static Echo echo(List<Echo> served) {
        Echo made = new Echo();
        served.add(made);
        return made;
    }

    @Test
    void handshake_thatFails_reachesNoProtocol() {
        RecordingLogger logger = new RecordingLogger();
        List<Recorder> made = new ArrayList<>();
        Asyncio.run(
                () -> {
                    try (Server server = await(createServer(() -> recorded(made), HOST, 0, SERVER))) {
                        ConnectOptions distrusting =
                                ConnectOptions.DEFAULT.tls(TlsContext.client()).serverHostname("localhost");
                        assertThatThrownBy(() ->
                                        await(createConnection(() -> recorded(made), HOST, server.port(), distrusting)))
                                .isInstanceOf(SSLException.class);
                        await(server.aclose());
                    }
                },
                new RunOptions(LoopOptions.defaults().logger(logger), Duration.ZERO, false));
        assertThat(made).isEmpty();
        assertThat(Streams.findings(logger)).singleElement().asString().contains("handshake failed");
    }

    private static Recorder recorded(List<Recorder> made) {
        Recorder recorder = new Recorder();
        made.add(recorder);
        return recorder;
    }

    @Test
    void eofReceived_true_hasNoEffectAndSaysSo() {
        RecordingLogger logger = new RecordingLogger();
        Recorder keeping = new Recorder();
        keeping.keepsOpen = true;
        Asyncio.run(
                () -> {
                    try (TlsLab.Ends ends = TlsLab.connect(TlsLab.CLIENT, TlsLab.SERVER)) {
                        StreamTransport transport = StreamTransport.attach(ends.server(), keeping);
                        await(ends.client().send(NetworkRun.bytes("last words")));
                        ends.client().close();
                        await(transport.waitLost());
                    }
                },
                new RunOptions(LoopOptions.defaults().logger(logger), Duration.ZERO, false));
        assertThat(keeping.log).containsExactly("made", "data last words", "eof", "lost null");
        assertThat(Streams.findings(logger))
                .singleElement()
                .asString()
                .contains("returning true from eofReceived() has no effect");
    }

    @Test
    @Spec("IO-11")
    void startTls_ofTwoTransports_goesOnOverTls() {
        TlsLab.inVirtualTime(() -> {
            List<MemoryStream> plain = MemoryStream.pair(Asyncio.getRunningLoop());
            Recorder left = new Recorder();
            Recorder right = new Recorder();
            StreamTransport client = StreamTransport.attach(plain.get(0), left);
            StreamTransport server = StreamTransport.attach(plain.get(1), right);
            client.write(NetworkRun.bytes("in the clear"));
            Streams.yieldTurns(5);

            await(Asyncio.gather(
                    client.startTls(TlsLab.CLIENT.client("localhost")), server.startTls(TlsLab.SERVER.server())));
            client.write(NetworkRun.bytes("secret"));
            server.write(NetworkRun.bytes("answer"));
            Streams.yieldTurns(20);
            assertThat(client.extraInfo(ExtraInfo.TLS_SESSION)).isNotNull();
            client.close();
            await(client.waitLost());
            await(server.waitLost());

            assertThat(left.log).containsExactly("made", "data answer", "lost null");
            assertThat(right.log).containsExactly("made", "data in the clear", "data secret", "eof", "lost null");
        });
    }

    @Test
    @Spec("IO-11")
    void startTls_thatFails_losesTheConnectionOnce() {
        TlsLab.inVirtualTime(() -> {
            List<MemoryStream> plain = MemoryStream.pair(Asyncio.getRunningLoop());
            Recorder left = new Recorder();
            StreamTransport client = StreamTransport.attach(plain.get(0), left);
            var upgrade = Asyncio.createTask(client.startTls(TlsLab.CLIENT.client("localhost")));
            Streams.yieldTurns(3);
            assertThatThrownBy(() -> client.write(NetworkRun.bytes("too early")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("startTls is in progress");
            await(plain.get(1).send(NetworkRun.bytes("this is not TLS")));
            assertThatThrownBy(() -> await(upgrade)).isInstanceOf(SSLException.class);
            await(client.waitLost());
            assertThat(left.log).containsExactly("made", "lost SSLHandshakeException");
            plain.get(1).close();
        });
    }
}
