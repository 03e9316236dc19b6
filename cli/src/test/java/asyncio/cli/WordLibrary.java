package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/// A library of one class, `lib.Word`, which programs of tests need: a constant, which the compiler copies
/// into them, and a method that returns the same.
final class WordLibrary {
    private WordLibrary() {}

    static Path directory(Path directory, String word) throws IOException {
        Path source = Files.createDirectories(directory.resolve("lib")).resolve("Word.java");
        Files.writeString(source, """
                package lib;
                public final class Word {
                    public static final String WORD = "%s";
                    public static String word() { return WORD; }
                }
                """.formatted(word));
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", source.toString()))
                .isZero();
        Files.delete(source);
        return directory;
    }

    static Path jar(Path jar, String word) throws IOException {
        Path classes = directory(jar.resolveSibling(jar.getFileName() + ".classes"), word);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("lib/Word.class"));
            out.write(Files.readAllBytes(classes.resolve("lib/Word.class")));
        }
        return jar;
    }
}
