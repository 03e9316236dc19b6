package asyncio.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A load generator for echo servers over TLS, with blocking sockets of the JDK:
/// `TlsLoad PORT CONNECTIONS BYTES WARM_SECONDS SECONDS CERTIFICATES`. Prints exchanges per second.
///
/// Threads: one for each connection.
final class TlsLoad {
    private static final int MAX_ATTEMPTS = 200;

    private TlsLoad() {}

    /// Measures.
    ///
    /// @param arguments as above
    /// @throws IOException if a connection fails
    /// @throws GeneralSecurityException if the file does not fit
    /// @throws InterruptedException never, as nobody interrupts
    static void main(String[] arguments) throws IOException, GeneralSecurityException, InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        int size = Integer.parseInt(arguments[2]);
        SSLContext context = trusting(Path.of(arguments[5]));
        AtomicLong exchanges = new AtomicLong();
        List<SSLSocket> sockets = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            SSLSocket socket = connected(context, port);
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            sockets.add(socket);
        }
        for (SSLSocket socket : sockets) {
            Thread.ofPlatform().daemon().start(() -> exchange(socket, size, exchanges));
        }
        TimeUnit.MILLISECONDS.sleep((long) (1000 * Double.parseDouble(arguments[3])));
        long before = exchanges.get();
        long start = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep((long) (1000 * Double.parseDouble(arguments[4])));
        System.out.printf("%.0f 0 0 0%n", (exchanges.get() - before) * 1e9 / (System.nanoTime() - start));
    }

    private static SSLSocket connected(SSLContext context, int port) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
            } catch (ConnectException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(50); // the server may still be starting
            }
        }
    }

    private static SSLContext trusting(Path certificates) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream input = Files.newInputStream(certificates)) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static void exchange(SSLSocket socket, int size, AtomicLong exchanges) {
        byte[] message = new byte[size];
        try {
            while (true) {
                socket.getOutputStream().write(message);
                if (socket.getInputStream().readNBytes(message, 0, size) < size) {
                    throw new IOException("the server closed a connection");
                }
                exchanges.incrementAndGet();
            }
        } catch (IOException e) {
            e.printStackTrace();
            System.exit(1); // a figure of what is left would be wrong
        }
    }
}
