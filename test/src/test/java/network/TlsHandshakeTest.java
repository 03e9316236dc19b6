package network;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.waitUntil;
import static network.TlsLab.CLIENT;
import static network.TlsLab.SERVER;
import static network.TlsLab.bytes;
import static network.TlsLab.connect;
import static network.TlsLab.inVirtualTime;
import static network.TlsLab.outcomes;
import static network.TlsLab.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.Outcome;
import asyncio.ReturnWhen;
import asyncio.Task;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.ExtraInfo;
import asyncio.stream.MemoryStream;
import asyncio.stream.StreamClosedException;
import asyncio.testing.Spec;
import asyncio.tls.ClientAuth;
import asyncio.tls.TlsContext;
import asyncio.tls.TlsStream;
import asyncio.tls.TlsVersion;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who agrees with whom, and how it ends if they do not.
class TlsHandshakeTest {
    private static TlsContext serverOf(TlsFixtures.Issued issued) {
        return TlsContext.server(issued.certificate(), issued.key());
    }

    private static String subject(ByteStream stream) throws SSLPeerUnverifiedException {
        X509Certificate peer =
                (X509Certificate) stream.extraInfo(ExtraInfo.TLS_SESSION).getPeerCertificates()[0];
        return peer.getSubjectX500Principal().getName();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void handshake_eachVersion_isAgreedOn(TlsVersion version) {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.versions(version), SERVER)) {
                assertThat(ends.client()).isInstanceOf(TlsStream.class);
                assertThat(ends.client().extraInfo(ExtraInfo.TLS_SESSION).getProtocol())
                        .isEqualTo(version.protocol());
                assertThat(subject(ends.client())).isEqualTo("CN=server");
                assertThat(ends.client().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isNull();
                assertThat(ends.server().toString())
                        .contains(version.protocol())
                        .contains("MemoryStream");
                await(ends.client().send(bytes("hello")));
                assertThat(receive(ends.server(), 5)).isEqualTo("hello");
                await(ends.server().send(bytes("back")));
                assertThat(receive(ends.client(), 4)).isEqualTo("back");
            }
        });
    }

    @Test
    void handshake_versionsApart_failsOnBothSides() {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes = outcomes(
                    CLIENT.versions(TlsVersion.TLS_1_3).client("localhost"),
                    SERVER.versions(TlsVersion.TLS_1_2).server());

            assertThat(outcomes.get(0).exception())
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("TLS handshake with localhost failed: ");
            assertThat(outcomes.get(1).exception())
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("TLS handshake failed: ");
        });
    }

    @Test
    void handshake_cipherSuite_isTheOneAskedFor() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.cipherSuites("TLS_AES_128_GCM_SHA256"), SERVER)) {
                assertThat(ends.server().extraInfo(ExtraInfo.TLS_SESSION).getCipherSuite())
                        .isEqualTo("TLS_AES_128_GCM_SHA256");
            }
        });
    }

    // Certificates of servers

    private static void assertRefused(TlsContext client, String host, TlsContext server, String words) {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes = outcomes(client.client(host), server.server());

            assertThat(outcomes.get(0).exception())
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("TLS handshake with " + host + " failed")
                    .hasMessageContaining(words);
            assertThat(outcomes.get(1).exception())
                    .as("the server is told by an alert")
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("alert");
        });
    }

    @Test
    void client_wrongHostName_refuses() {
        assertRefused(CLIENT, "wrong.test", SERVER, "wrong.test");
        assertRefused(CLIENT, "127.0.0.2", SERVER, "127.0.0.2");
    }

    @Test
    void client_rightAddress_accepts() {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes = outcomes(CLIENT.client("127.0.0.1"), SERVER.server());
            outcomes.forEach(outcome -> outcome.get().close());
        });
    }

    @Test
    void client_insecure_acceptsTheWrongHostNameButNotAnUnknownAuthority() {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes =
                    outcomes(CLIENT.insecureWithoutHostnameCheck().client("wrong.test"), SERVER.server());
            outcomes.forEach(outcome -> outcome.get().close());
        });
        assertRefused(CLIENT.insecureWithoutHostnameCheck(), "wrong.test", serverOf(TlsFixtures.SELF_SIGNED), "PKIX");
    }

    @Test
    void client_expiredCertificate_refuses() {
        assertRefused(CLIENT, "localhost", serverOf(TlsFixtures.EXPIRED), "validity check failed");
    }

    @Test
    void client_trustOfTheSystem_refusesSelfSignedAndSaysWhatToDo() {
        assertRefused(TlsContext.client(), "localhost", serverOf(TlsFixtures.SELF_SIGNED), "TlsContext.trusting(file)");
    }

    @Test
    void client_unknownAuthority_refuses() {
        assertRefused(TlsContext.client(), "localhost", SERVER, "TlsContext.trusting(file)");
        assertRefused(TlsContext.client().trusting(TlsFixtures.SELF_SIGNED.certificate()), "localhost", SERVER, "PKIX");
    }

    @Test
    void client_trustingTheSelfSignedOneItself_accepts() {
        inVirtualTime(() -> {
            try (var ends = connect(
                    TlsContext.client().trusting(TlsFixtures.SELF_SIGNED.certificate()),
                    serverOf(TlsFixtures.SELF_SIGNED))) {
                assertThat(subject(ends.client())).isEqualTo("CN=self");
            }
        });
    }

    // Certificates of clients

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void server_needsCertificate_seesIt(TlsVersion version) {
        inVirtualTime(() -> {
            TlsContext client = CLIENT.clientCertificate(TlsFixtures.CLIENT.certificate(), TlsFixtures.CLIENT.key());
            TlsContext server = SERVER.trusting(TlsFixtures.CA).clientAuth(ClientAuth.NEEDED);
            try (var ends = connect(client.versions(version), server)) {
                assertThat(subject(ends.server())).isEqualTo("CN=client");
            }
        });
    }

    @Test
    void server_wantsCertificate_servesAClientWithoutOne() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT, SERVER.trusting(TlsFixtures.CA).clientAuth(ClientAuth.WANTED))) {
                assertThatThrownBy(() -> subject(ends.server())).isInstanceOf(SSLPeerUnverifiedException.class);
            }
        });
    }

    @Test
    void server_needsCertificateOfClientWithoutOne_refuses() {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes = outcomes(
                    CLIENT.versions(TlsVersion.TLS_1_2).client("localhost"),
                    SERVER.trusting(TlsFixtures.CA)
                            .clientAuth(ClientAuth.NEEDED)
                            .server());

            assertThat(outcomes.get(0).exception()).isInstanceOf(SSLHandshakeException.class);
            assertThat(outcomes.get(1).exception()).isInstanceOf(SSLHandshakeException.class);
        });
    }

    @Test
    void server_refusesCertificateInTls13_clientHearsOfItAtItsFirstReceive() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            Task<ByteStream> server = createTask(SERVER.trusting(TlsFixtures.CA)
                    .clientAuth(ClientAuth.NEEDED)
                    .server()
                    .over(pair.get(1)));
            try (ByteStream client = await(CLIENT.client("localhost").over(pair.get(0)))) {
                assertThatThrownBy(() -> TlsLab.receiveEnd(client))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("alert");
                assertThatThrownBy(() -> await(client.send(bytes("x")))).isInstanceOf(SSLException.class);
            }
            assertThatThrownBy(() -> await(server)).isInstanceOf(SSLHandshakeException.class);
        });
    }

    @Test
    void server_asksForCertificatesAndTrustsEverybody_isRefused() {
        assertThatThrownBy(() -> SERVER.clientAuth(ClientAuth.WANTED).server())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("trusting(file)");
        assertThatThrownBy(() -> SERVER.hosts(Map.of("other.test", SERVER.clientAuth(ClientAuth.WANTED))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("trusting(file)");
    }

    // ALPN, SNI

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void alpn_sharedProtocol_isTheServersFirst(TlsVersion version) {
        inVirtualTime(() -> {
            try (var ends = connect(
                    CLIENT.versions(version).alpnProtocols("http/1.1", "h2"), SERVER.alpnProtocols("h2", "http/1.1"))) {
                assertThat(ends.client().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isEqualTo("h2");
                assertThat(ends.server().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isEqualTo("h2");
            }
        });
    }

    @Test
    void alpn_oneSideOnly_agreesOnNothing() {
        inVirtualTime(() -> {
            try (var ends = connect(CLIENT.alpnProtocols("h2"), SERVER)) {
                assertThat(ends.client().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isNull();
                assertThat(ends.server().extraInfo(ExtraInfo.ALPN_PROTOCOL)).isNull();
            }
        });
    }

    @Test
    void alpn_nothingShared_failsOnBothSides() {
        assertNoAlpn(CLIENT.alpnProtocols("h2"), SERVER.alpnProtocols("http/1.1"));
    }

    private static void assertNoAlpn(TlsContext client, TlsContext server) {
        inVirtualTime(() -> {
            List<Outcome<ByteStream>> outcomes = outcomes(client.client("localhost"), server.server());
            assertThat(outcomes.get(0).exception()).hasMessageContaining("no_application_protocol");
            assertThat(outcomes.get(1).exception()).isInstanceOf(SSLHandshakeException.class);
        });
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void hosts_nameOfTheClient_picksTheContext(TlsVersion version) {
        TlsContext other = serverOf(TlsFixtures.OTHER).alpnProtocols("other");
        TlsContext server = SERVER.hosts(Map.of("Other.test", other, "*.other.test", other));
        TlsContext client = CLIENT.versions(version).alpnProtocols("other");
        inVirtualTime(() -> {
            assertThat(subjectOf(client, "localhost", server)).isEqualTo("CN=server null");
            assertThat(subjectOf(client, "127.0.0.1", server)).isEqualTo("CN=server null");
            assertThat(subjectOf(client, "other.test", server)).isEqualTo("CN=other other");
            assertThat(subjectOf(client, "LOCALHOST.other.test", server)).isEqualTo("CN=other other");
        });
    }

    private static String subjectOf(TlsContext client, String host, TlsContext server) throws Exception {
        List<Outcome<ByteStream>> outcomes = outcomes(client.client(host), server.server());
        try (ByteStream first = outcomes.get(0).get();
                ByteStream second = outcomes.get(1).get()) {
            assertThat(second.isClosed()).isFalse();
            return subject(first) + " " + first.extraInfo(ExtraInfo.ALPN_PROTOCOL);
        }
    }

    @Test
    void hosts_helloInSmallPieces_isReadWhole() {
        TlsContext server = SERVER.hosts(Map.of("other.test", serverOf(TlsFixtures.OTHER)));
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop(), 1);
            List<Outcome<ByteStream>> outcomes = outcomes(CLIENT.client("other.test"), server.server(), pair);
            assertThat(subject(outcomes.get(0).get())).isEqualTo("CN=other");
            outcomes.forEach(outcome -> outcome.get().close());
            await(sleep(Duration.ofSeconds(1)));
        });
    }

    // The end before the beginning

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    @Spec("IO-10")
    void handshake_silentPeer_timesOutInAsyncioWords(TlsVersion version) {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            Duration start = getRunningLoop().time();

            assertThatThrownBy(() ->
                            await(CLIENT.versions(version).client("localhost").over(pair.get(0))))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessage("SSL handshake is taking longer than 60.0 seconds: aborting the connection");

            assertThat(getRunningLoop().time().minus(start)).isEqualTo(Duration.ofSeconds(60));
            assertThat(pair.get(0).isClosed()).isTrue();
            assertThat(Asyncio.allTasks()).hasSize(1);
        });
    }

    @Test
    @Spec("IO-10")
    void handshake_silentClient_timesOutAlsoBeforeItSaysItsName() {
        inVirtualTime(() -> {
            TlsContext server = SERVER.handshakeTimeout(Duration.ofMillis(1500));
            for (TlsContext context : List.of(server, server.hosts(Map.of("other.test", SERVER)))) {
                List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
                assertThatThrownBy(() -> await(context.server().over(pair.get(1))))
                        .isInstanceOf(SSLHandshakeException.class)
                        .hasMessageContaining("taking longer than 1.5 seconds");
                assertThat(pair.get(1).isClosed()).isTrue();
            }
        });
    }

    @Test
    @Spec("IO-10")
    void handshake_peerThatHangsUp_isAResetConnection() {
        inVirtualTime(() -> {
            for (TlsContext context : List.of(SERVER, SERVER.hosts(Map.of("other.test", SERVER)))) {
                List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
                pair.get(0).close();
                assertThatThrownBy(() -> await(context.server().over(pair.get(1))))
                        .isInstanceOf(ConnectionResetException.class)
                        .hasMessageContaining("during the TLS handshake");
            }
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            createTask(() -> {
                await(pair.get(1).receive(java.nio.ByteBuffer.allocate(10)));
                pair.get(1).close();
            });
            assertThatThrownBy(() -> await(CLIENT.client("localhost").over(pair.get(0))))
                    .isInstanceOf(ConnectionResetException.class);
            assertThat(pair.get(0).isClosed()).isTrue();
        });
    }

    @Test
    @Spec("IO-10")
    void handshake_lowerStreamClosedMeanwhile_ends() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            Task<ByteStream> client = createTask(CLIENT.client("localhost").over(pair.get(0)));
            await(sleep(Duration.ofSeconds(1)));

            pair.get(0).close();

            await(waitUntil(List.of(client), ReturnWhen.ALL_COMPLETED));
            assertThat(client.exception()).isInstanceOf(StreamClosedException.class);
        });
    }

    @Test
    @Spec("IO-11")
    void handshake_cancelled_closesTheLowerStream() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            Task<ByteStream> client = createTask(CLIENT.client("localhost").over(pair.get(0)));
            await(sleep(Duration.ofSeconds(1)));

            client.cancel();
            await(waitUntil(List.of(client), ReturnWhen.ALL_COMPLETED));

            assertThat(client.isCancelled()).isTrue();
            assertThat(pair.get(0).isClosed()).isTrue();
        });
    }

    @Test
    void handshake_plainTextPeer_failsAtOnce() {
        inVirtualTime(() -> {
            List<MemoryStream> pair = MemoryStream.pair(getRunningLoop());
            await(pair.get(0).send(bytes("GET / HTTP/1.1\r\n\r\n")));
            assertThatThrownBy(() -> await(SERVER.server().over(pair.get(1)))).isInstanceOf(SSLException.class);
            assertThat(pair.get(1).isClosed()).isTrue();
        });
    }

    @Test
    void handshake_withAnExecutor_computesThere() {
        AtomicInteger threads = new AtomicInteger();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            TlsContext server = SERVER.handshakeExecutor(task -> {
                threads.incrementAndGet();
                executor.execute(task);
            });
            Asyncio.run(() -> {
                try (var ends = connect(CLIENT.handshakeExecutor(executor), server)) {
                    await(ends.client().send(bytes("hello")));
                    assertThat(receive(ends.server(), 5)).isEqualTo("hello");
                }
            });
        }
        assertThat(threads.get()).isPositive();
    }
}
