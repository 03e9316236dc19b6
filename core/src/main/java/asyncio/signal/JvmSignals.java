package asyncio.signal;

import asyncio.spi.SignalSource;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Signals by `sun.misc.Signal` of the module `jdk.unsupported`, the only way that the JDK offers.
///
/// By reflection, because the compiler warns of every mention of that class and lets nobody silence
/// it.
///
/// Threads: any thread.
public final class JvmSignals implements SignalSource {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";

    /// For `java.util.ServiceLoader`.
    public JvmSignals() {}

    @Override
    public Registration handle(String name, Runnable handler) {
        Object signal = signal(name);
        Object mine = handler(handler);
        Object before = replace(signal, mine);
        if (!before.getClass().getName().startsWith("sun.misc.")) { // the JVM's own are wrapped in a class of sun.misc
            replace(signal, before);
            throw new IllegalArgumentException("signal " + name + " is handled by somebody else: " + before);
        }
        if (before.equals(ignored())) { // as under nohup: the JVM never delivers it
            replace(signal, before);
            throw new IllegalStateException("signal " + name + " was ignored when the program started: it stays so");
        }
        return new Restoring(signal, mine, before);
    }

    @Override
    public int number(String name) {
        return (int) Objects.requireNonNull(call(null, "getNumber", signal(name)));
    }

    @Override
    public void raise(String name) {
        call(null, "raise", signal(name));
    }

    @Override
    public Registration onShutdown(Runnable handler) {
        Thread hook = new Thread(handler, "asyncio-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending: the hook is running, and what it waits for is this call's caller.
            }
        };
    }

    private static Object signal(String name) {
        return call(null, "new", name);
    }

    /// A `SignalHandler` that runs an action: what a lambda would be if the interface could be named.
    private static Object handler(Runnable action) {
        try {
            Class<?> type = Class.forName(HANDLER);
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            MethodType received = MethodType.methodType(void.class, Class.forName(SIGNAL));
            // Safety: `run` takes any object for the signal, which it ignores.
            MethodHandle run = lookup.findStatic(
                    JvmSignals.class, "run", MethodType.methodType(void.class, Runnable.class, Object.class));
            return LambdaMetafactory.metafactory(
                            lookup, "handle", MethodType.methodType(type, Runnable.class), received, run, received)
                    .getTarget()
                    .invoke(action);
        } catch (Throwable e) {
            throw new IllegalArgumentException("signals cannot be handled here: " + e, e);
        }
    }

    @SuppressWarnings("unused") // called by what handler() makes
    private static void run(Runnable action, Object signal) {
        action.run();
    }

    /// Puts a handler in force and returns the one that it replaced.
    private static Object replace(Object signal, Object handler) {
        return Objects.requireNonNull(call(handler, "handle", signal));
    }

    private static Object ignored() {
        try {
            // Safety: a public constant of module jdk.unsupported.
            return Class.forName(HANDLER).getField("SIG_IGN").get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("signals cannot be handled here: module jdk.unsupported is missing", e);
        }
    }

    /// Calls one of the things that `sun.misc.Signal` offers: `new`, `handle`, `getNumber`, `raise`.
    private static Object call(@Nullable Object handler, String what, Object subject) {
        try {
            // Safety: public API of module jdk.unsupported; refusals come out as IllegalArgumentException.
            Class<?> type = Class.forName(SIGNAL);
            return switch (what) {
                case "new" -> type.getConstructor(String.class).newInstance(subject);
                case "handle" ->
                    type.getMethod("handle", type, Class.forName(HANDLER)).invoke(null, subject, handler);
                case "getNumber" -> type.getMethod("getNumber").invoke(subject);
                default -> {
                    type.getMethod("raise", type).invoke(null, subject);
                    yield subject;
                }
            };
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof IllegalArgumentException refused
                    ? refused
                    : new IllegalArgumentException("signals cannot be handled here: " + cause, cause);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("signals cannot be handled here: module jdk.unsupported is missing", e);
        }
    }

    /// A handler in force, and what it replaced.
    private static final class Restoring implements Registration {
        private final Object signal;
        private final Object mine;
        private final Object before;
        private boolean closed;

        Restoring(Object signal, Object mine, Object before) {
            this.signal = signal;
            this.mine = mine;
            this.before = before;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                Object current = replace(signal, before);
                if (current != mine) {
                    replace(signal, current); // replaced since: not ours to end
                }
            }
        }
    }
}
