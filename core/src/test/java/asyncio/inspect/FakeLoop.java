package asyncio.inspect;

import asyncio.spi.LoopMonitor.Watched;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A loop whose step, clock and stack a test sets.
final class FakeLoop implements Watched {
    static final StackTraceElement USER = new StackTraceElement("app.Ingest", "load", "Ingest.java", 44);
    static final StackTraceElement LIBRARY = new StackTraceElement("asyncio.Task", "runBody", "Task.java", 1);
    static final StackTraceElement JDK = new StackTraceElement("java.util.HashMap", "get", "HashMap.java", 2);
    static final StackTraceElement NATIVE = new StackTraceElement("java.io.FileInputStream", "read0", null, -2);

    final List<String> reports = new CopyOnWriteArrayList<>();
    final CountDownLatch reported = new CountDownLatch(1);
    private final AtomicLong nowNanos = new AtomicLong(1);
    volatile long stepStartNanos;
    volatile boolean holding;
    volatile boolean firstStep;
    volatile boolean endsWhileSampled;
    private volatile StackTraceElement[] stack = {USER};

    void stack(StackTraceElement... frames) {
        stack = frames;
    }

    /// A step begins now.
    void beginStep() {
        stepStartNanos = nowNanos.get();
    }

    void advanceMillis(long millis) {
        nowNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public long stepStartNanos() {
        return stepStartNanos;
    }

    @Override
    public long stepClockNanos() {
        return nowNanos.get();
    }

    @Override
    public @Nullable Object step() {
        return stepStartNanos == 0 ? null : "<Task ingest>";
    }

    @Override
    public @Nullable Thread stepThread() {
        return stepStartNanos == 0 ? null : new Sampled();
    }

    @Override
    public @Nullable Thread loopThread() {
        return null;
    }

    @Override
    public boolean isHolding() {
        return holding;
    }

    @Override
    public long slowStepNanos() {
        return TimeUnit.MILLISECONDS.toNanos(100);
    }

    @Override
    public boolean isFirstStep() {
        return firstStep;
    }

    @Override
    public void report(String check, String message) {
        reports.add(check + " " + message);
        reported.countDown();
    }

    /// A thread with a stack of the test's making; never started.
    private final class Sampled extends Thread {
        @Override
        public StackTraceElement[] getStackTrace() {
            if (endsWhileSampled) {
                beginStep();
            }
            return stack.clone();
        }
    }
}
