package asyncio.tls;

/// A version of TLS. Older ones are broken, and not offered.
///
/// Threads: immutable.
public enum TlsVersion {
    /// TLS 1.2.
    TLS_1_2("TLSv1.2"),
    /// TLS 1.3.
    TLS_1_3("TLSv1.3");

    private final String protocol;

    TlsVersion(String protocol) {
        this.protocol = protocol;
    }

    /// The name that the JDK has for it.
    ///
    /// @return for one, `TLSv1.3`
    public String protocol() {
        return protocol;
    }
}
