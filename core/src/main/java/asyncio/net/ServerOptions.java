package asyncio.net;

import asyncio.stream.StreamPair;
import asyncio.stream.Upgrade;
import asyncio.stream.UpgradeContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a server listens, and how it treats its connections.
///
/// Threads: immutable.
///
/// @param backlog how many connections the system keeps that were not accepted yet
/// @param reuseAddress whether an address can be listened on while old connections of it fade away
/// @param reusePort whether several sockets, in this process or others, may share the address; the
///     system spreads the connections over them
/// @param startServing whether connections are accepted from the beginning; else from
///     [Server#startServing()] or [Server#serveForever()] on
/// @param limitBytes how long a line may be, for `startServer`
/// @param maxConnections how many connections may be open; at the limit the others wait unaccepted
/// @param upgrade what makes the stream of each connection, such as TLS, in the connection's own task;
///     null: nothing
/// @param resolver what finds the addresses of the hosts; null: that of the loop
public record ServerOptions(
        int backlog,
        boolean reuseAddress,
        boolean reusePort,
        boolean startServing,
        int limitBytes,
        int maxConnections,
        @Nullable Upgrade upgrade,
        @Nullable Resolver resolver) {
    /// As many connections as there are.
    public static final int NO_LIMIT = Integer.MAX_VALUE;

    /// A backlog of 100, addresses reused, ports not; serves at once, without limit, without TLS.
    public static final ServerOptions DEFAULT =
            new ServerOptions(100, true, false, true, StreamPair.DEFAULT_LIMIT, NO_LIMIT, null, null);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a number is not positive
    public ServerOptions {
        if (backlog <= 0) {
            throw new IllegalArgumentException("backlog must be positive: got " + backlog);
        }
        if (maxConnections <= 0) {
            throw new IllegalArgumentException("maxConnections must be positive: got " + maxConnections
                    + "; ServerOptions.NO_LIMIT means no limit");
        }
        positiveLimit(limitBytes);
    }

    static int positiveLimit(int limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limit cannot be <= 0: got " + limitBytes);
        }
        return limitBytes;
    }

    /// The same with another backlog.
    ///
    /// @param newBacklog how many connections wait to be accepted
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions backlog(int newBacklog) {
        return new ServerOptions(
                newBacklog, reuseAddress, reusePort, startServing, limitBytes, maxConnections, upgrade, resolver);
    }

    /// The same with addresses reused or not.
    ///
    /// @param newReuseAddress whether old connections do not matter
    /// @return new options
    public ServerOptions reuseAddress(boolean newReuseAddress) {
        return new ServerOptions(
                backlog, newReuseAddress, reusePort, startServing, limitBytes, maxConnections, upgrade, resolver);
    }

    /// The same with ports shared or not. Not every system has it.
    ///
    /// @param newReusePort whether several sockets may share the address
    /// @return new options
    public ServerOptions reusePort(boolean newReusePort) {
        return new ServerOptions(
                backlog, reuseAddress, newReusePort, startServing, limitBytes, maxConnections, upgrade, resolver);
    }

    /// The same with an early or a late start.
    ///
    /// @param newStartServing whether connections are accepted from the beginning
    /// @return new options
    public ServerOptions startServing(boolean newStartServing) {
        return new ServerOptions(
                backlog, reuseAddress, reusePort, newStartServing, limitBytes, maxConnections, upgrade, resolver);
    }

    /// The same with another limit for lines, for `startServer`.
    ///
    /// @param newLimitBytes how long a line may be
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions limitBytes(int newLimitBytes) {
        return new ServerOptions(
                backlog, reuseAddress, reusePort, startServing, newLimitBytes, maxConnections, upgrade, resolver);
    }

    /// The same with a limit of connections.
    ///
    /// @param newMaxConnections how many may be open
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ServerOptions maxConnections(int newMaxConnections) {
        return new ServerOptions(
                backlog, reuseAddress, reusePort, startServing, limitBytes, newMaxConnections, upgrade, resolver);
    }

    /// The same with an upgrade of each connection, such as TLS.
    ///
    /// @param newUpgrade makes the stream that the handler gets
    /// @return new options
    public ServerOptions tls(Upgrade newUpgrade) {
        Objects.requireNonNull(newUpgrade, "upgrade must not be null: leave it out for none");
        return new ServerOptions(
                backlog, reuseAddress, reusePort, startServing, limitBytes, maxConnections, newUpgrade, resolver);
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
    /// @param newResolver finds addresses instead of the loop's
    /// @return new options
    public ServerOptions resolver(Resolver newResolver) {
        Objects.requireNonNull(newResolver, "resolver must not be null: leave it out for the loop's");
        return new ServerOptions(
                backlog, reuseAddress, reusePort, startServing, limitBytes, maxConnections, upgrade, newResolver);
    }
}
