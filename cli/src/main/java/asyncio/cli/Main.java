package asyncio.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The entry point of the `asyncio` command.
///
/// Exit codes: 0 when the program's `main` returned; 1 when it failed or did not compile; 2 when the command itself
/// could not be understood or the file not be read; 130 after an interrupt; otherwise what the program asked for.
///
/// Threads: the program's `main` runs on the thread that called [#main].
public final class Main {
    private static final String HELP = """
            Usage: asyncio run [option ...] File.java [argument ...]
                   asyncio doctor
                   asyncio --version
                   asyncio help

            run      compiles a single-file program if it changed, and runs it
            doctor   says which Java and which engine are in use, and what is missing

            Options of run:
            --class-path PATH, -cp PATH
                     jars and directories of classes that the program needs, written as
                     for java; dir/* stands for all jars of a directory. With a directory
                     of classes, the program is compiled each time.
            --debug  runs the program in debug mode: the system property asyncio.debug is true
            """;

    private static final String CLASS_PATH = "--class-path=";

    private final PrintStream out;
    private final PrintStream err;

    Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /// Runs the command and, unless all went well, ends the JVM with its exit code.
    ///
    /// After success the JVM ends as it always does: with its last non-daemon thread.
    ///
    /// Errors: none thrown; each is printed and becomes an exit code.
    ///
    /// @param args the command and its arguments
    public static void main(String[] args) {
        int exitCode = new Main(System.out, System.err).execute(args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    int execute(String... args) {
        try {
            return dispatch(args);
        } catch (UsageException e) {
            err.println("asyncio: " + e.getMessage());
            return 2;
        }
    }

    private int dispatch(String[] args) {
        boolean debug = args.length > 0 && args[0].equals("--debug");
        int index = debug ? 1 : 0;
        String command = index < args.length ? args[index] : "help";
        String[] rest = index < args.length ? Arrays.copyOfRange(args, index + 1, args.length) : new String[0];
        switch (command) {
            case "run" -> {
                return run(rest, debug);
            }
            case "doctor" -> new Doctor(out).report();
            case "--version", "version" -> out.println("asyncio " + version());
            case "help", "--help", "-h" -> out.print(HELP);
            default -> throw new UsageException("unknown command: " + command + "; try: asyncio help");
        }
        return 0;
    }

    private int run(String[] args, boolean debugBefore) {
        boolean debug = debugBefore;
        ClassPath classPath = ClassPath.EMPTY;
        int index = 0;
        for (; index < args.length && args[index].startsWith("-"); index++) {
            switch (args[index]) {
                case "--debug" -> debug = true;
                case "--class-path", "-classpath", "-cp" -> {
                    if (++index == args.length) {
                        throw new UsageException(args[index - 1] + " needs a value: jars and directories");
                    }
                    classPath = ClassPath.parse(args[index]);
                }
                default -> {
                    if (!args[index].startsWith(CLASS_PATH)) {
                        throw new UsageException(
                                "unknown option: " + args[index] + "; run knows --debug and --class-path (-cp)");
                    }
                    classPath = ClassPath.parse(args[index].substring(CLASS_PATH.length()));
                }
            }
        }
        if (index == args.length) {
            throw new UsageException("run needs a file; try: asyncio run File.java");
        }
        if (debug) {
            System.setProperty("asyncio.debug", "true");
        }
        SourceProgram source = SourceProgram.read(args[index]);
        CompiledProgram program = compiled(source, Library.find(), classPath);
        if (program == null) {
            return 1;
        }
        return new ProgramRunner(err).run(program, classPath, Arrays.copyOfRange(args, index + 1, args.length));
    }

    /// Returns the program from the cache or the compiler; null if it does not compile, which has then been printed.
    private @Nullable CompiledProgram compiled(SourceProgram source, Library library, ClassPath classPath) {
        ProgramCache cache = ProgramCache.ofUser(System.getenv());
        boolean isKept = !library.canChangeUnseen() && !classPath.canChangeUnseen();
        String key = isKept ? source.key(library.identity(), classPath.identity()) : "";
        CompiledProgram kept = key.isEmpty() ? null : cache.load(key);
        if (kept != null) {
            return kept;
        }
        CompiledProgram fresh = new ProgramCompiler(library.modulePath(), classPath, err).compile(source);
        if (fresh != null && !key.isEmpty()) {
            cache.store(key, fresh);
        }
        return fresh;
    }

    static String version() {
        try (InputStream in = Main.class.getResourceAsStream("version.txt")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
