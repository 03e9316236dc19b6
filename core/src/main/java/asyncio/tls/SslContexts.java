package asyncio.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Makes the JDK's contexts.
///
/// Threads: any thread.
final class SslContexts {
    private static final char[] NO_PASSWORD = {}; // of stores that never leave the memory

    private SslContexts() {}

    /// A context.
    ///
    /// @param identity what this side shows; null: nothing
    /// @param trusted whom it trusts; null: whom the system trusts
    static SSLContext make(@Nullable Identity identity, @Nullable List<X509Certificate> trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity == null ? new KeyManager[0] : keyManagers(identity),
                    trusted == null ? SystemTrust.MANAGERS : trustManagers(storeOf(trusted)),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JVM cannot make a TLS context: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keyManagers(Identity identity) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry("key", identity.key(), NO_PASSWORD, identity.chain().toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore storeOf(List<X509Certificate> certificates) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("certificate" + i, certificates.get(i));
        }
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static TrustManager[] trustManagers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /// Read once in a JVM: the file is large.
    private static final class SystemTrust {
        static final TrustManager[] MANAGERS = read();

        private static TrustManager[] read() {
            try {
                return trustManagers(null);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JVM's trusted certificates cannot be read: " + e.getMessage(), e);
            }
        }
    }
}
