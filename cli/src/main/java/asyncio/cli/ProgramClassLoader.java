package asyncio.cli;

import org.jspecify.annotations.Nullable;

/// Defines a program's classes from memory: the bytes that were checked are the bytes that run.
///
/// The program's own classes win over those of its class path and of the command, so that a program may name its
/// classes as it likes.
/// The loader has no name, because a name would show in each line of a stack trace.
///
/// Threads: any thread.
final class ProgramClassLoader extends ClassLoader {
    static {
        ClassLoader.registerAsParallelCapable();
    }

    private final CompiledProgram program;

    ProgramClassLoader(CompiledProgram program, ClassLoader parent) {
        super(parent);
        this.program = program;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        byte[] bytes = program.classes().get(name);
        return bytes == null ? super.loadClass(name, resolve) : own(name, bytes);
    }

    private Class<?> own(String name, byte[] bytes) {
        synchronized (getClassLoadingLock(name)) {
            @Nullable Class<?> loaded = findLoadedClass(name);
            return loaded == null ? defineClass(name, bytes, 0, bytes.length) : loaded;
        }
    }
}
