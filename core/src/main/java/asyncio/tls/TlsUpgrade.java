package asyncio.tls;

import asyncio.Asyncio;
import asyncio.Coroutine;
import asyncio.Timeout;
import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.ConnectionResetException;
import asyncio.stream.Upgrade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// Performs the handshake.
///
/// Threads: immutable.
///
/// @param context how
/// @param serverHostname whom the client wants to reach; null on the server's side
record TlsUpgrade(TlsContext context, @Nullable String serverHostname) implements Upgrade {
    @Override
    public Coroutine<ByteStream> over(ByteStream lower) {
        Objects.requireNonNull(lower, "lower must not be null");
        return Asyncio.async(() -> open(lower));
    }

    private ByteStream open(ByteStream lower) throws IOException {
        Timeout limit = Asyncio.timeout(context.handshakeTimeout());
        try {
            return Asyncio.await(
                    limit.run(scope -> {
                        return handshake(lower);
                    }),
                    IOException.class);
        } catch (TimeoutException e) {
            lower.abort();
            throw timedOut(e);
        } catch (SSLException e) {
            lower.close(); // behind the alert that says why
            throw explained(e);
        } catch (Throwable e) {
            lower.abort();
            throw e;
        }
    }

    private ByteStream handshake(ByteStream lower) throws IOException {
        ByteBuffer received = ByteBuffer.allocate(0);
        TlsContext chosen = context;
        if (serverHostname == null && !context.hosts().isEmpty()) {
            ClientHello hello = new ClientHello();
            while (!hello.isComplete()) {
                if (Asyncio.await(lower.receive(hello.room())) < 0) {
                    throw new ConnectionResetException(
                            "Connection lost: the peer closed the connection during the TLS handshake");
                }
            }
            received = hello.received();
            chosen = context.forHost(hello.serverName());
        }
        SSLEngine engine = serverHostname == null ? chosen.serverEngine() : chosen.clientEngine(serverHostname, lower);
        TlsStream stream = new TlsStream(chosen, engine, lower);
        stream.handshake(received);
        return stream;
    }

    private SSLHandshakeException timedOut(TimeoutException e) {
        SSLHandshakeException failure = new SSLHandshakeException("SSL handshake is taking longer than "
                + context.handshakeTimeout().toNanos() / 1e9 + " seconds: aborting the connection");
        failure.initCause(e);
        return failure;
    }

    /// With what to do, where the JDK's words do not say it.
    private SSLException explained(SSLException e) {
        String words = String.valueOf(e.getMessage());
        String advice = words.contains("PKIX path building")
                ? "; a certificate that the system does not know is trusted by TlsContext.trusting(file)"
                : "";
        String whose = serverHostname == null ? "" : " with " + serverHostname;
        SSLHandshakeException explained =
                new SSLHandshakeException("TLS handshake" + whose + " failed: " + words + advice);
        explained.initCause(e);
        return explained;
    }
}
