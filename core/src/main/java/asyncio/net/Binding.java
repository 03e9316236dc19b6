package asyncio.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where a server is to listen; and the sockets for that, all of them or none (IO-4).
///
/// Threads: loop-confined.
final class Binding {
    private final Set<Place> places = new LinkedHashSet<>(); // each once
    private final ServerOptions options;

    private Binding(ServerOptions options) {
        this.options = options;
    }

    /// In a task: looks the hosts up, and binds.
    ///
    /// @param hosts checked by [#check(List)]
    static List<ServerSocketChannel> open(List<String> hosts, int port, ServerOptions options, Resolver resolver)
            throws IOException {
        Binding binding = new Binding(options);
        for (String host : hosts) {
            if (host.equals(Net.ALL_INTERFACES)) {
                binding.places.add(new Place(null, new InetSocketAddress(port)));
            } else {
                HostName.of(host).addresses(resolver, port).forEach(binding::add);
            }
        }
        return binding.open();
    }

    /// Binds to numeric addresses.
    static List<ServerSocketChannel> open(List<InetSocketAddress> addresses, ServerOptions options) throws IOException {
        Binding binding = new Binding(options);
        addresses.forEach(binding::add);
        return binding.open();
    }

    static List<String> check(List<String> hosts) {
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException(
                    "hosts must not be empty: name one, or ask for all by Net.ALL_INTERFACES");
        }
        for (String host : hosts) {
            if (!Net.ALL_INTERFACES.equals(host)) {
                HostName.of(host);
            }
        }
        return List.copyOf(hosts);
    }

    private void add(InetSocketAddress address) {
        places.add(new Place(ConnectAttempt.familyOf(address.getAddress()), address));
    }

    private List<ServerSocketChannel> open() throws IOException {
        dropCoveredWildcards();
        List<ServerSocketChannel> channels = new ArrayList<>();
        List<Exception> skipped = new ArrayList<>();
        try {
            for (Place place : places) {
                ServerSocketChannel channel = open(place, skipped);
                if (channel != null) {
                    channels.add(channel);
                }
            }
            if (channels.isEmpty()) {
                throw nowhere(skipped);
            }
            return channels;
        } catch (Throwable e) {
            channels.forEach(channel -> ConnectAttempt.closeAfter(e, channel));
            throw e;
        }
    }

    /// All interfaces of one family beside those of both would be in each other's way.
    private void dropCoveredWildcards() {
        places.stream().filter(Place::takesBothFamilies).findFirst().ifPresent(both -> {
            places.removeIf(place -> place.isWildcard() && !place.equals(both));
        });
    }

    private IOException nowhere(List<Exception> skipped) {
        IOException failure = new BindException("could not bind on any address out of "
                + places.stream().map(Place::toString).collect(Collectors.joining(", ", "[", "]")));
        skipped.forEach(failure::addSuppressed);
        return failure;
    }

    /// A socket that is bound; null if this machine has no such address, as without IPv6.
    private @Nullable ServerSocketChannel open(Place place, List<Exception> skipped) throws IOException {
        ServerSocketChannel channel;
        try {
            channel = place.family == null ? ServerSocketChannel.open() : ServerSocketChannel.open(place.family);
        } catch (UnsupportedOperationException e) {
            skipped.add(e);
            return null;
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            if (options.reusePort()) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.bind(place.address, options.backlog());
            return channel;
        } catch (UnsupportedOperationException e) {
            ConnectAttempt.closeAfter(e, channel);
            throw new UnsupportedOperationException(
                    "reusePort is not supported by this system: leave it out, or use one loop that accepts", e);
        } catch (IOException e) {
            ConnectAttempt.closeAfter(e, channel);
            IOException named = ConnectAttempt.named("error while attempting to bind on address", place.address, e);
            if (String.valueOf(e.getMessage()).contains("assign requested address")) { // EADDRNOTAVAIL
                skipped.add(named);
                return null;
            }
            throw named;
        } catch (Throwable e) {
            ConnectAttempt.closeAfter(e, channel);
            throw e;
        }
    }

    /// An address, and the family of its socket; null: that which takes all.
    ///
    /// Threads: immutable.
    private record Place(@Nullable ProtocolFamily family, InetSocketAddress address) {
        boolean isWildcard() {
            return address.getAddress().isAnyLocalAddress();
        }

        /// The JDK's sockets of IPv6 take IPv4, too, and that cannot be changed.
        boolean takesBothFamilies() {
            return isWildcard() && family != StandardProtocolFamily.INET;
        }

        @Override
        public String toString() {
            return HostName.describe(address);
        }
    }
}
