package asyncio.tls;

import asyncio.stream.ByteStream;
import asyncio.stream.ExtraInfo;
import asyncio.stream.Upgrade;
import asyncio.stream.UpgradeContext;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// How one side speaks TLS: what it shows, whom it trusts, what it offers. Makes the [Upgrade]s.
///
/// ```java
/// TlsContext client = TlsContext.client();
/// ByteStream stream = await(client.client("example.org").over(await(connect("example.org", 443))));
///
/// TlsContext server = TlsContext.server(Path.of("chain.pem"), Path.of("key.pem"));
/// await(serve(plain -> handle(await(server.server().over(plain))), "127.0.0.1", 8443));
/// ```
///
/// A client checks the server's certificate and its host name, against the authorities that the
/// system trusts, unless it is told whom to trust. TLS 1.2 and 1.3 are spoken. Each method returns a
/// changed copy.
///
/// A context is made once and used often: connections of the same context can resume each other's
/// sessions. Making one reads files, so it is made before the loop runs, or on another thread.
///
/// Threads: immutable.
public final class TlsContext implements UpgradeContext {
    private enum Role {
        CLIENT,
        SERVER,
        BOTH
    }

    private final Role role;
    private SSLContext sslContext; // as the rest: set while a copy is made, never later
    private final boolean given; // sslContext came from the user
    private @Nullable Identity identity; // what this side shows; null: nothing
    private @Nullable List<X509Certificate> trusted; // null: whom the system trusts
    private ClientAuth clientAuth = ClientAuth.NONE; // of servers
    private List<TlsVersion> versions = List.of(TlsVersion.values()); // in no order
    private List<String> alpnProtocols = List.of(); // the best first; empty: ALPN is not used
    private List<String> cipherSuites = List.of(); // empty: the JVM's
    private Map<String, TlsContext> hosts = Map.of(); // of servers; by name in lower case
    private Duration handshakeTimeout = Duration.ofSeconds(60); // positive
    private Duration shutdownTimeout = Duration.ofSeconds(30); // positive
    private boolean hostnameUnchecked; // of clients
    private boolean truncationTolerated; // an end without close_notify is one
    private boolean halfClosing; // with TLS 1.3, the end may be sent alone
    private @Nullable Executor handshakeExecutor; // null: the loop's thread

    private TlsContext(Role role, SSLContext sslContext, boolean given) {
        this.role = role;
        this.sslContext = sslContext;
        this.given = given;
    }

    private TlsContext(TlsContext other) {
        role = other.role;
        sslContext = other.sslContext;
        given = other.given;
        identity = other.identity;
        trusted = other.trusted;
        clientAuth = other.clientAuth;
        versions = other.versions;
        alpnProtocols = other.alpnProtocols;
        cipherSuites = other.cipherSuites;
        hosts = other.hosts;
        handshakeTimeout = other.handshakeTimeout;
        shutdownTimeout = other.shutdownTimeout;
        hostnameUnchecked = other.hostnameUnchecked;
        truncationTolerated = other.truncationTolerated;
        halfClosing = other.halfClosing;
        handshakeExecutor = other.handshakeExecutor;
    }

    // Contexts

    /// For clients: trusts whom the system trusts, and checks host names.
    ///
    /// @return a new context
    public static TlsContext client() {
        return new TlsContext(Role.CLIENT, SslContexts.make(null, null), false);
    }

    /// For servers.
    ///
    /// @param certificateChainPem a PEM file with the server's certificate, and behind it those that
    ///     lead to one that clients trust
    /// @param privateKeyPem a PEM file with its private key, in PKCS#8, PKCS#1 or SEC 1; may be the same
    /// @return a new context
    /// @throws IllegalArgumentException if a file is not what it should be, or the two do not match
    /// @throws UncheckedIOException if a file cannot be read
    public static TlsContext server(Path certificateChainPem, Path privateKeyPem) {
        return ofServer(Identity.read(certificateChainPem, privateKeyPem, null));
    }

    /// For servers, with a key that is encrypted.
    ///
    /// @param certificateChainPem as for [#server(Path, Path)]
    /// @param privateKeyPem a PEM file with its private key, in encrypted PKCS#8
    /// @param password of the key; not kept
    /// @return a new context
    /// @throws IllegalArgumentException if a file is not what it should be, the two do not match, or the
    ///     password is wrong
    /// @throws UncheckedIOException if a file cannot be read
    public static TlsContext server(Path certificateChainPem, Path privateKeyPem, char[] password) {
        Objects.requireNonNull(password, "password must not be null: leave it out if there is none");
        return ofServer(Identity.read(certificateChainPem, privateKeyPem, password));
    }

