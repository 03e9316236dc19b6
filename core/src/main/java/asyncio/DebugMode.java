package asyncio;

import asyncio.fiber.EngineKind;
import asyncio.fiber.Fiber;
import asyncio.fiber.FiberEngine;
import asyncio.fiber.Job;
import asyncio.loop.Check;
import asyncio.loop.StepWatch;
import asyncio.spi.LoopMonitor;
import java.time.Duration;
import java.util.Iterator;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/// Debug mode of one loop: measures each step, and lets the monitor watch those that do not end.
///
/// Threads: switched by the loop; read by the monitor's thread.
final class DebugMode implements LoopMonitor.Watched, StepWatch.Listener {
    private static final Duration SLOW = Duration.ofMillis(100); // asyncio's default

    private final EventLoop loop;
    private boolean on;
    private boolean inRun;
    private volatile long slowNanos = SLOW.toNanos();

    DebugMode(EventLoop loop) {
        this.loop = loop;
    }

    boolean isOn() {
        return on;
    }

    void set(boolean newOn) {
        if (on != newOn) {
            on = newOn;
            loop.core.watch().listen(newOn ? this : null);
            loop.holdings = newOn ? new Holdings(loop) : null;
            if (inRun) {
                tellMonitor(newOn);
            }
        }
    }

    void runBegins() {
        inRun = true;
        if (on) {
            tellMonitor(true);
        }
    }

    void runEnds() {
        inRun = false;
        if (on) {
            tellMonitor(false);
        }
    }

    private void tellMonitor(boolean started) {
        LoopMonitor monitor = Monitor.INSTANCE;
        if (monitor != null) {
            if (started) {
                monitor.started(this);
            } else {
                monitor.stopped(this);
            }
        }
    }

    Duration slowCallbackDuration() {
        return Duration.ofNanos(slowNanos);
    }

    void setSlowCallbackDuration(Duration duration) {
        long nanos = Durations.nanos(duration, "slowCallbackDuration");
        if (nanos <= 0) {
            throw new IllegalArgumentException("slowCallbackDuration must be more than zero: got " + duration
                    + "; use setDebug(false) to switch off");
        }
        slowNanos = nanos;
    }

    @Override
    public void stepEnded(Job job, long elapsedNanos) {
        if (elapsedNanos >= slowNanos) {
            loop.diagnostics.report(
                    Check.AS301,
                    job.toString(),
                    "Executing " + job + " took " + elapsedNanos / 1_000_000
                            + " ms; blocking work belongs into toThread(...),"
                            + " long computations need an await sleep(Duration.ZERO) now and then");
        }
    }

    @Override
    public String name() {
        return loop.name();
    }

    @Override
    public long stepStartNanos() {
        return loop.core.watch().stepStartNanos();
    }

    @Override
    public long stepClockNanos() {
        return loop.core.watch().clockNanos();
    }

    @Override
    public @Nullable Object step() {
        return loop.core.watch().step();
    }

    @Override
    public @Nullable Thread stepThread() {
        Fiber fiber = loop.core.runningFiber();
        return fiber == null ? null : fiber.thread();
    }

    @Override
    public @Nullable Thread loopThread() {
        FiberEngine engine = loop.core.engine();
        return engine != null && engine.kind() == EngineKind.FAST ? engine.loopThread() : null; // else it only waits
    }

    @Override
    public boolean isHolding() {
        FiberEngine engine = loop.core.engine();
        return engine != null && engine.isHolding();
    }

    @Override
    public long slowStepNanos() {
        return slowNanos;
    }

    @Override
    public boolean isFirstStep() {
        return step() instanceof TaskStep taskStep && taskStep.task().isInFirstStep();
    }

    @Override
    public void report(String check, String message) {
        loop.diagnostics.report(Check.valueOf(check), String.valueOf(step()), message);
    }

    /// Found when the first loop runs in debug mode.
    private static final class Monitor {
        static final @Nullable LoopMonitor INSTANCE = find();

        private static @Nullable LoopMonitor find() {
            Iterator<LoopMonitor> found = ServiceLoader.load(LoopMonitor.class, LoopMonitor.class.getClassLoader())
                    .iterator();
            return found.hasNext() ? found.next() : null;
        }
    }
}
