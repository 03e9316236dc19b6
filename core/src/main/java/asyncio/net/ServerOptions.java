package asyncio.net;

import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import asyncio.stream.UpgradeContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a server listens, and how it treats its connections.
///
/// Threads: immutable.
public final class ServerOptions {
    /// As many connections as there are.
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    /// A backlog of 100, addresses reused, ports not shared; serves at once, without limit, without TLS.
    public static final ServerOptions DEFAULT = new ServerOptions();

    private int backlog = 100; // asyncio's; as the rest: set while a copy is made, never later
    private boolean reuseAddress = true; // as above
    private boolean reusePort; // as above
    private boolean startServing = true; // as above
    private boolean keepAlive; // as above
    private int limitBytes = StreamPair.DEFAULT_LIMIT; // of lines
    private int maxConnections = NO_LIMIT; // open at a time
    private @Nullable Upgrade upgrade; // null: none
    private @Nullable Resolver resolver; // null: the loop's

    private ServerOptions() {}

    private ServerOptions(ServerOptions other) {
        backlog = other.backlog;
        reuseAddress = other.reuseAddress;
        reusePort = other.reusePort;
        startServing = other.startServing;
        keepAlive = other.keepAlive;
        limitBytes = other.limitBytes;
        maxConnections = other.maxConnections;
        upgrade = other.upgrade;
        resolver = other.resolver;
    }

    /// The same with another backlog.
    ///
    /// @param newBacklog how many connections the system keeps that were not accepted yet
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions backlog(int newBacklog) {
        if (newBacklog <= 0) {
            throw new IllegalArgumentException("backlog must be positive: got " + newBacklog);
        }
        ServerOptions copy = new ServerOptions(this);
        copy.backlog = newBacklog;
        return copy;
    }

    /// The same with addresses reused or not.
    ///
    /// @param newReuseAddress whether an address can be listened on while old connections of it fade away
    /// @return new options
    public ServerOptions reuseAddress(boolean newReuseAddress) {
        ServerOptions copy = new ServerOptions(this);
        copy.reuseAddress = newReuseAddress;
        return copy;
    }

    /// The same with ports shared or not. Not every system has it.
    ///
    /// @param newReusePort whether several sockets, in this process or others, may share the address; the
    ///     system spreads the connections over them
    /// @return new options
    public ServerOptions reusePort(boolean newReusePort) {
        ServerOptions copy = new ServerOptions(this);
        copy.reusePort = newReusePort;
        return copy;
    }

    /// The same with an early or a late start.
    ///
    /// @param newStartServing whether connections are accepted from the beginning; else from
    ///     [Server#startServing()] or [Server#serveForever()] on
    /// @return new options
    public ServerOptions startServing(boolean newStartServing) {
        ServerOptions copy = new ServerOptions(this);
        copy.startServing = newStartServing;
        return copy;
    }

    /// The same with connections watched by the system or not (`SO_KEEPALIVE`): a peer whose machine is gone is
    /// noticed, after two hours on most systems.
    ///
    /// @param newKeepAlive whether the system asks a silent peer if it is there
    /// @return new options
    public ServerOptions keepAlive(boolean newKeepAlive) {
        ServerOptions copy = new ServerOptions(this);
        copy.keepAlive = newKeepAlive;
        return copy;
    }

    /// The same with another limit for lines, for `startServer`.
    ///
    /// @param newLimitBytes how long a line may be
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions limitBytes(int newLimitBytes) {
        ServerOptions copy = new ServerOptions(this);
        copy.limitBytes = positiveLimit(newLimitBytes);
        return copy;
    }

    static int positiveLimit(int limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limit cannot be <= 0: got " + limitBytes);
        }
        return limitBytes;
    }

    /// The same with a limit of connections.
    ///
    /// @param newMaxConnections how many may be open; at the limit the others wait unaccepted
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions maxConnections(int newMaxConnections) {
        if (newMaxConnections <= 0) {
            throw new IllegalArgumentException("maxConnections must be positive: got " + newMaxConnections
                    + "; ServerOptions.NO_LIMIT means no limit");
        }
        ServerOptions copy = new ServerOptions(this);
        copy.maxConnections = newMaxConnections;
        return copy;
    }

    /// The same with an upgrade of each connection, such as TLS, in the connection's own task.
    ///
    /// @param newUpgrade makes the stream that the handler gets
    /// @return new options
    public ServerOptions tls(Upgrade newUpgrade) {
        ServerOptions copy = new ServerOptions(this);
        copy.upgrade = Objects.requireNonNull(newUpgrade, "upgrade must not be null: leave it out for none");
        return copy;
    }

    /// The same with TLS.
    ///
    /// @param context makes the upgrade
    /// @return new options
    public ServerOptions tls(UpgradeContext context) {
        return tls(context.server());
    }

    /// The same with a resolver of its own.
    ///
    /// @param newResolver finds the addresses of the hosts instead of the loop's
    /// @return new options
    public ServerOptions resolver(Resolver newResolver) {
        ServerOptions copy = new ServerOptions(this);
        copy.resolver = Objects.requireNonNull(newResolver, "resolver must not be null: leave it out for the loop's");
        return copy;
    }

    /// How many connections wait to be accepted.
    ///
    /// @return the number
    public int backlog() {
        return backlog;
    }

    /// Whether old connections of an address do not matter.
    ///
    /// @return true if so
    public boolean reuseAddress() {
        return reuseAddress;
    }

    /// Whether several sockets may share the address.
    ///
    /// @return true if so
    public boolean reusePort() {
        return reusePort;
    }

    /// Whether connections are accepted from the beginning.
    ///
    /// @return true if so
    public boolean startServing() {
        return startServing;
    }

    /// Whether the system asks a silent peer if it is there.
    ///
    /// @return `SO_KEEPALIVE`
    public boolean keepAlive() {
        return keepAlive;
    }

    /// How long a line may be.
    ///
    /// @return the limit in bytes
    public int limitBytes() {
        return limitBytes;
    }

    /// How many connections may be open.
    ///
    /// @return the limit, or [#NO_LIMIT]
    public int maxConnections() {
        return maxConnections;
    }

    /// What makes the stream of each connection.
    ///
    /// @return the upgrade, or null if there is none
    public @Nullable Upgrade upgrade() {
        return upgrade;
    }

    /// What finds the addresses of the hosts.
    ///
    /// @return the resolver, or null for the loop's
    public @Nullable Resolver resolver() {
        return resolver;
    }

    @Override
    public String toString() {
        return "<ServerOptions backlog=" + backlog
                + (maxConnections == NO_LIMIT ? "" : " maxConnections=" + maxConnections)
                + (reusePort ? " reusePort" : "")
                + (startServing ? "" : " not serving")
                + (upgrade == null ? "" : " tls") + ">";
    }
}