    private static TlsContext ofServer(Identity identity) {
        TlsContext context = new TlsContext(Role.SERVER, SslContexts.make(identity, null), false);
        context.identity = identity;
        return context;
    }

    /// A context on one of the JDK's, which says what to show and whom to trust; for clients and
    /// servers. Host names are checked.
    ///
    /// @param sslContext a context that is initialised
    /// @return a new context
    public static TlsContext of(SSLContext sslContext) {
        return new TlsContext(Role.BOTH, Objects.requireNonNull(sslContext, "sslContext must not be null"), true);
    }

    // Upgrades

    /// What makes a TLS stream of a connection to a server. It runs the handshake; if that fails, takes
    /// longer than the handshake timeout, or is cancelled, the lower stream is closed.
    ///
    /// Errors, when awaited: `SSLException` if the two cannot agree or a certificate is refused;
    /// [asyncio.stream.ConnectionResetException] if the peer hangs up; any other `IOException` of the
    /// lower stream. With TLS 1.3 a server that refuses the client's certificate says so later: then the
    /// first receive fails.
    ///
    /// @param serverHostname whom the client wants to reach: a name or a numeric address; the
    ///     server's certificate must be for it
    /// @return the upgrade, to be used any number of times
    /// @throws IllegalArgumentException if that is no host name
    /// @throws IllegalStateException if this context is for servers
    @Override
    public Upgrade client(String serverHostname) {
        Objects.requireNonNull(serverHostname, "serverHostname must not be null");
        if (role == Role.SERVER) {
            throw new IllegalStateException("this context is for servers: make one for clients by TlsContext.client()");
        }
        HostNames.ensureValid(serverHostname);
        return new TlsUpgrade(this, serverHostname);
    }

    /// What makes a TLS stream of a connection that a server has accepted; otherwise as
    /// [#client(String)].
    ///
    /// @return the upgrade, to be used any number of times
    /// @throws IllegalStateException if this context is for clients, or asks for certificates of clients
    ///     and does not say whom to trust
    @Override
    public Upgrade server() {
        if (role == Role.CLIENT) {
            throw new IllegalStateException("this context is for clients: a server needs a certificate and a key, make"
                    + " one by TlsContext.server(certificates, key)");
        }
        if (clientAuth != ClientAuth.NONE && trusted == null && !given) {
            throw new IllegalStateException("clients are asked for certificates, of which anybody can have one: say"
                    + " whose are good by trusting(file)");
        }
        return new TlsUpgrade(this, null);
    }

    // Who is who

    /// The same, trusting the authorities of a file and nobody else. A certificate in it is trusted
    /// itself, also one that signs itself.
    ///
    /// @param certificatesPem a PEM file with certificates
    /// @return a new context
    /// @throws IllegalArgumentException if there is no certificate in the file
    /// @throws UncheckedIOException if it cannot be read
    /// @throws IllegalStateException if this was made of one of the JDK's contexts
    public TlsContext trusting(Path certificatesPem) {
        ensureOwn("whom it trusts");
        TlsContext copy = new TlsContext(this);
        copy.trusted = Certificates.read(certificatesPem);
        copy.sslContext = SslContexts.make(copy.identity, copy.trusted);
        return copy;
    }

    /// The same with a certificate to show when a server asks the client for one.
    ///
    /// @param certificateChainPem as for [#server(Path, Path)]
    /// @param privateKeyPem as for [#server(Path, Path)]
    /// @return a new context
    /// @throws IllegalArgumentException as for [#server(Path, Path)]
    /// @throws UncheckedIOException if a file cannot be read
    /// @throws IllegalStateException if this context is not for clients, or made of one of the JDK's
    public TlsContext clientCertificate(Path certificateChainPem, Path privateKeyPem) {
        return showing(Identity.read(certificateChainPem, privateKeyPem, null));
    }

    /// The same with a certificate to show, whose key is encrypted; as
    /// [#clientCertificate(Path, Path)].
    ///
    /// @param certificateChainPem as for [#server(Path, Path)]
    /// @param privateKeyPem as for [#server(Path, Path, char[])]
    /// @param password of the key; not kept
    /// @return a new context
    /// @throws IllegalArgumentException as for [#server(Path, Path, char[])]
    /// @throws UncheckedIOException if a file cannot be read
    /// @throws IllegalStateException if this context is not for clients, or made of one of the JDK's
    public TlsContext clientCertificate(Path certificateChainPem, Path privateKeyPem, char[] password) {
        Objects.requireNonNull(password, "password must not be null: leave it out if there is none");
        return showing(Identity.read(certificateChainPem, privateKeyPem, password));
    }

