package asyncio.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compiled programs on disk, each in a directory named after its key.
///
/// The cache never fails a run: what cannot be read is a miss, what cannot be written is not kept.
///
/// Threads: any thread, and any number of processes on one directory.
final class ProgramCache {
    /*
     * Implementation overview
     *
     * An entry is a directory of flat files: "manifest", and one file per class named by number, so that no class
     * name can lead out of the directory or clash on a file system that ignores case.
     *
     *     asyncio-program 1
     *     main Greet
     *     class <SHA-256 of file 0> Greet
     *     class <SHA-256 of file 1> Greet$Inner
     *     end <SHA-256 of all lines above>
     *
     * Writing: into a temporary directory beside the entries, then one rename. Whoever comes second finds the
     * target taken, by the same content, and drops its own. Reading: the manifest must match its last line and each
     * class file the manifest; the bytes checked are the bytes returned. Anything else deletes the entry.
     *
     * An entry's modification time is its last use. Each insertion prunes to the newest 64.
     */
    static final int LIMIT_COUNT = 64;

    static final String MANIFEST = "manifest";

    private static final String HEADER = "asyncio-program 1\n";
    private static final String MAIN = "main ";
    private static final String CLASS = "class ";
    private static final String END = "end ";
    private static final String TEMPORARY = ".new-";
    private static final int HASH_LENGTH = 64;
    private static final long ABANDONED_MILLIS = 3_600_000;

    private final File directory;

    ProgramCache(File directory) {
        this.directory = directory;
    }

    /// The user's cache: `ASYNCIO_CACHE`, else `asyncio` in `XDG_CACHE_HOME`, else in `~/.cache`.
    static ProgramCache ofUser(Map<String, String> environment) {
        String own = environment.getOrDefault("ASYNCIO_CACHE", "");
        if (!own.isEmpty()) {
            return new ProgramCache(new File(own));
        }
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        String base = shared.isEmpty() ? System.getProperty("user.home", ".") + "/.cache" : shared;
        return new ProgramCache(new File(base, "asyncio"));
    }

    File directory() {
        return directory;
    }

    /// Returns the program kept under this key; null if there is none, or none that can be trusted.
    @Nullable
    CompiledProgram load(String key) {
        File entry = new File(directory, key);
        if (!entry.exists()) {
            return null;
        }
        try {
            CompiledProgram program = read(entry);
            if (program != null) {
                boolean _ = entry.setLastModified(System.currentTimeMillis());
                return program;
            }
        } catch (IOException e) {
            // Not readable is as good as wrong: it is deleted below, if that is possible.
        }
        delete(entry);
        return null;
    }

    /// Keeps the program under this key, if the directory can be written.
    void store(String key, CompiledProgram program) {
        try {
            Path parent = Files.createDirectories(directory.toPath());
            Path fresh = Files.createTempDirectory(parent, TEMPORARY);
            try {
                write(fresh, program);
                Files.move(fresh, parent.resolve(key), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                delete(fresh.toFile());
            }
            prune();
        } catch (IOException e) {
            // A full disk, a read-only home, or another process was first: the program runs from memory.
        }
    }

    private static @Nullable CompiledProgram read(File entry) throws IOException {
        String manifest = new String(readFile(entry, MANIFEST), StandardCharsets.UTF_8);
        int end = manifest.lastIndexOf(END);
        if (end < 0
                || !manifest.startsWith(HEADER + MAIN)
                || !manifest.substring(end).equals(endLine(manifest.substring(0, end)))) {
            return null;
        }
        int lineStart = HEADER.length();
        int lineEnd = manifest.indexOf('\n', lineStart);
        String mainClass = manifest.substring(lineStart + MAIN.length(), lineEnd);
        Map<String, byte[]> classes = new LinkedHashMap<>();
        for (lineStart = lineEnd + 1; lineStart < end; lineStart = lineEnd + 1) {
            lineEnd = manifest.indexOf('\n', lineStart);
            int hash = lineStart + CLASS.length();
            byte[] bytes = readFile(entry, String.valueOf(classes.size()));
            if (!Hash.hex(bytes).equals(manifest.substring(hash, hash + HASH_LENGTH))) {
                return null;
            }
            classes.put(manifest.substring(hash + HASH_LENGTH + 1, lineEnd), bytes);
        }
        return new CompiledProgram(mainClass, classes);
    }

    private static byte[] readFile(File entry, String name) throws IOException {
        return Files.readAllBytes(new File(entry, name).toPath());
    }

    private static void write(Path fresh, CompiledProgram program) throws IOException {
        StringBuilder manifest = new StringBuilder(HEADER);
        manifest.append(MAIN).append(program.mainClass()).append('\n');
        int number = 0;
        for (Map.Entry<String, byte[]> type : program.classes().entrySet()) {
            Files.write(fresh.resolve(String.valueOf(number++)), type.getValue());
            manifest.append(CLASS).append(Hash.hex(type.getValue())).append(' ');
            manifest.append(type.getKey()).append('\n');
        }
        manifest.append(endLine(manifest.toString()));
        Files.writeString(fresh.resolve(MANIFEST), manifest);
    }

    private static String endLine(String above) {
        return END + Hash.hex(above.getBytes(StandardCharsets.UTF_8)) + '\n';
    }

    private void prune() {
        File[] files = directory.listFiles();
        List<Used> entries = new ArrayList<>();
        for (File file : files == null ? new File[0] : files) {
            Used used = new Used(file, file.lastModified());
            if (file.getName().length() == HASH_LENGTH) {
                entries.add(used);
            } else if (file.getName().startsWith(TEMPORARY)
                    && used.timeMillis() < System.currentTimeMillis() - ABANDONED_MILLIS) {
                delete(file);
            }
        }
        entries.sort(Comparator.comparingLong(Used::timeMillis).reversed());
        for (int i = LIMIT_COUNT; i < entries.size(); i++) {
            delete(entries.get(i).file());
        }
    }

    /// An entry and when it was last used: read once, because another process may change it during the sort.
    private record Used(File file, long timeMillis) {}

    private static void delete(File file) {
        if (!Files.isSymbolicLink(file.toPath())) {
            File[] children = file.listFiles();
            for (File child : children == null ? new File[0] : children) {
                delete(child);
            }
        }
        boolean _ = file.delete();
    }
}
