package asyncio.net;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/// How a Unix socket is listened on.
///
/// Threads: immutable.
///
/// @param permissions who may connect: whoever may write to the socket file; empty: as the umask has it
/// @param cleanupSocket whether the file is removed when the server is closed, if it is still its file;
///     asyncio's `cleanup_socket`
/// @param backlog how many connections wait until they are accepted
public record UnixOptions(Set<PosixFilePermission> permissions, boolean cleanupSocket, int backlog) {
    /// For the user of this process only; the file is removed; a backlog of 100.
    public static final UnixOptions DEFAULT =
            new UnixOptions(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE), true, 100);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the backlog is not positive
    public UnixOptions {
        EnumSet<PosixFilePermission> copy = EnumSet.noneOf(PosixFilePermission.class);
        copy.addAll(Objects.requireNonNull(permissions, "permissions must not be null"));
        permissions = Collections.unmodifiableSet(copy);
        if (backlog <= 0) {
            throw new IllegalArgumentException("backlog must be positive: got " + backlog);
        }
    }

    /// The same with other permissions of the socket file.
    ///
    /// @param newPermissions as `ls` shows them, such as `rw-rw----`
    /// @return new options
    /// @throws IllegalArgumentException if they have another form
    public UnixOptions permissions(String newPermissions) {
        return new UnixOptions(PosixFilePermissions.fromString(newPermissions), cleanupSocket, backlog);
    }

    /// The same with the permissions that the umask gives.
    ///
    /// @return new options
    public UnixOptions permissionsOfUmask() {
        return new UnixOptions(Set.of(), cleanupSocket, backlog);
    }

    /// The same with or without removal of the file.
    ///
    /// @param newCleanupSocket whether the file is removed when the server is closed
    /// @return new options
    public UnixOptions cleanupSocket(boolean newCleanupSocket) {
        return new UnixOptions(permissions, newCleanupSocket, backlog);
    }

    /// The same with another backlog.
    ///
    /// @param newBacklog how many connections wait until they are accepted
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public UnixOptions backlog(int newBacklog) {
        return new UnixOptions(permissions, cleanupSocket, newBacklog);
    }
}
