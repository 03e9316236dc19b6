package asyncio.stream;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a Unix socket: what the process was when it connected or listened.
///
/// Threads: immutable.
///
/// @param user the user
/// @param group the group
public record PeerCredentials(UserPrincipal user, GroupPrincipal group) {
    /// Checks the values.
    public PeerCredentials {
        Objects.requireNonNull(user, "user must not be null");
        Objects.requireNonNull(group, "group must not be null");
    }

    /// Those of a connected socket; null if the system does not tell.
    static @Nullable PeerCredentials of(SocketChannel channel) throws IOException {
        if (!channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return null;
        }
        UnixDomainPrincipal principal = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return principal == null ? null : new PeerCredentials(principal.user(), principal.group());
    }
}
