package asyncio.stream;

/// What makes an [Upgrade] for either end of a connection: a TLS context, for one.
///
/// Options that take one need not know the name of the server: it is filled in for each connection.
///
/// Threads: as the implementation says.
public interface UpgradeContext {
    /// For the end that connected.
    ///
    /// @param serverHostname the name of the server, which it has to prove
    /// @return an upgrade, for one connection
    Upgrade client(String serverHostname);

    /// For the end that accepted.
    ///
    /// @return an upgrade, for any number of connections
    Upgrade server();
}
