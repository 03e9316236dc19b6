package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathTest {
    @TempDir
    Path directory;

    @AfterEach
    void tearDown() {
        System.clearProperty("seen");
    }

    @Test
    void parse_severalEntries_keepTheirOrder() throws IOException {
        Path jar = jar("b.jar");

        assertThat(ClassPath.parse(jar + File.pathSeparator + directory).paths())
                .containsExactly(jar, directory);
    }

    @Test
    void parse_wildcard_isTheJarsOfTheDirectoryByName() throws IOException {
        Path second = jar("b.JAR");
        Path first = jar("a.jar");
        jar("notes.txt");
        Files.createDirectory(directory.resolve("c.jar"));

        assertThat(ClassPath.parse(directory + "/*").paths()).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void parse_nothingThere_saysSo() {
        assertUsage("", "empty entry in the class path: \"\"; write . for this directory");
        assertUsage(".::.", "empty entry in the class path: \".::.\"; write . for this directory");
        assertUsage(".:none.jar", "no such file or directory in the class path: none.jar");
        assertUsage(directory + "/*", "no jar for this entry of the class path: " + directory + "/*");
        assertUsage("none/*", "no jar for this entry of the class path: none/*");
    }

    @Test
    void identity_unchangedJar_isTheSame() throws IOException {
        String path = jar("a.jar").toString();

        assertThat(ClassPath.parse(path).identity())
                .isEqualTo(ClassPath.parse(path).identity());
        assertThat(ClassPath.parse(path).canChangeUnseen()).isFalse();
        assertThat(ClassPath.EMPTY.identity()).isEmpty();
    }

    @Test
    void identity_changedJar_isAnother() throws IOException {
        Path jar = jar("a.jar");
        FileTime time = Files.getLastModifiedTime(jar);
        ClassPath classPath = ClassPath.parse(jar.toString());
        String before = classPath.identity();

        Files.setLastModifiedTime(jar, FileTime.fromMillis(time.toMillis() + 1));
        assertThat(classPath.identity()).as("time").isNotEqualTo(before);

        Files.writeString(jar, "longer");
        Files.setLastModifiedTime(jar, time);
        assertThat(classPath.identity()).as("size").isNotEqualTo(before);

        Path other = jar("other.jar");
        Files.setLastModifiedTime(other, time);
        Files.move(other, jar, StandardCopyOption.REPLACE_EXISTING);
        assertThat(classPath.identity()).as("another file in its place").isNotEqualTo(before);
    }

    @Test
    void identity_jarIsGone_saysSo() throws IOException {
        Path jar = jar("a.jar");
        ClassPath classPath = ClassPath.parse(jar.toString());
        Files.delete(jar);

        assertThatThrownBy(classPath::identity)
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("cannot read this entry of the class path: ")
                .hasMessageContaining(jar.toString());
    }

    @Test
    void canChangeUnseen_directory_isTrue() throws IOException {
        assertThat(ClassPath.parse(jar("a.jar") + ":" + directory).canChangeUnseen())
                .isTrue();
    }

    @Test
    void run_jarOrDirectory_isForTheCompilerAndTheProgram() throws IOException {
        assertThat(run(WordLibrary.jar(directory.resolve("word.jar"), "jar"))).isEqualTo("jar jar");
        assertThat(run(WordLibrary.directory(directory.resolve("classes"), "classes")))
                .isEqualTo("classes classes");
    }

    private String run(Path entry) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
        ClassPath classPath = ClassPath.parse(entry.toString());
        SourceProgram source = new SourceProgram("P.java", """
                        void main() {
                            asyncio.Asyncio.run(() -> System.setProperty("seen", lib.Word.WORD + " " + lib.Word.word()));
                        }
                        """.getBytes(StandardCharsets.UTF_8));
        CompiledProgram program = new ProgramCompiler(Library.find().modulePath(), classPath, err).compile(source);

        int exitCode = new ProgramRunner(err).run(Objects.requireNonNull(program, printed::toString), classPath);

        assertThat(exitCode).as(printed.toString(StandardCharsets.UTF_8)).isZero();
        return System.getProperty("seen");
    }

    private Path jar(String name) throws IOException {
        return Files.writeString(directory.resolve(name), "jar");
    }

    private static void assertUsage(String text, String message) {
        assertThatThrownBy(() -> ClassPath.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }
}