    private TlsContext showing(Identity newIdentity) {
        ensureOwn("which certificate it shows");
        if (role == Role.SERVER) {
            throw new IllegalStateException("this context is for servers, and has its certificate");
        }
        TlsContext copy = new TlsContext(this);
        copy.identity = newIdentity;
        copy.sslContext = SslContexts.make(newIdentity, trusted);
        return copy;
    }

    private void ensureOwn(String what) {
        if (given) {
            throw new IllegalStateException("this was made of an SSLContext, which says " + what + ": say it there");
        }
    }

    /// The same, asking clients for a certificate or not; for servers. Say also whose certificates are
    /// good: [#trusting(Path)].
    ///
    /// @param newClientAuth whether clients are asked, and must have one
    /// @return a new context
    public TlsContext clientAuth(ClientAuth newClientAuth) {
        TlsContext copy = new TlsContext(this);
        copy.clientAuth = Objects.requireNonNull(newClientAuth, "clientAuth must not be null");
        return copy;
    }

    /// The same with other contexts for some host names; for servers. The name that a client asks for
    /// (SNI) decides; one that asks for none, or for another one, gets this context.
    ///
    /// @param newHosts host name to context; a name such as `*.example.org` stands for all names with
    ///     one more label
    /// @return a new context
    /// @throws IllegalArgumentException if a name is no host name, or a context is not for servers
    /// @throws IllegalStateException if a context cannot serve; see [#server()]
    public TlsContext hosts(Map<String, TlsContext> newHosts) {
        Map<String, TlsContext> checked = new HashMap<>();
        newHosts.forEach((name, context) -> {
            if (context.role == Role.CLIENT) {
                throw new IllegalArgumentException(
                        "context of host " + name + " is for clients: make it by server(...)");
            }
            context.server(); // refuses what could not serve
            String plain = name.startsWith("*.") ? name.substring(2) : name;
            HostNames.ensureValid(plain);
            checked.put(name.toLowerCase(Locale.ROOT), context);
        });
        TlsContext copy = new TlsContext(this);
        copy.hosts = Map.copyOf(checked);
        return copy;
    }

    /// The same without a check that the server's certificate is for the host that the client wants.
    /// **Whoever has any certificate of a trusted authority can then pose as the server.** For tests.
    ///
    /// @return a new context
    public TlsContext insecureWithoutHostnameCheck() {
        TlsContext copy = new TlsContext(this);
        copy.hostnameUnchecked = true;
        return copy;
    }

    // What is offered

    /// The same with protocols for what runs inside (ALPN), the best first. Two sides that both have
    /// some and share none cannot connect. [ExtraInfo#ALPN_PROTOCOL] says what was agreed on.
    ///
    /// @param protocols their names, such as `h2` and `http/1.1`
    /// @return a new context
    /// @throws IllegalArgumentException if a name is empty or longer than 255 characters
    public TlsContext alpnProtocols(String... protocols) {
        for (String protocol : protocols) {
            if (protocol.isEmpty() || protocol.length() > 255) {
                throw new IllegalArgumentException(
                        "an ALPN protocol has 1 to 255 characters: got \"" + protocol + "\"");
            }
        }
        TlsContext copy = new TlsContext(this);
        copy.alpnProtocols = List.of(protocols);
        return copy;
    }

    /// The same with some versions of TLS only.
    ///
    /// @param newVersions at least one
    /// @return a new context
    /// @throws IllegalArgumentException if there is none
    public TlsContext versions(TlsVersion... newVersions) {
        if (newVersions.length == 0) {
            throw new IllegalArgumentException("versions must not be empty: leave them out for TLS 1.2 and 1.3");
        }
        TlsContext copy = new TlsContext(this);
        copy.versions = List.of(newVersions);
        return copy;
    }

    /// The same with some cipher suites only, the best first.
    ///
    /// @param suites their names, as the JDK has them: `TLS_AES_128_GCM_SHA256`, for one
    /// @return a new context
    /// @throws IllegalArgumentException if the JVM does not know one, or there is none
    public TlsContext cipherSuites(String... suites) {
        Set<String> known =
                new TreeSet<>(List.of(sslContext.getSupportedSSLParameters().getCipherSuites()));
        List<String> unknown = new ArrayList<>(List.of(suites));
        unknown.removeAll(known);
        if (suites.length == 0 || !unknown.isEmpty()) {
            throw new IllegalArgumentException("cipher suites must be some that this JVM knows: got "
                    + (suites.length == 0 ? "none" : unknown) + "; known are " + known);
        }
        TlsContext copy = new TlsContext(this);
        copy.cipherSuites = List.of(suites);
        return copy;
    }

