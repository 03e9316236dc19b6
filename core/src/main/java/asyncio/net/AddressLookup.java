package asyncio.net;

import asyncio.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/// Finds the addresses of a name for the calls of this package that take one, off the loop.
///
/// Threads: loop-confined.
final class AddressLookup {
    private AddressLookup() {}

    /// All addresses, best first. Awaits, unless the address is numeric or was resolved before.
    ///
    /// @throws IOException if the name has none
    static List<InetSocketAddress> resolve(EventLoop loop, InetSocketAddress address) throws IOException {
        if (!address.isUnresolved()) {
            return List.of(address);
        }
        return HostName.of(address.getHostString()).addresses(Net.resolverOr(loop, null), address.getPort());
    }
}
