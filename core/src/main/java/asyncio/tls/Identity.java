package asyncio.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one side shows to prove who it is: a private key and its certificates.
///
/// Threads: immutable.
///
/// @param chain the certificates, its own first
/// @param key the private key
record Identity(List<X509Certificate> chain, PrivateKey key) {
    /// Reads and checks an identity.
    ///
    /// @throws IllegalArgumentException if the files are not what they should be
    static Identity read(Path certificates, Path key, char @Nullable [] password) {
        Identity identity = new Identity(Certificates.read(certificates), PrivateKeys.read(key, password));
        if (!identity.matches(identity.chain.getFirst().getPublicKey())) {
            boolean later = identity.chain.stream().anyMatch(other -> identity.matches(other.getPublicKey()));
            throw new IllegalArgumentException("private key " + key + " does not match the certificate " + certificates
                    + (later ? "; the certificate of the key must be the first one in its file" : ""));
        }
        return identity;
    }

    /// Whether a public key is the counterpart: it accepts what the private key signs.
    private boolean matches(PublicKey other) {
        byte[] message = {1, 2, 3};
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        if (algorithm.equals("RSASSA-PSS")) {
            return other.getAlgorithm().equals(algorithm); // a signature would need its parameters
        }
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(other);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // a key of another kind
        }
    }

    @Override
    public String toString() {
        return chain.getFirst().getSubjectX500Principal().toString();
    }
}
