package asyncio.net;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Names what went wrong with the path of a Unix socket: the JDK gives the system's words only.
///
/// Threads: any thread.
final class UnixFailure {
    private UnixFailure() {}

    static IOException of(Path path, IOException failure) {
        String words = String.valueOf(failure.getMessage());
        if (words.contains("No such file")) {
            return caused(new NoSuchFileException(path.toString(), null, words), failure);
        }
        if (words.contains("Permission denied")) {
            return caused(new AccessDeniedException(path.toString(), null, words), failure);
        }
        if (words.contains("too long")) {
            return caused(
                    new SocketException("path of a Unix socket is too long: " + path + " has "
                            + path.toString().length()
                            + " characters, and most systems take about 100; use a shorter one"),
                    failure);
        }
        return switch (failure) {
            case BindException _ ->
                caused(
                        new BindException("Address " + path + " is already in use, by a file that is no socket"),
                        failure);
            case ConnectException _ -> caused(new ConnectException(words + ": " + path), failure);
            default -> failure;
        };
    }

    private static IOException caused(IOException named, IOException cause) {
        named.initCause(cause);
        return named;
    }

    /// Whether a server has as many connections waiting as it allows: another attempt may succeed.
    static boolean isBacklogFull(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("temporarily unavailable");
    }
}
