package asyncio.signal;

import asyncio.spi.SignalSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

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
        return new Restoring(signal, mine, before);
    }

    @Override
    public void raise(String name) {
        Object signal = signal(name);
        call(() -> {
            // Safety: public API of module jdk.unsupported; refusals come out as IllegalArgumentException.
            Class<?> type = Class.forName(SIGNAL);
            type.getMethod("raise", type).invoke(null, signal);
            return signal;
        });
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
        // Safety: public API of module jdk.unsupported; refusals come out as IllegalArgumentException.
        return call(() -> Class.forName(SIGNAL).getConstructor(String.class).newInstance(name));
    }

    /// A `SignalHandler` that runs an action.
    private static Object handler(Runnable action) {
        return call(() -> {
            // Safety: a public interface of module jdk.unsupported with one method; the proxy answers Object's, too.
            Class<?> type = Class.forName(HANDLER);
            return Proxy.newProxyInstance(
                    JvmSignals.class.getClassLoader(),
                    new Class<?>[] {type},
                    (self, method, args) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> self == args[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "<asyncio signal handler>";
                    });
        });
    }

    /// Puts a handler in force and returns the one that it replaced.
    private static Object replace(Object signal, Object handler) {
        // Safety: public API of module jdk.unsupported; refusals come out as IllegalArgumentException.
        return call(() -> Class.forName(SIGNAL)
                .getMethod("handle", Class.forName(SIGNAL), Class.forName(HANDLER))
                .invoke(null, signal, handler));
    }

    private static Object call(Reflective action) {
        try {
            return action.call();
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause instanceof IllegalArgumentException refused
                    ? refused
                    : new IllegalArgumentException("signals cannot be handled here: " + cause, cause);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("signals cannot be handled here: module jdk.unsupported is missing", e);
        }
    }

    /// A call by reflection.
    @FunctionalInterface
    private interface Reflective {
        Object call() throws ReflectiveOperationException;
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
