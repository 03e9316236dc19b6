package asyncio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.util.TreeScanner;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What classes look like: closed for extension, null-marked, with failures that say what they are.
class ShapeTest {
    /// Made for extension, and why.
    private static final Map<String, String> OPEN = Map.of(
            "asyncio.fiber.Job", "what a loop runs; the packages above add kinds of it, none of them exported",
            "asyncio.structure.TimerNode", "what a timer queue holds; the loop adds the job",
            "asyncio.stream.ByteStream", "made for extension: whoever has a connection can make a stream of it");

    /// Public methods that may throw checked exceptions: the user writes these, the library calls
    /// them.
    private static final Set<String> USER_CODE = Set.of(
            "asyncio.Body.run",
            "asyncio.VoidBody.run",
            "asyncio.GroupBody.run",
            "asyncio.VoidGroupBody.run",
            "asyncio.TimeoutBody.run",
            "asyncio.VoidTimeoutBody.run",
            "asyncio.GeneratorBody.run",
            "asyncio.ForEachBody.run",
            "asyncio.ScopeBody.run",
            "asyncio.VoidScopeBody.run",
            "asyncio.StartBody.run",
            "asyncio.Gather$Two.combine",
            "asyncio.Gather$Three.combine",
            "asyncio.Gather$Four.combine",
            "asyncio.Gather$Five.combine",
            "asyncio.Gather$Six.combine",
            "asyncio.ExceptionHandler.handle",
            "asyncio.net.ConnectionHandler.handle",
            "asyncio.net.StreamHandler.handle",
            "asyncio.sync.ValueBody.run");

    /// Public methods that block a plain thread, and throw `InterruptedException` as everything in
    /// Java does that blocks.
    private static final Set<String> BLOCKING = Set.of(
            "asyncio.sync.ThreadsafeQueue.put",
            "asyncio.sync.ThreadsafeQueue.tryPut",
            "asyncio.sync.ThreadsafeQueue.get",
            "asyncio.sync.ThreadsafeQueue.tryGet",
            "asyncio.sync.ThreadsafeSender.send",
            "asyncio.sync.ThreadsafeSender.trySend",
            "asyncio.sync.ThreadsafeReceiver.receive",
            "asyncio.sync.ThreadsafeReceiver.tryReceive");

    /// What a stream says of itself: called by code that handles streams, which deals with `IOException`.
    private static final Set<String> ATTEMPTS = Set.of("tryReceive", "trySend", "trySendEof");

    private static final Set<String> BARE =
            Set.of("RuntimeException", "Exception", "Error", "Throwable", "java.lang.RuntimeException");

    @Test
    void publicClasses_all_areClosed() {
        List<String> open = new ArrayList<>();
        TreeSet<String> excepted = new TreeSet<>();
        int seen = 0;
        for (JavaClass type : Core.classes()) {
            if (!type.getModifiers().contains(JavaModifier.PUBLIC) || type.isInterface()) {
                continue;
            }
            seen++;
            Class<?> loaded = load(type.getName());
            boolean closed = Modifier.isFinal(loaded.getModifiers()) || loaded.isSealed() || loaded.isEnum();
            if (!closed) {
                (OPEN.containsKey(type.getName()) ? excepted : open).add(type.getName());
            }
        }

        assertThat(open).isEmpty();
        assertThat(excepted).as("each exception is still needed").isEqualTo(new TreeSet<>(OPEN.keySet()));
        assertThat(seen).isGreaterThan(40);
    }

    @Test
    void packages_all_areNullMarked() throws IOException {
        TreeSet<String> packages = new TreeSet<>();
        for (SourceFile file : SourceFile.ofCore()) {
            packages.add(file.packageName());
        }

        assertThat(packages).hasSizeGreaterThanOrEqualTo(8).allSatisfy(name -> {
            Path info = Core.sources().resolve(name.replace('.', '/')).resolve("package-info.java");
            assertThat(info).exists();
            assertThat(Files.readString(info)).startsWith("///");
            assertThat(load(name + ".package-info").isAnnotationPresent(NullMarked.class))
                    .isTrue();
        });
    }

    @Test
    void throwStatements_all_nameWhatWentWrong() {
        List<String> bare = new ArrayList<>();
        int[] seen = {0};
        for (SourceFile file : SourceFile.ofCore()) {
            new TreeScanner<@Nullable Void, @Nullable Void>() {
                @Override
                public @Nullable Void visitThrow(ThrowTree tree, @Nullable Void nothing) {
                    seen[0]++;
                    ExpressionTree thrown = tree.getExpression();
                    if (thrown instanceof NewClassTree made
                            && BARE.contains(made.getIdentifier().toString())) {
                        bare.add(file + " line " + file.firstLine(tree));
                    }
                    return super.visitThrow(tree, null);
                }
            }.scan(file.unit(), null);
        }

        assertThat(bare).isEmpty();
        assertThat(seen[0]).isGreaterThan(60);
    }

    private static boolean isAttempt(Method method) {
        return ATTEMPTS.contains(method.getName())
                && load("asyncio.stream.ByteStream").isAssignableFrom(method.getDeclaringClass());
    }

    @Test
    void methodsOfTheApi_all_throwNoCheckedExceptions() {
        List<String> checked = new ArrayList<>();
        TreeSet<String> excepted = new TreeSet<>();
        int seen = 0;
        Set<String> exported = Set.copyOf(Core.exportedPackages());
        for (JavaClass type : Core.classes()) {
            if (!exported.contains(type.getPackageName())
                    || !type.getModifiers().contains(JavaModifier.PUBLIC)) {
                continue;
            }
            for (Method method : load(type.getName()).getDeclaredMethods()) {
                if (!Modifier.isPublic(method.getModifiers())) {
                    continue;
                }
                seen++;
                String name = type.getName() + "." + method.getName();
                for (var thrown : method.getGenericExceptionTypes()) {
                    if (thrown instanceof Class<?> exception
                            && !RuntimeException.class.isAssignableFrom(exception)
                            && !Error.class.isAssignableFrom(exception)) {
                        if (exception == IOException.class && isAttempt(method)) {
                            continue;
                        }
                        boolean interrupt = exception == InterruptedException.class && BLOCKING.contains(name);
                        (USER_CODE.contains(name) || interrupt ? excepted : checked).add(name);
                    }
                }
            }
        }

        assertThat(checked).isEmpty();
        TreeSet<String> expected = new TreeSet<>(USER_CODE);
        expected.addAll(BLOCKING);
        assertThat(excepted).as("each exception is still needed").isEqualTo(expected);
        assertThat(seen).isGreaterThan(200);
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ShapeTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
