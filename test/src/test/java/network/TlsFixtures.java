package network;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;

/// Keys and certificates, made anew in each JVM and written to a directory of its own.
final class TlsFixtures {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");
    private static final byte[] ECDSA = HexFormat.of().parseHex("300a06082a8648ce3d040302");
    private static final byte[] LOCALHOST = {127, 0, 0, 1};

    static final Path DIRECTORY = directory();

    private static final KeyPair CA_KEYS = keys("EC", 256);
    private static int serial = 1;

    /// The authority that tests trust.
    static final Path CA =
            pem("ca.pem", "CERTIFICATE", certificate("test authority", CA_KEYS, "", 10, "test authority"));

    static final Issued SERVER = issue("server", "localhost", 10);
    static final Issued OTHER = issue("other", "other.test", 10);
    static final Issued EXPIRED = issue("expired", "localhost", -10);
    static final Issued CLIENT = issue("client", "client.test", 10);
    static final Issued SELF_SIGNED = selfSigned();

    /// A certificate and its key.
    record Issued(Path certificate, Path key, KeyPair pair) {}

    private TlsFixtures() {}

    static Path pem(String name, String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return file(name, "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }

    static Path file(String name, String text) {
        try {
            Path file = Files.writeString(DIRECTORY.resolve(name), text);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("tls-test");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static KeyPair keys(String algorithm, int size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (size > 0) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Issued issue(String name, String host, int daysLeft) {
        return issue(name, host, daysLeft, keys("EC", 256));
    }

    static Issued issue(String name, String host, int daysLeft, KeyPair pair) {
        byte[] der = certificate(name, pair, host, daysLeft, "test authority");
        return new Issued(pem(name + ".pem", "CERTIFICATE", der), keyFile(name, pair.getPrivate()), pair);
    }

    private static Issued selfSigned() {
        KeyPair pair = keys("EC", 256);
        byte[] der = certificate("self", pair, "localhost", 10, "self");
        return new Issued(pem("self.pem", "CERTIFICATE", der), keyFile("self", pair.getPrivate()), pair);
    }

    private static Path keyFile(String name, PrivateKey key) {
        return pem(name + ".key", "PRIVATE KEY", key.getEncoded());
    }

    // X.509

    /// A certificate, signed by its own key if it names itself as issuer, else by the authority.
    private static byte[] certificate(String name, KeyPair pair, String host, int daysLeft, String issuer) {
        ZonedDateTime end = ZonedDateTime.now(java.time.ZoneOffset.UTC).plusDays(daysLeft);
        byte[] authority = der(0x30, hex("0603551d13"), hex("0101ff"), der(0x04, der(0x30, hex("0101ff"))));
        byte[] names = der(
                0x30,
                hex("0603551d11"),
                der(
                        0x04,
                        der(
                                0x30,
                                der(0x82, ascii(host)),
                                der(0x82, ascii("localhost." + host)),
                                der(0x87, LOCALHOST))));
        byte[] signed = der(
                0x30,
                der(0xa0, hex("020102")),
                der(0x02, BigInteger.valueOf(serial++).toByteArray()),
                ECDSA,
                name(issuer),
                der(0x30, time(end.minusDays(30)), time(end)),
                name(name),
                pair.getPublic().getEncoded(),
                der(0xa3, der(0x30, host.isEmpty() ? authority : names)));
        PrivateKey signer = (name.equals(issuer) ? pair : CA_KEYS).getPrivate();
        byte[] signature = signature(signer, signed);
        return der(0x30, signed, ECDSA, der(0x03, new byte[1], signature));
    }

    private static byte[] signature(PrivateKey key, byte[] bytes) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] name(String commonName) {
        return der(0x30, der(0x31, der(0x30, hex("0603550403"), der(0x0c, ascii(commonName)))));
    }

    private static byte[] time(ZonedDateTime time) {
        return der(0x18, ascii(TIME.format(time)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (body.size() >= 0x100) {
            out.write(0x82);
            out.write(body.size() >> 8);
        } else if (body.size() >= 0x80) {
            out.write(0x81);
        }
        out.write(body.size());
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }
}
