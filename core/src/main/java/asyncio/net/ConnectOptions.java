package asyncio.net;

import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import asyncio.stream.UpgradeContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a connection is made.
///
/// Threads: immutable.
public final class ConnectOptions {
    /// Addresses race with 250 ms between them, families take turns; no time limit, no TLS.
    public static final ConnectOptions DEFAULT = new ConnectOptions();

    private @Nullable InetSocketAddress localAddress; // null: the system's choice
    private Duration happyEyeballsDelay = Duration.ofMillis(250); // as the rest: set while a copy is made, never later
    private int interleave = 1; // addresses of the first family; 0: the order of the resolver
    private boolean allErrors; // as a group
    private boolean keepAlive; // SO_KEEPALIVE
    private int receiveBufferBytes; // 0: the system's choice
    private int sendBufferBytes; // 0: the system's choice
    private int limitBytes = StreamPair.DEFAULT_LIMIT; // of lines
    private @Nullable Duration connectTimeout; // null: none
    private @Nullable Resolver resolver; // null: the loop's
    private @Nullable Upgrade upgrade; // null: none, or that of the context
    private @Nullable UpgradeContext context; // null: none
    private @Nullable String serverHostname; // null: the host

    private ConnectOptions() {}

    private ConnectOptions(ConnectOptions other) {
        localAddress = other.localAddress;
        happyEyeballsDelay = other.happyEyeballsDelay;
        interleave = other.interleave;
        allErrors = other.allErrors;
        keepAlive = other.keepAlive;
        receiveBufferBytes = other.receiveBufferBytes;
        sendBufferBytes = other.sendBufferBytes;
        limitBytes = other.limitBytes;
        connectTimeout = other.connectTimeout;
        resolver = other.resolver;
        upgrade = other.upgrade;
        context = other.context;
        serverHostname = other.serverHostname;
    }

