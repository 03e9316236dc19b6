package asyncio.cli;

import asyncio.Asyncio;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/// The asyncio library that programs are compiled against: the very one this command itself runs on.
///
/// Threads: immutable.
final class Library {
    private final File core;

    private Library(File core) {
        this.core = core;
    }

    static Library find() {
        return new Library(locationOf(Asyncio.class));
    }

    /// True for a directory of classes, as in an IDE: no cheap look tells whether a class in it changed.
    boolean canChangeUnseen() {
        return !core.isFile();
    }

    /// Names this build of the library: another path, size or time of the jar is another library.
    String identity() {
        return core.getPath() + '\n' + core.length() + '\n' + core.lastModified();
    }

    /// The library, and the annotations that its module descriptor names.
    List<Path> modulePath() {
        return List.of(core.toPath(), locationOf(NullMarked.class).toPath());
    }

    private static File locationOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IllegalStateException("no location known for " + type + "; start asyncio from its jars");
        }
        try {
            return new File(new URI(source.getLocation().toString()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException("location of " + type + " is not a file: " + source.getLocation(), e);
        }
    }
}
