package asyncio.tls;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads certificates.
///
/// Threads: any thread.
final class Certificates {
    private static final Set<String> LABELS = Set.of("CERTIFICATE", "X509 CERTIFICATE");

    private Certificates() {}

    /// The certificates of a PEM file, in order; at least one.
    ///
    /// @throws IllegalArgumentException if there is none, or one is damaged
    static List<X509Certificate> read(Path path) {
        PemFile file = PemFile.read(path);
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemFile.Block block : file.blocks()) {
            if (LABELS.contains(block.label())) {
                certificates.add(parse(path, block));
            }
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("file holds no certificate: " + file
                    + (file.key() == null
                            ? ""
                            : "; it is a key: give the file of the certificates first, that of the key second"));
        }
        return List.copyOf(certificates);
    }

    private static X509Certificate parse(Path path, PemFile.Block block) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.der()));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("certificate is damaged: " + path + ": " + e.getMessage(), e);
        }
    }
}
