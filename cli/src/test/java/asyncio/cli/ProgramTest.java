package asyncio.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Compiles and runs programs in this JVM; what they did is read from the system property `seen`.
class ProgramTest {
    private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);

    @AfterEach
    void tearDown() {
        System.clearProperty("seen");
    }

    @Test
    void run_compactSourceFile_startsItsInstanceMain() {
        assertThat(run("void main() { System.setProperty(\"seen\", \"compact\"); }"))
                .isZero();
        assertThat(seen()).isEqualTo("compact");
    }

    @Test
    void run_bothMains_prefersTheOneWithArguments() {
        int exitCode = run("""
                class P {
                    static void main() { System.setProperty("seen", "none"); }
                    void main(String[] args) { System.setProperty("seen", String.join(",", args)); }
                }
                """, "a", "b c");

        assertThat(exitCode).isZero();
        assertThat(seen()).isEqualTo("a,b c");
    }

    @Test
    void run_staticMain_needsNoInstance() {
        int exitCode = run("""
                package some.where;
                public class Anything {
                    private Anything() {}
                    static void main() { System.setProperty("seen", Anything.class.getName()); }
                }
                """);

        assertThat(exitCode).isZero();
        assertThat(seen()).isEqualTo("some.where.Anything");
    }

    @Test
    void run_inheritedMain_isFound() {
        int exitCode = run("""
                class P extends Q {}
                class Q { void main() { System.setProperty("seen", getClass().getName()); } }
                """);

        assertThat(exitCode).isZero();
        assertThat(seen()).isEqualTo("P");
    }

    @Test
    void run_moduleAndStaticImport_seeTheLibrary() {
        int exitCode = run("import module asyncio; import static asyncio.Asyncio.*;"
                + "void main() { System.setProperty(\"seen\", engine().isEmpty() ? \"\" : \"library\"); }");

        assertThat(exitCode).isZero();
        assertThat(seen()).isEqualTo("library");
    }

    @Test
    void run_contextClassLoader_findsTheProgramsClasses() {
        int exitCode = run("""
                class Other {}
                void main() throws Exception {
                    var other = Thread.currentThread().getContextClassLoader().loadClass("P$Other");
                    System.setProperty("seen", String.valueOf(other == Other.class));
                }
                """);

        assertThat(exitCode).isZero();
        assertThat(seen()).isEqualTo("true");
    }

    @Test
    void run_failingMain_printsItsOwnFramesOnlyAndFails() {
        int exitCode = run("""
                void main() {
                    try {
                        fail();
                    } catch (RuntimeException e) {
                        throw new IllegalStateException("outer", e);
                    }
                }
                void fail() { throw new RuntimeException("inner"); }
                """);

        assertThat(exitCode).isEqualTo(1);
        assertThat(printed())
                .startsWith("Exception in thread \"" + Thread.currentThread().getName()
                        + "\" java.lang.IllegalStateException: outer")
                .contains("at P.main(P.java:5)", "Caused by: java.lang.RuntimeException: inner", "at P.fail(P.java:8)")
                .doesNotContain("asyncio.cli", "jdk.internal", "java.lang.reflect");
    }

    @Test
    void run_failingStaticInitialiser_fails() {
        int exitCode = run("class P { static int zero = 1 / Integer.parseInt(\"0\"); static void main() {} }");

        assertThat(exitCode).isEqualTo(1);
        assertThat(printed()).contains("ExceptionInInitializerError", "ArithmeticException");
    }

    @Test
    void run_systemExit_isItsCodeWithoutAWord() {
        assertThat(run("void main() { throw new asyncio.SystemExit(7); }")).isEqualTo(7);
        assertThat(printed()).isEmpty();
    }

    @Test
    void run_systemExitZero_isSuccess() {
        assertThat(run("void main() { throw new asyncio.SystemExit(0); }")).isZero();
    }

    @Test
    void run_keyboardInterrupt_isOneLineAnd130() {
        assertThat(run("void main() { throw new asyncio.KeyboardInterrupt(); }"))
                .isEqualTo(130);
        assertThat(printed()).isEqualTo("KeyboardInterrupt" + System.lineSeparator());
    }

    @Test
    void run_noMain_saysWhatToAdd() {
        assertThatThrownBy(() -> run("class P { private void main() {} int main(String[] args) { return 0; } }"))
                .isInstanceOf(UsageException.class)
                .hasMessage("no main method in P; add: void main() { ... }");
    }

    @Test
    void run_instanceMainWithoutUsableConstructor_saysSo() {
        assertThatThrownBy(() -> run("class P { P(int x) {} void main() {} }"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("main of P is not static, and the class cannot be created");
    }

    @Test
    void compile_empty_saysThereIsNothing() {
        assertThatThrownBy(() -> run("// nothing\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("no class and no main method in ");
    }

    @Test
    void compile_error_isPrintedAsTheCompilerDoes() {
        assertThat(compile("void main() {\n    int x = \"one\";\n}\n")).isNull();
        assertThat(printed())
                .contains("some/P.java:2: error: incompatible types", "    int x = \"one\";", "^", "1 error");
    }

    private int run(String text, String... args) {
        return new ProgramRunner(err).run(Objects.requireNonNull(compile(text), this::printed), ClassPath.EMPTY, args);
    }

    private @Nullable CompiledProgram compile(String text) {
        SourceProgram source = new SourceProgram("some/P.java", text.getBytes(StandardCharsets.UTF_8));
        return new ProgramCompiler(Library.find().modulePath(), ClassPath.EMPTY, err).compile(source);
    }

    private String printed() {
        return errBytes.toString(StandardCharsets.UTF_8);
    }

    private static String seen() {
        return System.getProperty("seen", "nothing");
    }
}
