package asyncio.fiber;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The few fields and the one constructor of `java.lang` that the fast engine needs.
///
/// Without `--add-opens java.base/java.lang` they are out of reach: [#obstacle()] then says so, and
/// nothing else here may be called. Threads: any thread.
final class ThreadInternals {
    private static final int NO_INHERIT_THREAD_LOCALS = 1 << 2; // Thread.NO_INHERIT_THREAD_LOCALS

    private static final String OBSTACLE;

    // Safety: all are looked up once by their JDK 25 names and types; if one is missing or not opened, OBSTACLE says
    // so,
    // no CarrierEngine is ever made, and none of them is used. The handles are null then.
    @SuppressWarnings("NullAway.Init")
    private static final MethodHandle NEW_VIRTUAL_THREAD;

    @SuppressWarnings("NullAway.Init")
    private static final MethodHandle SCHEDULER;

    @SuppressWarnings("NullAway.Init")
    private static final Executor DEFAULT_SCHEDULER;

    @SuppressWarnings("NullAway.Init")
    private static final VarHandle THREAD_LOCALS;

    @SuppressWarnings("NullAway.Init")
    private static final VarHandle INHERITABLE_THREAD_LOCALS;

    @SuppressWarnings("NullAway.Init")
    private static final VarHandle CONTEXT_CLASS_LOADER;

    @SuppressWarnings("NullAway.Init")
    private static final VarHandle STACKABLE_SCOPES;

    @SuppressWarnings("NullAway.Init")
    private static final VarHandle UNCAUGHT_HANDLER;

    private ThreadInternals() {}

    static {
        String obstacle = "";
        Handles found = new Handles();
        try {
            found.find();
        } catch (ReflectiveOperationException | RuntimeException e) {
            Module module = ThreadInternals.class.getModule();
            String target = module.isNamed() ? module.getName() : "ALL-UNNAMED";
            obstacle = "the fast engine needs the JVM flag --add-opens=java.base/java.lang=" + target + " (" + e + ")";
        }
        OBSTACLE = obstacle;
        NEW_VIRTUAL_THREAD = found.newVirtualThread;
        SCHEDULER = found.scheduler;
        DEFAULT_SCHEDULER = found.defaultScheduler;
        THREAD_LOCALS = found.threadLocals;
        INHERITABLE_THREAD_LOCALS = found.inheritableThreadLocals;
        CONTEXT_CLASS_LOADER = found.contextClassLoader;
        STACKABLE_SCOPES = found.stackableScopes;
        UNCAUGHT_HANDLER = found.uncaughtHandler;
    }

    /// Why the internals are out of reach; empty if they are not.
    static String obstacle() {
        return OBSTACLE;
    }

    /// A virtual thread, not started, whose scheduler is `scheduler`.
    static Thread newVirtualThread(Executor scheduler, Runnable body) {
        try {
            // Safety: VirtualThread's own constructor; the scheduler outlives the thread because it holds it.
            return (Thread) NEW_VIRTUAL_THREAD.invokeExact(scheduler, (String) null, NO_INHERIT_THREAD_LOCALS, body);
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /// The scheduler of a virtual thread.
    static @Nullable Object schedulerOf(Thread virtual) {
        try {
            // Safety: reads a final field of VirtualThread; the caller has checked isVirtual().
            return SCHEDULER.invokeExact(virtual);
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /// The JDK's scheduler of virtual threads.
    static Executor defaultScheduler() {
        return DEFAULT_SCHEDULER;
    }

    /// Makes the calling thread look new again before it runs another job.
    ///
    /// @return false if that is impossible: a structured scope was left open on this thread
    static boolean reset(Thread self, @Nullable ClassLoader loader) {
        // Safety: `self` is the calling thread, so nobody else writes these fields. Nulling both maps is what
        // Thread.clearReferences does when a thread ends; TerminatingThreadLocals live on the carrier, not here.
        if (THREAD_LOCALS.get(self) != null) {
            THREAD_LOCALS.set(self, null);
        }
        if (INHERITABLE_THREAD_LOCALS.get(self) != null) {
            INHERITABLE_THREAD_LOCALS.set(self, null);
        }
        if (CONTEXT_CLASS_LOADER.get(self) != loader) {
            CONTEXT_CLASS_LOADER.set(self, loader);
        }
        if (UNCAUGHT_HANDLER.get(self) != null) {
            UNCAUGHT_HANDLER.set(self, null);
        }
        if (!self.getName().isEmpty()) {
            self.setName("");
        }
        if (self.isInterrupted()) {
            Thread.interrupted();
        }
        return STACKABLE_SCOPES.get(self) == null;
    }

    private static RuntimeException sneaky(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }

    /// Collects the handles before they are published as constants.
    private static final class Handles {
        @SuppressWarnings("NullAway.Init")
        MethodHandle newVirtualThread;

        @SuppressWarnings("NullAway.Init")
        MethodHandle scheduler;

        @SuppressWarnings("NullAway.Init")
        Executor defaultScheduler;

        @SuppressWarnings("NullAway.Init")
        VarHandle threadLocals;

        @SuppressWarnings("NullAway.Init")
        VarHandle inheritableThreadLocals;

        @SuppressWarnings("NullAway.Init")
        VarHandle contextClassLoader;

        @SuppressWarnings("NullAway.Init")
        VarHandle stackableScopes;

        @SuppressWarnings("NullAway.Init")
        VarHandle uncaughtHandler;

        void find() throws ReflectiveOperationException {
            // Safety: names and types are those of JDK 25; whatever differs throws here and becomes the OBSTACLE.
            Class<?> virtual = Class.forName("java.lang.VirtualThread");
            MethodHandles.Lookup inVirtual = MethodHandles.privateLookupIn(virtual, MethodHandles.lookup());
            MethodHandles.Lookup inThread = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            newVirtualThread = inVirtual
                    .findConstructor(
                            virtual,
                            MethodType.methodType(void.class, Executor.class, String.class, int.class, Runnable.class))
                    .asType(MethodType.methodType(
                            Thread.class, Executor.class, String.class, int.class, Runnable.class));
            scheduler = inVirtual
                    .findGetter(virtual, "scheduler", Executor.class)
                    .asType(MethodType.methodType(Object.class, Thread.class));
            java.lang.reflect.Field defaults = virtual.getDeclaredField("DEFAULT_SCHEDULER");
            defaults.setAccessible(true);
            defaultScheduler = (Executor) defaults.get(null);
            threadLocals = mapField(inThread, "threadLocals");
            inheritableThreadLocals = mapField(inThread, "inheritableThreadLocals");
            contextClassLoader = inThread.findVarHandle(Thread.class, "contextClassLoader", ClassLoader.class);
            Class<?> scope = Class.forName("jdk.internal.vm.StackableScope");
            stackableScopes = inThread.findVarHandle(Thread.class, "headStackableScopes", scope);
            uncaughtHandler = inThread.findVarHandle(
                    Thread.class, "uncaughtExceptionHandler", Thread.UncaughtExceptionHandler.class);
        }

        private static VarHandle mapField(MethodHandles.Lookup lookup, String name)
                throws ReflectiveOperationException {
            // Safety: as in find(), whose failures these are, too.
            return lookup.findVarHandle(Thread.class, name, Class.forName("java.lang.ThreadLocal$ThreadLocalMap"));
        }
    }
}
