package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command as a whole: in this JVM where it only speaks, as a process where the process is the point.
class MainTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void execute_help_printsUsage() {
        assertThat(execute("help")).isZero();
        assertThat(execute()).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Usage: asyncio");
    }

    @Test
    void execute_version_isTheProjectsVersion() {
        assertThat(execute("--version")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("asyncio \\d+\\.\\d+\\.\\d+\\S*\\R");
    }

    @Test
    void execute_doctor_namesJavaAndEngine() {
        assertThat(execute("doctor")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("java     " + System.getProperty("java.runtime.version"))
                .containsPattern("engine   (fast|baton)\\R");
    }

    @Test
    void execute_notUnderstood_isOneLineAndTwo() {
        assertOneLine("unknown command: rnu; try: asyncio help", "rnu");
        assertOneLine("run needs a file; try: asyncio run File.java", "run");
        assertOneLine("unknown option: --fast; run knows --debug and --class-path (-cp)", "run", "--fast", "P.java");
        assertOneLine("-cp needs a value: jars and directories", "run", "-cp");
        assertOneLine("run needs a file; try: asyncio run File.java", "run", "-cp", directory.toString());
        assertOneLine("no such file or directory in the class path: no.jar", "run", "--class-path=no.jar", "P.java");
        assertOneLine("no such file: " + directory.resolve("P.java"), "run", file().toString());
    }

    @Test
    void process_args_exitCodeAndStreams_passThrough() throws Exception {
        write("""
                void main(String[] args) throws Exception {
                    IO.println(IO.readln() + String.join(",", args) + System.getProperty("asyncio.debug"));
                    throw new asyncio.SystemExit(3);
                }
                """);

        assertThat(process("run", file().toString(), "a", "--debug")).isEqualTo("in:a,--debugnull\n exit 3");
        assertThat(process("run", "--debug", file().toString())).isEqualTo("in:true\n exit 3");
        assertThat(process("--debug", "run", file().toString(), "x")).isEqualTo("in:xtrue\n exit 3");
    }

    @Test
    void process_changedSource_isCompiledAgain() throws Exception {
        write("void main() { IO.println(\"one\"); }");
        assertThat(process("run", file().toString())).isEqualTo("one\n exit 0");

        write("void main() { IO.println(\"two\"); }");
        assertThat(process("run", file().toString())).isEqualTo("two\n exit 0");
    }

    @Test
    void process_classPath_isForCompilerAndProgram() throws Exception {
        WordLibrary.jar(Files.createDirectory(directory.resolve("libs")).resolve("word.jar"), "one");
        write("void main(String[] args) { IO.println(lib.Word.WORD + lib.Word.word() + String.join(\",\", args)); }");

        String jars = directory.resolve("libs") + "/*";
        assertThat(process("run", "-cp", jars, file().toString(), "-cp", "x")).isEqualTo("oneone-cp,x\n exit 0");
    }

    @Test
    void process_compileError_isOne() throws Exception {
        write("void main() { nothing(); }");

        assertThat(process("run", file().toString()))
                .startsWith(file() + ":1: error: cannot find symbol")
                .endsWith(" exit 1");
    }

    @Test
    void process_otherThreads_outliveMain() throws Exception {
        write("""
                void main() {
                    Thread main = Thread.currentThread();
                    new Thread(() -> {
                        try {
                            main.join();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        IO.println("after main");
                    }).start();
                }
                """);

        assertThat(process("run", file().toString())).isEqualTo("after main\n exit 0");
    }

    private void assertOneLine(String message, String... args) {
        err.reset();
        assertThat(execute(args)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("asyncio: " + message + System.lineSeparator());
    }

    private int execute(String... args) {
        return new Main(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .execute(args);
    }

    /// Runs the command in a process whose input is `in:`; returns its output and exit code.
    private String process(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                "asyncio.cli.Main"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ASYNCIO_CACHE", directory.resolve("cache").toString());
        Process process = builder.start();
        try (var input = process.outputWriter(StandardCharsets.UTF_8)) {
            input.write("in:\n");
        } catch (IOException e) {
            // A program that reads no input may be gone already.
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output.replace("\r", "") + " exit " + process.waitFor();
    }

    private Path file() {
        return directory.resolve("P.java");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text);
    }
}
