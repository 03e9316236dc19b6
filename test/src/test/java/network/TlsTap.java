package network;

import asyncio.tls.TlsContext;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// A context whose engines a test can reach, to ask for new keys.
final class TlsTap extends SSLContextSpi {
    final List<SSLEngine> engines = new ArrayList<>();
    private final SSLContext real;

    TlsTap() {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Certificate own;
            Certificate authority;
            try (var ownFile = java.nio.file.Files.newInputStream(TlsFixtures.SERVER.certificate());
                    var authorityFile = java.nio.file.Files.newInputStream(TlsFixtures.CA)) {
                own = factory.generateCertificate(ownFile);
                authority = factory.generateCertificate(authorityFile);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            char[] password = "test".toCharArray();
            store.setKeyEntry("own", TlsFixtures.SERVER.pair().getPrivate(), password, new Certificate[] {own});
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            real = SSLContext.getInstance("TLS");
            real.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    TlsContext context() {
        return TlsContext.of(new SSLContext(this, real.getProvider(), "TLS") {});
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        engines.add(real.createSSLEngine());
        return engines.getLast();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        engines.add(real.createSSLEngine(host, port));
        return engines.getLast();
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("initialised already");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return real.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return real.getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return real.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return real.getClientSessionContext();
    }
}
