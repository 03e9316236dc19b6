package asyncio.tls;

/// Whether a server asks its clients for a certificate.
///
/// Threads: immutable.
public enum ClientAuth {
    /// It does not ask.
    NONE,
    /// It asks; a client without one is served, too.
    WANTED,
    /// It asks, and refuses a client without one.
    NEEDED
}
