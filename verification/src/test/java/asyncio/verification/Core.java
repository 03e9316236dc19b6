package asyncio.verification;

import asyncio.Asyncio;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

/// Where the classes and the sources of module `asyncio` are.
final class Core {
    /// Far fewer classes than this are not the module but a part of it: a rule over them says
    /// little.
    static final int MIN_CLASSES = 100;

    private Core() {}

    /// The module's own classes, without those of its tests and of other modules.
    static JavaClasses classes() {
        return Holder.CLASSES;
    }

    private static URI location() {
        try {
            return Asyncio.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The packages that anybody may use.
    static List<String> exportedPackages() {
        return ModuleFinder.of(Path.of(location()))
                .find("asyncio")
                .orElseThrow(() -> new IllegalStateException("no module asyncio at " + location()))
                .descriptor()
                .exports()
                .stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .sorted()
                .toList();
    }

    /// The directory that holds all modules.
    static Path repository() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("core/src/main/java"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new IllegalStateException(
                        "no core/src/main/java above " + Path.of("").toAbsolutePath());
            }
        }
        return directory;
    }

    /// The module's sources.
    static Path sources() {
        return repository().resolve("core/src/main/java");
    }

    private static final class Holder {
        static final JavaClasses CLASSES = read(Path.of(location()));

        /// From a directory (`mvn test`) or from the packaged jar (`mvn verify`).
        private static JavaClasses read(Path path) {
            if (Files.isDirectory(path)) {
                return new ClassFileImporter().importPath(path);
            }
            try (JarFile jar = new JarFile(path.toFile())) {
                return new ClassFileImporter().importJar(jar);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
