package asyncio.cli;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// Compiles a single-file program in memory.
///
/// The library is on the module path only, so that `import module asyncio` works and its inner packages stay closed.
/// The class path is what the user said, otherwise empty: other files of the directory are not part of the program.
///
/// Threads: one thread.
final class ProgramCompiler {
    private static final List<String> OPTIONS =
            List.of("--add-modules", "asyncio", "-proc:none", "-implicit:none", "-parameters", "-g");

    private final List<Path> modulePath;
    private final ClassPath classPath;
    private final PrintStream err;

    ProgramCompiler(List<Path> modulePath, ClassPath classPath, PrintStream err) {
        this.modulePath = modulePath;
        this.classPath = classPath;
        this.err = err;
    }

    /// Compiles, printing what the compiler says.
    ///
    /// @return the program, or null if it does not compile
    /// @throws UsageException if this Java has no compiler, or the file declares no class
    @Nullable
    CompiledProgram compile(SourceProgram source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new UsageException("this Java has no compiler: " + System.getProperty("java.home")
                    + "; point JAVA_HOME to a complete JDK 25");
        }
        PrintWriter messages = new PrintWriter(err, true, err.charset());
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            files.setLocationFromPaths(StandardLocation.MODULE_PATH, modulePath);
            files.setLocationFromPaths(StandardLocation.CLASS_PATH, classPath.paths());
            MemoryFiles output = new MemoryFiles(files);
            FirstType firstType = new FirstType();
            JavacTask task = (JavacTask)
                    compiler.getTask(messages, output, null, OPTIONS, null, List.of(new SourceFile(source)));
            task.addTaskListener(firstType);
            boolean succeeded = task.call();
            messages.flush();
            return succeeded ? new CompiledProgram(firstType.in(source), output.classes()) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Notes the first top-level class of the file: the one that is started, as the JDK's own launcher does it.
    private static final class FirstType implements TaskListener {
        private @Nullable String name;

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.PARSE && name == null) {
                name = firstTypeOf(event.getCompilationUnit());
            }
        }

        private static @Nullable String firstTypeOf(CompilationUnitTree unit) {
            for (Tree declaration : unit.getTypeDecls()) {
                if (declaration instanceof ClassTree type) {
                    String simpleName = type.getSimpleName().toString();
                    return unit.getPackageName() == null ? simpleName : unit.getPackageName() + "." + simpleName;
                }
            }
            return null;
        }

        String in(SourceProgram source) {
            if (name == null) {
                throw new UsageException("no class and no main method in " + source.path());
            }
            return name;
        }
    }

    /// The program's text under the name that the user typed.
    private static final class SourceFile extends SimpleJavaFileObject {
        private final SourceProgram source;
        private final String text;

        SourceFile(SourceProgram source) {
            super(Path.of(source.path()).toUri(), Kind.SOURCE);
            this.source = source;
            this.text = source.text();
        }

        @Override
        public String getName() {
            return source.path();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }

        /// A public class may have another name than the file: it is a program, not a library.
        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return kind == Kind.SOURCE;
        }
    }

    /// Keeps class files in memory; reads everything else from the standard files.
    private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> outputs = new LinkedHashMap<>();

        MemoryFiles(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, @Nullable FileObject sibling) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            outputs.put(className, bytes);
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/')), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return bytes;
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new LinkedHashMap<>();
            outputs.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }
    }
}