    // How it behaves

    /// The same with a limit for the handshake; 60 seconds unless said otherwise.
    ///
    /// @param timeout how long a handshake may take
    /// @return a new context
    /// @throws IllegalArgumentException if that is not positive
    public TlsContext handshakeTimeout(Duration timeout) {
        TlsContext copy = new TlsContext(this);
        copy.handshakeTimeout = positive(timeout, "ssl_handshake_timeout");
        return copy;
    }

    /// The same with a limit for the goodbye at the end; 30 seconds unless said otherwise.
    ///
    /// @param timeout how long the end may take
    /// @return a new context
    /// @throws IllegalArgumentException if that is not positive
    public TlsContext shutdownTimeout(Duration timeout) {
        TlsContext copy = new TlsContext(this);
        copy.shutdownTimeout = positive(timeout, "ssl_shutdown_timeout");
        return copy;
    }

    private static Duration positive(Duration timeout, String name) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(name + " should be a positive number, got " + timeout);
        }
        return timeout;
    }

    /// The same, taking a connection that ends without a goodbye (close_notify) for one that ends in good
    /// form. Somebody in between can then cut off the end of what is sent: only for protocols whose
    /// messages say how long they are.
    ///
    /// @return a new context
    public TlsContext truncationTolerated() {
        TlsContext copy = new TlsContext(this);
        copy.truncationTolerated = true;
        return copy;
    }

    /// The same, letting a stream of TLS 1.3 send its end and go on receiving. Many peers, CPython's
    /// asyncio among them, close the connection when they get the end, so both sides must be made for
    /// it.
    ///
    /// @return a new context
    public TlsContext halfClose() {
        TlsContext copy = new TlsContext(this);
        copy.halfClosing = true;
        return copy;
    }

    /// The same, with the computations of a handshake on an executor: signatures, and checks of
    /// certificates. Otherwise they are done on the loop, for one to three milliseconds each, as in
    /// asyncio: steps stay exact in tests, and a busy executor delays no handshake. For servers that
    /// accept many connections, and for key and trust managers that block.
    ///
    /// @param executor whose threads compute
    /// @return a new context
    public TlsContext handshakeExecutor(Executor executor) {
        TlsContext copy = new TlsContext(this);
        copy.handshakeExecutor = Objects.requireNonNull(executor, "executor must not be null");
        return copy;
    }

    // For the package

    SSLEngine clientEngine(String serverHostname, ByteStream lower) {
        int port = lower.extraInfo(ExtraInfo.PEER_ADDRESS) instanceof InetSocketAddress peer ? peer.getPort() : -1;
        SSLEngine engine = sslContext.createSSLEngine(serverHostname, port); // the key under which a session is kept
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine);
        parameters.setEndpointIdentificationAlgorithm(hostnameUnchecked ? null : "HTTPS");
        SNIHostName name = HostNames.sni(serverHostname);
        parameters.setServerNames(name == null ? List.of() : List.of(name));
        engine.setSSLParameters(parameters);
        return engine;
    }

    SSLEngine serverEngine() {
        SSLEngine engine = sslContext.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine);
        switch (clientAuth) {
            case NONE -> {}
            case WANTED -> parameters.setWantClientAuth(true);
            case NEEDED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(versions.stream().map(TlsVersion::protocol).toArray(String[]::new));
        parameters.setApplicationProtocols(alpnProtocols.toArray(String[]::new));
        if (!cipherSuites.isEmpty()) {
            parameters.setCipherSuites(cipherSuites.toArray(String[]::new));
        }
        return parameters;
    }

    /// The context for a name that a client asks for.
    TlsContext forHost(@Nullable String name) {
        if (name == null) {
            return this;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        TlsContext exact = hosts.get(lower);
        if (exact != null) {
            return exact;
        }
        int dot = lower.indexOf('.');
        return dot < 0 ? this : hosts.getOrDefault("*" + lower.substring(dot), this);
    }

    Map<String, TlsContext> hosts() {
        return hosts;
    }

    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    Duration shutdownTimeout() {
        return shutdownTimeout;
    }

    boolean isTruncationTolerated() {
        return truncationTolerated;
    }

    boolean isHalfClosing() {
        return halfClosing;
    }

    @Nullable
    Executor handshakeExecutor() {
        return handshakeExecutor;
    }

    @Override
    public String toString() {
        return "<TlsContext " + role.name().toLowerCase(Locale.ROOT) + (identity == null ? "" : " " + identity)
                + (hostnameUnchecked ? " insecure" : "") + ">";
    }
}
