package asyncio.net;

import asyncio.Coroutine;
import java.net.InetAddress;
import java.util.List;

/// Finds the addresses of a host: the seam between this library and the names of the world.
///
/// A loop has one, which [Net#setResolver(Resolver)] changes; the options of a connection or a server
/// may name another. It is not asked for numeric addresses.
///
/// ```java
/// Resolver fixed = host -> async(() -> List.of(InetAddress.ofLiteral("127.0.0.1")));
/// ```
///
/// Threads: called on the loop's thread.
@FunctionalInterface
public interface Resolver {
    /// Finds the addresses of a host.
    ///
    /// Cancellation: ends the wait at once; the answer, if it still comes, is dropped.
    ///
    /// Errors, when awaited: `UnknownHostException` if there is no such host.
    ///
    /// @param host a name in ASCII; neither empty nor numeric
    /// @return a coroutine of the addresses, the best one first
    Coroutine<List<InetAddress>> resolve(String host);

    /// Finds the name of an address.
    ///
    /// Cancellation: as [#resolve(String)].
    ///
    /// @param address the address
    /// @return a coroutine of its name; the numeric address as text if it has none
    default Coroutine<String> nameOf(InetAddress address) {
        return system().nameOf(address);
    }

    /// The resolver of the JDK, which asks the operating system.
    ///
    /// It blocks, so it runs on threads of its own: up to 8 for each loop, made when they are needed.
    /// So a name server that is slow holds up nobody but those who ask for names; and many who ask for
    /// the same name at the same time use one thread. Files and settings of the system count, and so do
    /// the JDK's properties for addresses and for its cache.
    ///
    /// @return the resolver, for any loop
    static Resolver system() {
        return SystemResolver.EVERYWHERE;
    }
}
