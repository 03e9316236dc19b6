package asyncio.net;

import asyncio.EventLoop;
import asyncio.ExceptionContext;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A Unix socket that is listened on, with its file (IO-6).
///
/// Threads: loop-confined.
final class UnixListener {
    private final EventLoop loop;
    private final ServerSocketChannel channel;
    private final Path path;
    private final @Nullable Object fileKey; // of our file; null: leave it, or the file system has none

    private UnixListener(EventLoop loop, ServerSocketChannel channel, Path path, @Nullable Object fileKey) {
        this.loop = loop;
        this.channel = channel;
        this.path = path;
        this.fileKey = fileKey;
    }

    /// Listens. A socket file that is there already is taken for a stale one, and removed first; anything
    /// else is left alone.
    static UnixListener bind(EventLoop loop, Path path, UnixOptions options) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            channel.configureBlocking(false);
            removeIfSocket(path);
            bind(channel, path, options);
            bound = true;
            if (!options.permissions().isEmpty() && hasPermissions()) {
                Files.setPosixFilePermissions(path, options.permissions());
            }
            return new UnixListener(loop, channel, path, options.cleanupSocket() ? fileKey(path) : null);
        } catch (Throwable e) {
            channel.close();
            if (bound) {
                Files.deleteIfExists(path);
            }
            throw e;
        }
    }

    private static void bind(ServerSocketChannel channel, Path path, UnixOptions options) throws IOException {
        try {
            channel.bind(UnixDomainSocketAddress.of(path), options.backlog());
        } catch (IOException e) {
            throw UnixFailure.of(path, e);
        }
    }

    private static boolean hasPermissions() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static void removeIfSocket(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        // The JDK does not tell sockets from pipes and devices. A device is no place for a socket, either.
        if (attributes != null && attributes.isOther() && isSocket(path)) {
            Files.deleteIfExists(path);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        final int typeMask = 0170000;
        final int socketType = 0140000;
        return !FileSystems.getDefault().supportedFileAttributeViews().contains("unix")
                || !(Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) instanceof Integer mode)
                || (mode & typeMask) == socketType;
    }

    private static @Nullable Object fileKey(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        return attributes == null ? null : attributes.fileKey();
    }

    private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /// Serves what is accepted; the server owns the channel from now on, and the file.
    Server serve(Service service) {
        Server server = Server.open(loop, List.of(channel), service, ServerOptions.DEFAULT);
        server.beforeClose(this::removeFile);
        return server;
    }

    /// Removes the socket file, unless another one has taken its place. Before the channel is closed: as long
    /// as it is open, no other file can have the key of its file.
    private void removeFile() {
        try {
            if (fileKey != null && Objects.equals(fileKey, fileKey(path))) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            loop.callExceptionHandler(ExceptionContext.of("Unable to clean up listening UNIX socket " + path, e));
        }
    }

    @Override
    public String toString() {
        return "<UnixListener " + path + ">";
    }
}
