package asyncio.cli;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The jars and directories that a program needs besides the library.
///
/// Written as for `java` itself: entries with the system's separator between them, and `directory/*` for all
/// jars of a directory. An entry that names nothing is refused here; `java` would leave it out, and the
/// program would fail with words about a class.
///
/// Threads: immutable.
record ClassPath(List<File> entries) {
    static final ClassPath EMPTY = new ClassPath(List.of());

    ClassPath {
        entries = List.copyOf(entries);
    }

    /// Reads what the user typed.
    ///
    /// @throws UsageException if an entry is empty, missing, or a wildcard for nothing
    static ClassPath parse(String text) {
        List<File> entries = new ArrayList<>();
        for (String entry : text.split(File.pathSeparator, -1)) {
            if (entry.isEmpty()) {
                throw new UsageException("empty entry in the class path: \"" + text + "\"; write . for this directory");
            }
            if (entry.equals("*") || entry.endsWith("/*") || entry.endsWith(File.separator + "*")) {
                entries.addAll(jarsIn(entry));
            } else if (new File(entry).exists()) {
                entries.add(new File(entry));
            } else {
                throw new UsageException("no such file or directory in the class path: " + entry);
            }
        }
        return new ClassPath(entries);
    }

    /// In the order of their names: that of the file system would be another one on each machine.
    private static List<File> jarsIn(String wildcard) {
        String directory = wildcard.substring(0, wildcard.length() - 1);
        File[] jars = new File(directory.isEmpty() ? "." : directory)
                .listFiles(file -> file.getName().toLowerCase(Locale.ROOT).endsWith(".jar") && file.isFile());
        if (jars == null || jars.length == 0) {
            throw new UsageException("no jar for this entry of the class path: " + wildcard);
        }
        Arrays.sort(jars);
        return List.of(jars);
    }

    /// True with a directory: no cheap look tells whether a class in it changed.
    boolean canChangeUnseen() {
        return entries.stream().anyMatch(entry -> !entry.isFile());
    }

    /// Names what a program was compiled against. Another path, size or time of a jar is another jar, and so is
    /// another file that took its place with the size and time of the old one. The contents are not read: that
    /// would make each start slower, by some 10 ms for a large jar.
    ///
    /// @throws UsageException if an entry is gone
    String identity() {
        StringBuilder identity = new StringBuilder();
        for (File entry : entries) {
            try {
                BasicFileAttributes now = Files.readAttributes(entry.toPath(), BasicFileAttributes.class);
                identity.append(entry.getAbsolutePath()).append('\n').append(now.size());
                identity.append('\n')
                        .append(now.lastModifiedTime())
                        .append('\n')
                        .append(now.fileKey());
                identity.append('\n');
            } catch (IOException e) {
                throw new UsageException("cannot read this entry of the class path: " + e);
            }
        }
        return identity.toString();
    }

    List<Path> paths() {
        return entries.stream().map(File::toPath).toList();
    }

    /// Loads from the entries what the parent does not have. Never closed: the program's threads may outlive its
    /// `main`, and it ends with the JVM.
    ClassLoader loader(ClassLoader parent) {
        if (entries.isEmpty()) {
            return parent;
        }
        URL[] urls = new URL[entries.size()];
        for (int i = 0; i < urls.length; i++) {
            try {
                urls[i] = entries.get(i).toURI().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalStateException("a file has no URL: " + entries.get(i), e);
            }
        }
        return new URLClassLoader(urls, parent);
    }
}