    /// The same with an address of this side; asyncio's `local_addr`.
    ///
    /// @param newLocalAddress where the connection comes from; port 0: any; a name is looked up
    /// @return new options
    public ConnectOptions localAddress(InetSocketAddress newLocalAddress) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.localAddress = Objects.requireNonNull(newLocalAddress, "localAddress must not be null");
        return copy;
    }

    /// The same with another head start for each address of a host before the next one is tried, too;
    /// the first that connects wins (RFC 8305). An address that fails lets the next one start at once.
    ///
    /// @param newHappyEyeballsDelay the head start; zero: each address only after the one before failed
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions happyEyeballsDelay(Duration newHappyEyeballsDelay) {
        if (newHappyEyeballsDelay.isNegative()) {
            throw new IllegalArgumentException("happyEyeballsDelay must not be negative: got " + newHappyEyeballsDelay
                    + "; Duration.ZERO tries one address after the other");
        }
        ConnectOptions copy = new ConnectOptions(this);
        copy.happyEyeballsDelay = newHappyEyeballsDelay;
        return copy;
    }

    /// The same with another mixture of IPv4 and IPv6.
    ///
    /// @param newInterleave how many addresses of the first family come before the families take turns;
    ///     0: the order of the resolver
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions interleave(int newInterleave) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.interleave = notNegative(newInterleave, "interleave", "0 keeps the order of the resolver");
        return copy;
    }

    /// The same with or without a group of all errors.
    ///
    /// @param newAllErrors whether the failures of all addresses come out as an
    ///     [asyncio.ExceptionGroup]; else as one `IOException`
    /// @return new options
    public ConnectOptions allErrors(boolean newAllErrors) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.allErrors = newAllErrors;
        return copy;
    }

    /// The same with or without probes of an idle connection.
    ///
    /// @param newKeepAlive whether the system probes (SO_KEEPALIVE)
    /// @return new options
    public ConnectOptions keepAlive(boolean newKeepAlive) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.keepAlive = newKeepAlive;
        return copy;
    }

    /// The same with another size of the system's buffer for what is received.
    ///
    /// @param newReceiveBufferBytes the size; 0: the system's choice
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions receiveBufferBytes(int newReceiveBufferBytes) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.receiveBufferBytes = notNegative(newReceiveBufferBytes, "receiveBufferBytes", "0 leaves it to the system");
        return copy;
    }

    /// The same with another size of the system's buffer for what is sent.
    ///
    /// @param newSendBufferBytes the size; 0: the system's choice
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public ConnectOptions sendBufferBytes(int newSendBufferBytes) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.sendBufferBytes = notNegative(newSendBufferBytes, "sendBufferBytes", "0 leaves it to the system");
        return copy;
    }

    /// The same with another limit for lines, for `openConnection`.
    ///
    /// @param newLimitBytes how long a line may be
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ConnectOptions limitBytes(int newLimitBytes) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.limitBytes = ServerOptions.positiveLimit(newLimitBytes);
        return copy;
    }

    /// The same with a time limit for the look-up of the name and the connection, without the upgrade,
    /// which has limits of its own. When it is over, there is a `java.net.SocketTimeoutException`.
    ///
    /// @param newConnectTimeout how long it may take
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ConnectOptions connectTimeout(Duration newConnectTimeout) {
        if (!newConnectTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "connectTimeout must be positive: got " + newConnectTimeout + "; leave it out for no limit");
        }
        ConnectOptions copy = new ConnectOptions(this);
        copy.connectTimeout = newConnectTimeout;
        return copy;
    }

    /// The same with a resolver of its own.
    ///
    /// @param newResolver finds addresses instead of the loop's
    /// @return new options
    public ConnectOptions resolver(Resolver newResolver) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.resolver = Objects.requireNonNull(newResolver, "resolver must not be null: leave it out for the loop's");
        return copy;
    }

    /// The same with an upgrade of the connection, such as TLS.
    ///
    /// @param newUpgrade makes the stream that is returned
    /// @return new options
    public ConnectOptions tls(Upgrade newUpgrade) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.upgrade = Objects.requireNonNull(newUpgrade, "upgrade must not be null: leave it out for none");
        copy.context = null;
        return copy;
    }

    /// The same with TLS; the server has to prove that it is the host that was named, or
    /// [#serverHostname(String)].
    ///
    /// @param newContext makes the upgrade of each connection
    /// @return new options
    public ConnectOptions tls(UpgradeContext newContext) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.context = Objects.requireNonNull(newContext, "context must not be null: leave it out for none");
        copy.upgrade = null;
        return copy;
    }

    /// The same with another name that the server has to prove, for [#tls(UpgradeContext)].
    ///
    /// @param newServerHostname the name
    /// @return new options
    /// @throws IllegalArgumentException if it is neither a name nor a numeric address
    public ConnectOptions serverHostname(String newServerHostname) {
        ConnectOptions copy = new ConnectOptions(this);
        copy.serverHostname = HostName.of(newServerHostname).text();
        return copy;
    }

    private static int notNegative(int value, String name, String advice) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must not be negative: got " + value + "; " + advice);
        }
        return value;
    }

    /// The address of this side.
    ///
    /// @return the address, or null if the system chooses
    public @Nullable InetSocketAddress localAddress() {
        return localAddress;
    }

    /// The head start of each address.
    ///
    /// @return the time; zero if they are tried one after the other
    public Duration happyEyeballsDelay() {
        return happyEyeballsDelay;
    }

    /// How many addresses of the first family come first.
    ///
    /// @return the number; 0 if the order of the resolver is kept
    public int interleave() {
        return interleave;
    }

    /// Whether the failures of all addresses come out as a group.
    ///
    /// @return true if so
    public boolean allErrors() {
        return allErrors;
    }

    /// Whether the system probes an idle connection.
    ///
    /// @return true if so
    public boolean keepAlive() {
        return keepAlive;
    }

    /// The size of the system's buffer for what is received.
    ///
    /// @return the size in bytes; 0 if the system chooses
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /// The size of the system's buffer for what is sent.
    ///
    /// @return the size in bytes; 0 if the system chooses
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /// How long a line may be.
    ///
    /// @return the limit in bytes
    public int limitBytes() {
        return limitBytes;
    }

    /// How long the connection may take.
    ///
    /// @return the limit, or null
    public @Nullable Duration connectTimeout() {
        return connectTimeout;
    }

    /// What finds addresses.
    ///
    /// @return the resolver, or null for the loop's
    public @Nullable Resolver resolver() {
        return resolver;
    }

    /// The name that the server has to prove.
    ///
    /// @return the name, or null for the host
    public @Nullable String serverHostname() {
        return serverHostname;
    }

    /// Whether the connection is upgraded.
    ///
    /// @return true if it has an upgrade, or a context that makes one
    public boolean isTls() {
        return upgrade != null || context != null;
    }

    /// What upgrades a connection to a host; null if nothing does.
    ///
    /// @param host the host, or null if only the channel is known
    /// @throws IllegalArgumentException if the name of the server is missing, or says nothing
    @Nullable
    Upgrade upgradeFor(@Nullable String host) {
        UpgradeContext chosen = context;
        if (chosen == null) {
            if (serverHostname != null) {
                throw new IllegalArgumentException("serverHostname is only meaningful with a TLS context: got \""
                        + serverHostname + "\"; say tls(context), or leave it out");
            }
            return upgrade;
        }
        String name = serverHostname != null ? serverHostname : host;
        if (name == null) {
            throw new IllegalArgumentException(
                    "You must set serverHostname when using a TLS context without a host: say whom to expect");
        }
        return chosen.client(name);
    }

    @Override
    public String toString() {
        return "<ConnectOptions happyEyeballsDelay=" + happyEyeballsDelay + " interleave=" + interleave
                + (localAddress == null ? "" : " localAddress=" + localAddress)
                + (connectTimeout == null ? "" : " connectTimeout=" + connectTimeout)
                + (isTls() ? " tls" : "") + ">";
    }
}
