package asyncio.tls;

import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/// Names of hosts, as TLS knows them.
///
/// Threads: any thread.
final class HostNames {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private HostNames() {}

    private static boolean isAddress(String name) {
        return name.contains(":") || IPV4.matcher(name).matches();
    }

    /// @throws IllegalArgumentException if that is no host name
    static void ensureValid(String name) {
        try {
            sni(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "server hostname must be a name or a numeric address: got \"" + name + "\"", e);
        }
    }

    /// What a client tells the server; null for a numeric address, which is not told.
    static @Nullable SNIHostName sni(String name) {
        if (isAddress(name)) {
            return null;
        }
        return new SNIHostName(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
    }
}
