package fibers;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Small steps with threads that these tests share.
final class Threads {
    private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Threads() {}

    /// Whether the build runs these tests on the fast engine.
    static boolean isFast() {
        return "fast".equals(System.getProperty("asyncio.engine"));
    }

    static Thread start(Steps.Code code) {
        return Thread.ofPlatform().daemon().name("foreign").start(() -> {
            try {
                code.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /// Waits, without blocking the thread, until another one is in a state.
    static void awaitState(Thread thread, Thread.State state) {
        spinUntil(() -> thread.getState() == state, "thread to be " + state + ": " + thread);
    }

    /// Waits without blocking the thread.
    static void spinUntil(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + MAX_WAIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited 30 s for " + what);
            }
            Thread.onSpinWait();
        }
    }

    /// Waits off the processor, on an ordinary thread.
    static void parkUntil(BooleanSupplier condition, String what) {
        spinUntil(
                () -> {
                    LockSupport.parkNanos(condition, 50_000);
                    return condition.getAsBoolean();
                },
                what);
    }

    /// Runs code on a platform thread and waits for it; rethrows what it throws.
    static void onPlatformThread(String name, long stackBytes, Steps.Code code) throws Exception {
        finish(
                Failing.of(code),
                action -> Thread.ofPlatform().name(name).stackSize(stackBytes).start(action));
    }

    /// Runs code on a virtual thread and waits for it; rethrows what it throws.
    static void onVirtualThread(Steps.Code code) throws Exception {
        finish(Failing.of(code), Thread::startVirtualThread);
    }

    private static void finish(Failing action, java.util.function.Function<Runnable, Thread> starter) throws Exception {
        starter.apply(action).join();
        switch (action.thrown) {
            case null -> {}
            case Error e -> throw e;
            case Exception e -> throw e;
            default -> throw new AssertionError(action.thrown);
        }
    }

    private static final class Failing implements Runnable {
        private final Steps.Code code;
        private volatile @Nullable Throwable thrown;

        private Failing(Steps.Code code) {
            this.code = code;
        }

        static Failing of(Steps.Code code) {
            return new Failing(code);
        }

        @Override
        public void run() {
            try {
                code.run();
            } catch (Throwable e) {
                thrown = e;
            }
        }
    }
}
