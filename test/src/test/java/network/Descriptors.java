package network;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The descriptors of this process.
final class Descriptors {
    private static final Path OPEN = Path.of("/proc/self/fd");

    private Descriptors() {}

    /// How many sockets and pipes are open; 0 where the system does not tell them apart from files.
    static long channels() {
        if (!Files.isDirectory(OPEN)) {
            return 0;
        }
        try (Stream<Path> links = Files.list(OPEN)) {
            return links.map(Descriptors::target)
                    .filter(target -> target.startsWith("socket:") || target.startsWith("pipe:"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /// How many more can be opened; many where the system does not say.
    static long free() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()
                : 1_000_000;
    }
}
