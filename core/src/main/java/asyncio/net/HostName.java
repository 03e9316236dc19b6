package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import java.io.IOException;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The name of a host, checked; or its numeric address, which no resolver is asked for.
///
/// Threads: immutable.
///
/// @param text the name in ASCII, or the address as it was given
/// @param literal the numeric address, or null if it is a name
record HostName(String text, @Nullable InetAddress literal) {
    private static final int MAX_LENGTH = 253; // of a name; RFC 1035 counts 255 with the lengths
    private static final int MAX_LABEL_LENGTH = 63;
    private static final int MAX_PORT = 65535;

    /// Checks a host.
    ///
    /// @throws IllegalArgumentException if there can be no such host
    static HostName of(String host) {
        Objects.requireNonNull(
                host,
                "host must not be null: name one, such as \"127.0.0.1\"; a server asks for all by Net.ALL_INTERFACES");
        if (host.isEmpty()) {
            throw new IllegalArgumentException(
                    "host must not be empty: name one, such as \"127.0.0.1\"; a server asks for all by"
                            + " Net.ALL_INTERFACES");
        }
        boolean inBrackets = host.startsWith("[") && host.endsWith("]"); // as in a URL
        String text = inBrackets ? host.substring(1, host.length() - 1) : host;
        InetAddress literal = literalOf(text);
        return literal != null ? new HostName(text, literal) : new HostName(checked(host), null);
    }

    private static @Nullable InetAddress literalOf(String text) {
        boolean possible = text.indexOf(':') >= 0 || !text.isEmpty() && Character.isDigit(text.charAt(0));
        if (!possible) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null; // a name may begin with a digit
        }
    }

    private static String checked(String host) {
        String ascii = host.chars().allMatch(c -> c < 128) ? host : toAscii(host);
        if (ascii.length() > (ascii.endsWith(".") ? MAX_LENGTH + 1 : MAX_LENGTH)) {
            throw new IllegalArgumentException("host must have at most " + MAX_LENGTH + " characters: got "
                    + ascii.length() + ", \"" + ascii.substring(0, MAX_LABEL_LENGTH) + "...\"");
        }
        int length = 0;
        for (int i = 0; i < ascii.length(); i++) {
            char c = ascii.charAt(i);
            length = c == '.' ? 0 : length + 1;
            boolean emptyLabel = c == '.' && (i == 0 || ascii.charAt(i - 1) == '.');
            if (!isAllowed(c) || emptyLabel || length > MAX_LABEL_LENGTH) {
                throw new IllegalArgumentException("host must be a name or a numeric address: got \"" + host
                        + "\"; leave out scheme, port and path, and keep each part between dots within "
                        + MAX_LABEL_LENGTH + " characters");
            }
        }
        return ascii;
    }

    private static boolean isAllowed(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.';
    }

    private static String toAscii(String host) {
        try {
            return IDN.toASCII(host);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "host must be a name or a numeric address: got \"" + host + "\", which has no form in ASCII", e);
        }
    }

    static int checkPort(int port, int min) {
        if (port < min || port > MAX_PORT) {
            throw new IllegalArgumentException("port must be " + min + " to " + MAX_PORT + ": got " + port
                    + (port == 0 ? "; 0 is for servers that take any free port" : ""));
        }
        return port;
    }

    /// In a task: the addresses of this host, never none.
    ///
    /// @throws UnknownHostException if there are none
    List<InetAddress> addresses(Resolver resolver) throws IOException {
        if (literal != null) {
            return List.of(literal);
        }
        List<InetAddress> found = Asyncio.await(resolver.resolve(text), IOException.class);
        if (found.isEmpty()) {
            throw new UnknownHostException(text + ": the resolver found no address");
        }
        return found;
    }

    /// As [#addresses(Resolver)], with a port.
    List<InetSocketAddress> addresses(Resolver resolver, int port) throws IOException {
        return addresses(resolver).stream()
                .map(address -> new InetSocketAddress(address, port))
                .distinct()
                .toList();
    }

    /// In a task: all addresses that an address of the user's stands for, best first. Awaits only if it is a name
    /// that was not looked up yet.
    static List<InetSocketAddress> addressesOf(EventLoop loop, InetSocketAddress address) throws IOException {
        if (!address.isUnresolved()) {
            return List.of(address);
        }
        return of(address.getHostString()).addresses(Net.resolverOr(loop, null), address.getPort());
    }

    /// An address for messages: `127.0.0.1:80`, `[0:0:0:0:0:0:0:1]:80`.
    static String describe(InetSocketAddress address) {
        InetAddress numeric = address.getAddress();
        if (numeric == null) {
            return address.getHostString() + ":" + address.getPort();
        }
        String text = numeric.getHostAddress();
        return (text.indexOf(':') >= 0 ? "[" + text + "]" : text) + ":" + address.getPort();
    }

    @Override
    public String toString() {
        return text;
    }
}
