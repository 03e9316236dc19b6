import asyncio.Coroutine;
import asyncio.EventLoop;
import asyncio.LoopOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A compact source file as an object: Java gives such a class no name that other code could write.
final class Example {
    private final Object program;

    private Example(Object program) {
        this.program = program;
    }

    static Example of(String name) throws ReflectiveOperationException {
        var constructor = Class.forName(name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return new Example(constructor.newInstance());
    }

    /// Something that a program made, so that its methods and fields can be had as well.
    static Example around(Object made) {
        return new Example(made);
    }

    /// A new object of a static class in the program.
    Object make(String nested, Object... arguments) throws ReflectiveOperationException {
        Class<?> type = Class.forName(program.getClass().getName() + "$" + nested);
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return constructor.newInstance(arguments);
    }

    /// Changes a field of the program.
    Example with(String field, Object value) throws ReflectiveOperationException {
        Field declared = program.getClass().getDeclaredField(field);
        declared.setAccessible(true);
        declared.set(program, value);
        return this;
    }

    /// The value of a field of the program.
    Object get(String field) throws ReflectiveOperationException {
        Field declared = program.getClass().getDeclaredField(field);
        declared.setAccessible(true);
        return declared.get(program);
    }

    /// The coroutine that a method of the program makes.
    Coroutine<?> coroutine(String method, Object... arguments) throws ReflectiveOperationException {
        return (Coroutine<?>) call(method, arguments);
    }

    /// Calls a method of the program: the only one of that name with so many parameters.
    Object call(String method, Object... arguments) throws ReflectiveOperationException {
        for (Method declared : program.getClass().getDeclaredMethods()) {
            if (declared.getName().equals(method)
                    && declared.getParameterCount() == arguments.length) {
                declared.setAccessible(true);
                try {
                    return declared.invoke(program, arguments);
                } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof Error error) { // CancelledError, SystemExit
                        throw error;
                    }
                    throw e;
                }
            }
        }
        throw new NoSuchMethodException(method + " with " + arguments.length + " parameters");
    }

    /// The command that runs a program in a JVM of its own.
    static List<String> command(String name, String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                System.getProperty("java.home") + "/bin/java",
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                name));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Runs `program()` on a loop of its own and returns what it prints.
    String output(LoopOptions options) throws ReflectiveOperationException {
        try (EventLoop loop = EventLoop.create(options.name("Loop-1"))) {
            return output(loop);
        }
    }

    /// Runs `program()` on a loop and returns what it prints.
    String output(EventLoop loop) throws ReflectiveOperationException {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            loop.runUntilComplete(coroutine("program"));
            loop.runUntilComplete(loop.shutdownDefaultExecutor(java.time.Duration.ofMinutes(1)));
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
