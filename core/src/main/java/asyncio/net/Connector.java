package asyncio.net;

import static asyncio.Asyncio.await;

import asyncio.Body;
import asyncio.EventLoop;
import asyncio.ExceptionGroup;
import asyncio.Timeout;
import asyncio.TimeoutBody;
import asyncio.TimeoutException;
import asyncio.stream.ByteStream;
import asyncio.stream.ChannelStream;
import asyncio.stream.Upgrade;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes one connection to a host: names, the race of its addresses, the upgrade (IO-3).
///
/// Threads: loop-confined.
final class Connector {
    private final EventLoop loop;
    private final HostName host;
    private final int port;
    private final ConnectOptions options;
    private final @Nullable Upgrade upgrade;
    private @Nullable ChannelStream connected; // not handed out yet: closed if anything goes wrong
    private List<Exception> failures = List.of(); // of the addresses

    Connector(EventLoop loop, HostName host, int port, ConnectOptions options, @Nullable Upgrade upgrade) {
        this.loop = loop;
        this.host = host;
        this.port = port;
        this.options = options;
        this.upgrade = upgrade;
    }

    /// In a task: connects.
    ByteStream run() throws IOException {
        try {
            ChannelStream stream = connectInTime();
            return upgraded(stream, upgrade);
        } catch (Throwable e) {
            if (connected != null) {
                connected.close();
            }
            throw e;
        }
    }

    /// In a task: the upper stream of a connection, which is closed if there is none.
    static ByteStream upgraded(ChannelStream stream, @Nullable Upgrade upgrade) throws IOException {
        if (upgrade == null) {
            return stream;
        }
        try {
            return await(upgrade.over(stream), IOException.class);
        } catch (Throwable e) {
            stream.close();
            throw e;
        }
    }

    private ChannelStream connectInTime() throws IOException {
        Duration limit = options.connectTimeout();
        if (limit == null) {
            return connect();
        }
        Timeout timeout = Timeout.after(limit);
        try {
            return await(timeout.run((TimeoutBody<ChannelStream>) scope -> connect()), IOException.class);
        } catch (TimeoutException e) {
            if (!timeout.isExpired()) {
                throw e; // of somebody's resolver
            }
            IOException late = new SocketTimeoutException(
                    "Connect call failed " + host + ":" + port + ": no connection within " + limit);
            late.initCause(e);
            failures.forEach(late::addSuppressed);
            throw late;
        }
    }

    private ChannelStream connect() throws IOException {
        Resolver resolver = Net.resolverOr(loop, options.resolver());
        List<InetSocketAddress> addresses = interleaved(host.addresses(resolver, port), options.interleave());
        List<InetSocketAddress> local = localAddresses(resolver);
        List<ConnectAttempt> attempts = addresses.stream()
                .map(address -> new ConnectAttempt(loop, address, local, options))
                .toList();
        if (attempts.size() == 1) { // the usual case needs no race
            return only(attempts.getFirst());
        }
        List<Body<ChannelStream>> bodies = new ArrayList<>();
        attempts.forEach(attempt -> bodies.add(attempt::run));
        StaggeredRace<ChannelStream> race =
                new StaggeredRace<>(bodies, options.happyEyeballsDelay(), ChannelStream::close);
        try {
            ChannelStream winner = await(race.run(), IOException.class).orElse(null);
            if (winner == null) {
                throw failure(race.errors(), host + ":" + port, options.allErrors());
            }
            connected = winner;
            return winner;
        } finally {
            failures = race.errors();
        }
    }

    private ChannelStream only(ConnectAttempt attempt) throws IOException {
        try {
            ChannelStream stream = attempt.run();
            connected = stream;
            return stream;
        } catch (IOException e) {
            throw failure(List.of(e), host + ":" + port, options.allErrors());
        }
    }

    private List<InetSocketAddress> localAddresses(Resolver resolver) throws IOException {
        InetSocketAddress given = options.localAddress();
        if (given == null) {
            return List.of();
        }
        return given.isUnresolved()
                ? HostName.of(given.getHostString()).addresses(resolver, given.getPort())
                : List.of(given);
    }

    /// The first family's first addresses, then the families in turn.
    static List<InetSocketAddress> interleaved(List<InetSocketAddress> addresses, int firstCount) {
        if (firstCount == 0) {
            return addresses;
        }
        Map<Class<? extends InetAddress>, Deque<InetSocketAddress>> families = new LinkedHashMap<>();
        for (InetSocketAddress address : addresses) {
            families.computeIfAbsent(address.getAddress().getClass(), family -> new ArrayDeque<>())
                    .add(address);
        }
        List<InetSocketAddress> mixed = new ArrayList<>();
        Deque<InetSocketAddress> preferred = families.values().iterator().next();
        for (int i = 1; i < firstCount && !preferred.isEmpty(); i++) {
            mixed.add(preferred.remove());
        }
        while (mixed.size() < addresses.size()) {
            for (Deque<InetSocketAddress> family : families.values()) {
                if (!family.isEmpty()) {
                    mixed.add(family.remove());
                }
            }
        }
        return mixed;
    }

    /// What a connection fails with that tried all addresses.
    ///
    /// @throws ExceptionGroup if all errors were asked for
    static IOException failure(List<Exception> errors, String target, boolean allErrors) {
        if (errors.isEmpty()) {
            return new SocketTimeoutException("Connect call failed " + target + ": no attempt has ended");
        }
        if (allErrors) {
            throw new ExceptionGroup("connect failed: " + target, errors);
        }
        long texts = errors.stream().map(Throwable::getMessage).distinct().count();
        if (texts == 1) {
            return errors.getFirst() instanceof IOException single
                    ? single
                    : new IOException("Connect call failed " + target + ": " + errors.getFirst(), errors.getFirst());
        }
        IOException all = new IOException("Multiple exceptions: "
                + errors.stream().map(Throwable::getMessage).collect(Collectors.joining(", ")));
        errors.forEach(all::addSuppressed);
        return all;
    }
}
