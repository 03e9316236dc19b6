package network;

import static network.TlsFixtures.der;
import static network.TlsLab.CLIENT;
import static network.TlsLab.inVirtualTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.tls.TlsContext;
import asyncio.tls.TlsVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files of keys and certificates, and what can be wrong with them; and other wrong values.
class TlsPemTest {
    private static final TlsFixtures.Issued SERVER = TlsFixtures.SERVER;
    private static final char[] PASSWORD = "open sesame".toCharArray();

    /// What is inside a PKCS#8 key: the key in its older form.
    private static byte[] inner(PrivateKey key) {
        byte[] pkcs8 = key.getEncoded();
        int at = 0;
        for (int depth = 0; depth < 1; depth++) { // into the sequence
            at = bodyOf(pkcs8, at);
        }
        at = endOf(pkcs8, at); // the version
        at = endOf(pkcs8, at); // the algorithm
        return Arrays.copyOfRange(pkcs8, bodyOf(pkcs8, at), endOf(pkcs8, at));
    }

    private static int bodyOf(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int endOf(byte[] der, int at) {
        int length = der[at + 1] & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | der[at + 2 + i] & 0xff;
            }
        }
        return bodyOf(der, at) + length;
    }

    private static void assertServes(TlsContext server) {
        inVirtualTime(() -> {
            try (var ends = TlsLab.connect(CLIENT, server)) {
                assertThat(ends.client().isClosed()).isFalse();
            }
        });
    }

    // Good files

    @Test
    void rsaKey_inPkcs8AndPkcs1_serves() {
        KeyPair pair = TlsFixtures.keys("RSA", 2048);
        TlsFixtures.Issued rsa = TlsFixtures.issue("rsa", "localhost", 10, pair);
        Path pkcs1 = TlsFixtures.pem("rsa1.key", "RSA PRIVATE KEY", inner(pair.getPrivate()));

        assertServes(TlsContext.server(rsa.certificate(), rsa.key()));
        assertServes(TlsContext.server(rsa.certificate(), pkcs1).versions(TlsVersion.TLS_1_2));
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 384, 521})
    void ecKey_inSec1_serves(int size) {
        KeyPair pair = TlsFixtures.keys("EC", size);
        TlsFixtures.Issued ec = TlsFixtures.issue("ec" + size, "localhost", 10, pair);
        byte[] curve = ((java.security.interfaces.ECPrivateKey) pair.getPrivate()).getParams() == null
                ? new byte[0]
                : curveOf(pair.getPrivate());
        byte[] withoutCurve = inner(pair.getPrivate());
        byte[] fields = Arrays.copyOfRange(withoutCurve, bodyOf(withoutCurve, 0), withoutCurve.length);
        int afterKey = endOf(fields, endOf(fields, 0));
        byte[] withCurve = der(
                0x30,
                Arrays.copyOf(fields, afterKey),
                der(0xa0, curve),
                Arrays.copyOfRange(fields, afterKey, fields.length));

        assertServes(TlsContext.server(
                ec.certificate(), TlsFixtures.pem("sec" + size + ".key", "EC PRIVATE KEY", withCurve)));
        if (size == 256) {
            Path none = TlsFixtures.pem("nocurve.key", "EC PRIVATE KEY", withoutCurve);
            assertThatThrownBy(() -> TlsContext.server(ec.certificate(), none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("curve");
        }
    }

    private static byte[] curveOf(PrivateKey key) {
        byte[] pkcs8 = key.getEncoded();
        int algorithm = endOf(pkcs8, bodyOf(pkcs8, 0));
        int parameters = endOf(pkcs8, bodyOf(pkcs8, algorithm));
        return Arrays.copyOfRange(pkcs8, parameters, endOf(pkcs8, parameters));
    }

    @Test
    void edKey_inPkcs8_serves() {
        TlsFixtures.Issued ed = TlsFixtures.issue("ed", "localhost", 10, TlsFixtures.keys("Ed25519", 0));

        assertServes(TlsContext.server(ed.certificate(), ed.key()));
    }

    private static Path encrypted(String... form) {
        Path file = TlsFixtures.DIRECTORY.resolve("encrypted.key");
        file.toFile().deleteOnExit();
        List<String> command = new ArrayList<>(
                List.of("openssl", "pkcs8", "-topk8", "-in", SERVER.key().toString(), "-out", file.toString()));
        command.addAll(List.of("-passout", "pass:" + new String(PASSWORD)));
        command.addAll(List.of(form));
        TlsPeer.run(command);
        return file;
    }

    @Test
    @Tag("peers") // OpenSSL encrypts the key
    void encryptedKey_rightPassword_serves() {
        assertServes(TlsContext.server(SERVER.certificate(), encrypted(), PASSWORD.clone()));
        assertServes(TlsContext.server(SERVER.certificate(), encrypted("-v1", "PBE-SHA1-3DES"), PASSWORD.clone()));
    }

    @Test
    @Tag("peers") // OpenSSL encrypts the key
    void encryptedKey_wrongOrNoPassword_isRefusedWithoutSayingIt() {
        Path encrypted = encrypted();

        assertThatThrownBy(() -> TlsContext.server(SERVER.certificate(), encrypted, "guess".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password is wrong")
                .hasMessageContaining("encrypted.key")
                .hasMessageNotContaining("guess")
                .hasNoCause();
        assertThatThrownBy(() -> TlsContext.server(SERVER.certificate(), encrypted))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give its password");
    }

    @Test
    void oneFile_forCertificateAndKeyWithTextAround_serves() throws IOException {
        String text = "Subject: somebody\r\n" + Files.readString(SERVER.key()).replace("\n", "\r\n") + "\nmore text\n"
                + Files.readString(SERVER.certificate());
        Path both = TlsFixtures.file("both.pem", text);

        assertServes(TlsContext.server(both, both));
    }

    // Wrong files

    private static void assertRefused(Path certificate, Path key, String... words) {
        assertThatThrownBy(() -> TlsContext.server(certificate, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void missingFile_isNamed() {
        assertThatThrownBy(() -> TlsContext.server(Path.of("nowhere.pem"), SERVER.key()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("not found")
                .hasMessageContaining("nowhere.pem");
        assertThatThrownBy(() -> TlsContext.client().trusting(TlsFixtures.DIRECTORY))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(TlsFixtures.DIRECTORY.toString());
    }

    @Test
    void wrongFiles_areRefusedWithWhatToDo() throws IOException {
        assertRefused(SERVER.key(), SERVER.key(), "no certificate", "server.key", "certificates first");
        assertRefused(SERVER.certificate(), SERVER.certificate(), "no private key", "server.pem", "key second");
        assertRefused(SERVER.certificate(), TlsFixtures.OTHER.key(), "other.key", "does not match", "server.pem");
        assertRefused(TlsFixtures.file("empty.pem", ""), SERVER.key(), "empty", "empty.pem");
        assertRefused(TlsFixtures.file("text.pem", "hello"), SERVER.key(), "no PEM block", "text.pem");
        assertRefused(TlsFixtures.file("der.pem", "0\u0082ab"), SERVER.key(), "looks like DER");
        assertRefused(TlsFixtures.file("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"), SERVER.key(), "cut short");
        assertRefused(TlsFixtures.pem("bad.pem", "CERTIFICATE", new byte[50]), SERVER.key(), "damaged", "bad.pem");
        assertRefused(SERVER.certificate(), TlsFixtures.pem("bad.key", "PRIVATE KEY", new byte[50]), "bad.key");
        assertRefused(SERVER.certificate(), TlsFixtures.pem("dsa.key", "DSA PRIVATE KEY", new byte[50]), "topk8");
        assertRefused(SERVER.certificate(), TlsFixtures.file("old.key", """
                        -----BEGIN RSA PRIVATE KEY-----
                        Proc-Type: 4,ENCRYPTED
                        DEK-Info: AES-256-CBC,00

                        AAAA
                        -----END RSA PRIVATE KEY-----
                        """), "old form", "openssl pkcs8 -topk8");
        assertRefused(TlsFixtures.file("huge.pem", "x".repeat(5_000_000)), SERVER.key(), "larger than");
        Path reversed = TlsFixtures.file(
                "reversed.pem", Files.readString(TlsFixtures.CA) + Files.readString(SERVER.certificate()));
        assertRefused(reversed, SERVER.key(), "first one in its file");
    }

    @Test
    void keys_inMessages_areNotShown() {
        String body = "c2VjcmV0IHNlY3JldCBzZWNyZXQ=";
        Path file = TlsFixtures.file(
                "weird.key", "-----BEGIN PRIVATE KEY-----\n" + body + "!\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> TlsContext.server(SERVER.certificate(), file))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    for (Throwable at = e; at != null; at = at.getCause()) {
                        assertThat(at.toString()).doesNotContain("c2VjcmV0").doesNotContain("secret");
                    }
                });
    }

    // Wrong values

    @Test
    void timeouts_notPositive_areRefused() {
        for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
            assertThatThrownBy(() -> CLIENT.handshakeTimeout(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ssl_handshake_timeout should be a positive number, got " + wrong);
            assertThatThrownBy(() -> CLIENT.shutdownTimeout(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ssl_shutdown_timeout");
        }
    }

    @Test
    void roles_mixedUp_areRefused() throws Exception {
        assertThatThrownBy(CLIENT::server)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("server(");
        assertThatThrownBy(() -> TlsLab.SERVER.client("localhost")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> TlsLab.SERVER.hosts(Map.of("a.test", CLIENT)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsLab.SERVER.clientCertificate(SERVER.certificate(), SERVER.key()))
                .isInstanceOf(IllegalStateException.class);
        TlsContext given = TlsContext.of(SSLContext.getDefault());
        assertThatThrownBy(() -> given.trusting(TlsFixtures.CA))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SSLContext");
    }

    @Test
    void offers_wrong_areRefused() {
        assertThatThrownBy(() -> CLIENT.client("not a host")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CLIENT.client("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CLIENT.alpnProtocols("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CLIENT.versions()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CLIENT.cipherSuites("NONSENSE"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NONSENSE")
                .hasMessageContaining("TLS_AES_128_GCM_SHA256");
    }

    @Test
    void text_ofAContext_hasNoKey() {
        assertThat(TlsLab.SERVER.toString()).isEqualTo("<TlsContext server CN=server>");
        assertThat(CLIENT.insecureWithoutHostnameCheck().toString()).contains("insecure");
    }
}
