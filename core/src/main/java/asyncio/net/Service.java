package asyncio.net;

/// What a server does with each connection: by streams, by readers and writers, by transports.
///
/// Threads: called on the loop's thread.
@FunctionalInterface
interface Service {
    /// Serves, in the connection's own task, after the upgrade.
    ///
    /// If this returns and leaves the stream open, the connection lives on until somebody closes it.
    ///
    /// @param connection the stream, and by what it is closed in good form
    /// @throws Exception reported, and ends the connection
    void serve(Connection connection) throws Exception;
}
