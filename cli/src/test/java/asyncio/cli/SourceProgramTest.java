package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceProgramTest {
    @TempDir
    Path directory;

    @Test
    void key_sameTextNameAndLibrary_isTheSame() {
        assertThat(key("a/Greet.java", "void main() {}", "lib"))
                .isEqualTo(key("b/Greet.java", "void main() {}", "lib"));
    }

    @Test
    void key_otherTextNameOrLibrary_isAnother() {
        String key = key("Greet.java", "void main() {}", "lib");

        assertThat(key).matches("[0-9a-f]{64}");
        assertThat(key("Greet.java", "void main() { }", "lib")).isNotEqualTo(key);
        assertThat(key("Other.java", "void main() {}", "lib")).isNotEqualTo(key);
        assertThat(key("Greet.java", "void main() {}", "lib 2")).isNotEqualTo(key);
        assertThat(new SourceProgram("Greet.java", "void main() {}".getBytes(StandardCharsets.UTF_8))
                        .key("lib", "a.jar"))
                .isNotEqualTo(key);
    }

    @Test
    void read_missing_saysSo() {
        assertUsage(directory.resolve("None.java"), "no such file: ");
    }

    @Test
    void read_directory_saysSo() throws IOException {
        assertUsage(Files.createDirectory(directory.resolve("Dir.java")), "is a directory, not a program: ");
    }

    @Test
    void read_otherSuffix_saysSo() throws IOException {
        assertUsage(Files.createFile(directory.resolve("notes.txt")), "not a Java source file: ");
    }

    @Test
    void text_notUtf8_saysSo() {
        SourceProgram source = new SourceProgram("Greet.java", new byte[] {(byte) 0xff});

        assertThatThrownBy(source::text).isInstanceOf(UsageException.class).hasMessageStartingWith("not UTF-8: ");
    }

    private static void assertUsage(Path file, String message) {
        assertThatThrownBy(() -> SourceProgram.read(file.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(message + file);
    }

    private static String key(String path, String text, String library) {
        return new SourceProgram(path, text.getBytes(StandardCharsets.UTF_8)).key(library, "");
    }
}
