package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
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
        String host = address.getHostString();
        InetAddress[] found =
                Asyncio.await(loop.runInExecutor(null, () -> InetAddress.getAllByName(host)), IOException.class);
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetAddress each : found) {
            addresses.add(new InetSocketAddress(each, address.getPort()));
        }
        return addresses;
    }
}
