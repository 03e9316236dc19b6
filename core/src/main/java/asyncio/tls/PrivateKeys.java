package asyncio.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Reads private keys. No message and no cause has a byte of one.
///
/// Threads: any thread.
final class PrivateKeys {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
    private static final String PBES2 = "1.2.840.113549.1.5.13";

    private PrivateKeys() {}

    /// The private key of a PEM file.
    ///
    /// @param password of an encrypted key; null if there is none
    /// @throws IllegalArgumentException if there is no key, or it cannot be used
    static PrivateKey read(Path path, char @Nullable [] password) {
        PemFile file = PemFile.read(path);
        PemFile.Block block = file.key();
        if (block == null) {
            throw new IllegalArgumentException(
                    "file holds no private key: " + file
                            + (file.first("CERTIFICATE") == null
                                    ? ""
                                    : "; it is a certificate: give the file of the certificates first, that of the key second"));
        }
        if (block.encrypted()) {
            throw new IllegalArgumentException("private key is encrypted in an old form that is not supported: " + path
                    + "; convert it with openssl pkcs8 -topk8");
        }
        return switch (block.label()) {
            case "PRIVATE KEY" -> parse(path, block.der());
            case "RSA PRIVATE KEY" -> parse(path, Der.pkcs8OfRsa(block.der()));
            case "EC PRIVATE KEY" -> parse(path, ofEc(path, file, block.der()));
            case "ENCRYPTED PRIVATE KEY" -> parse(path, decrypt(path, block.der(), password));
            default ->
                throw new IllegalArgumentException("private key is of a kind that is not supported: " + file
                        + "; convert it with openssl pkcs8 -topk8");
        };
    }

    private static byte[] ofEc(Path path, PemFile file, byte[] sec1) {
        PemFile.Block parameters = file.first("EC PARAMETERS");
        byte[] curve = Der.curveOfSec1(sec1);
        if (curve == null && parameters != null) {
            curve = parameters.der();
        }
        if (curve == null) {
            throw new IllegalArgumentException(
                    "private key does not say its curve: " + path + "; convert it with openssl pkcs8 -topk8");
        }
        return Der.pkcs8OfEc(sec1, curve);
    }

    private static PrivateKey parse(Path path, byte[] pkcs8) {
        PrivateKey key = parse(pkcs8);
        if (key == null) {
            throw new IllegalArgumentException("private key is damaged, or of an algorithm that is not supported: "
                    + path + "; supported are " + String.join(", ", ALGORITHMS));
        }
        return key;
    }

    private static @Nullable PrivateKey parse(byte[] pkcs8) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // the next one
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JVM does not know " + algorithm, e);
            }
        }
        return null;
    }

    private static byte[] decrypt(Path path, byte[] der, char @Nullable [] password) {
        if (password == null) {
            throw new IllegalArgumentException("private key is encrypted: " + path + "; give its password");
        }
        PBEKeySpec secret = new PBEKeySpec(password);
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            AlgorithmParameters parameters = info.getAlgParameters();
            boolean named = parameters == null || !info.getAlgName().matches("PBES2|" + PBES2);
            String algorithm = named ? info.getAlgName() : parameters.toString(); // of PBES2, its parts
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE, SecretKeyFactory.getInstance(algorithm).generateSecret(secret), parameters);
            byte[] pkcs8 = info.getKeySpec(cipher).getEncoded();
            if (parse(pkcs8) == null) {
                throw wrongPassword(path);
            }
            return pkcs8;
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("private key is encrypted in a way that is not supported: " + path + ": "
                    + e.getMessage() + "; convert it with openssl pkcs8 -topk8 -v2 aes256");
        } catch (GeneralSecurityException | IOException e) {
            throw wrongPassword(path);
        } finally {
            secret.clearPassword();
        }
    }

    private static IllegalArgumentException wrongPassword(Path path) {
        return new IllegalArgumentException(
                "private key cannot be decrypted: " + path + "; the password is wrong, or the" + " file is damaged");
    }
}
