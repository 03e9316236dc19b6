package asyncio.cli;

import asyncio.KeyboardInterrupt;
import asyncio.SystemExit;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Starts a program's `main` on the calling thread, and turns how it ended into an exit code.
///
/// `main` is chosen as Java 25 chooses it: `main(String[])` before `main()`, static or not, inherited or not, of any
/// access but private.
///
/// Threads: one thread.
final class ProgramRunner {
    static final int FAILED = 1;
    static final int INTERRUPTED = 130;

    private final PrintStream err;

    ProgramRunner(PrintStream err) {
        this.err = err;
    }

    /// Runs the program until its `main` returns or throws.
    ///
    /// @return 0 after a return; else the exit code, and what happened has been printed
    /// @throws UsageException if the program has nothing to start
    int run(CompiledProgram program, ClassPath classPath, String... args) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        ClassLoader libraries = classPath.loader(ProgramRunner.class.getClassLoader());
        ProgramClassLoader loader = new ProgramClassLoader(program, libraries);
        thread.setContextClassLoader(loader);
        try {
            start(Class.forName(program.mainClass(), false, loader), args);
            return 0;
        } catch (InvocationTargetException e) {
            return exitCode(e.getCause() == null ? e : e.getCause());
        } catch (LinkageError e) {
            return exitCode(e); // a static initialiser failed, before any method was entered
        } catch (ReflectiveOperationException e) {
            throw new UsageException("cannot start " + program.mainClass() + ": " + e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void start(Class<?> type, String[] args) throws ReflectiveOperationException {
        Method main = findMain(type, String[].class);
        Object[] arguments = {args};
        if (main == null) {
            main = findMain(type);
            arguments = new Object[0];
        }
        if (main == null) {
            throw new UsageException("no main method in " + type.getName() + "; add: void main() { ... }");
        }
        main.setAccessible(true);
        main.invoke(Modifier.isStatic(main.getModifiers()) ? null : newInstance(type), arguments);
    }

    private static @Nullable Method findMain(Class<?> type, Class<?>... parameters) {
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            try {
                Method main = declaring.getDeclaredMethod("main", parameters);
                if (main.getReturnType() == void.class && !Modifier.isPrivate(main.getModifiers())) {
                    return main;
                }
            } catch (NoSuchMethodException e) {
                // Look in the superclass.
            }
        }
        try {
            return type.getMethod("main", parameters); // an interface's default method
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    private static Object newInstance(Class<?> type) throws ReflectiveOperationException {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            if (!Modifier.isPrivate(constructor.getModifiers()) && !Modifier.isAbstract(type.getModifiers())) {
                constructor.setAccessible(true);
                return constructor.newInstance();
            }
        } catch (NoSuchMethodException e) {
            // Said below.
        }
        throw new UsageException("main of " + type.getName() + " is not static, and the class cannot be created;"
                + " give it a constructor that is not private and has no parameters");
    }

    private int exitCode(Throwable failure) {
        if (failure instanceof SystemExit exit) {
            return exit.code();
        }
        if (failure instanceof KeyboardInterrupt) {
            err.println("KeyboardInterrupt");
            return INTERRUPTED;
        }
        hideOwnFrames(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
        err.print("Exception in thread \"" + Thread.currentThread().getName() + "\" ");
        failure.printStackTrace(err);
        return FAILED;
    }

    /// Cuts what lies below the program's own `main` from each stack trace: the reflective call, and this command.
    private static void hideOwnFrames(Throwable failure, Set<Throwable> seen) {
        if (!seen.add(failure)) {
            return;
        }
        StackTraceElement[] frames = failure.getStackTrace();
        int length = indexOfOwnFrame(frames);
        while (length > 0 && isReflection(frames[length - 1].getClassName())) {
            length--;
        }
        failure.setStackTrace(Arrays.copyOf(frames, length));
        for (Throwable suppressed : failure.getSuppressed()) {
            hideOwnFrames(suppressed, seen);
        }
        if (failure.getCause() != null) {
            hideOwnFrames(failure.getCause(), seen);
        }
    }

    /// The length of the stack if it does not go through this class, as that of another thread.
    private static int indexOfOwnFrame(StackTraceElement[] frames) {
        int index = 0;
        while (index < frames.length && !frames[index].getClassName().equals(ProgramRunner.class.getName())) {
            index++;
        }
        return index;
    }

    private static boolean isReflection(String className) {
        return className.startsWith("java.lang.reflect.")
                || className.startsWith("java.lang.invoke.")
                || className.startsWith("jdk.internal.reflect.");
    }
}
