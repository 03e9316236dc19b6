package asyncio.inspect;

import asyncio.spi.LoopMonitor.Watched;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Notices that a step of one loop does not end, and says what it does, while it does it (AS301,
/// AS305).
///
/// A step is reported when it reaches the loop's limit, and again at 2, 4, 8 ... times the limit.
///
/// Threads: the watchdog's.
final class StallDetector {
    private static final long NEVER_YIELDED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_FRAMES = 12; // of a stack in a report
    private static final int BURNING_PERCENT = 50; // of the loop thread's time: more is computing, less is waiting

    private final Watched loop;
    private final CpuClock cpu;
    private long stepStartNanos; // of the step seen last
    private long nextReportNanos; // how long that step may take until it is reported (again)
    private boolean neverYieldedReported;
    private long cpuSeenNanos; // the loop thread's CPU time, and when it was read
    private long cpuReadAtNanos;

    StallDetector(Watched loop, CpuClock cpu) {
        this.loop = loop;
        this.cpu = cpu;
    }

    Watched loop() {
        return loop;
    }

    /// Looks once; returns how soon to look again.
    long look() {
        long limit = loop.slowStepNanos();
        long start = loop.stepStartNanos();
        long now = loop.stepClockNanos();
        if (start != stepStartNanos) {
            stepStartNanos = start;
            nextReportNanos = limit;
            neverYieldedReported = false;
            readCpu(now);
        }
        if (start != 0) {
            long elapsed = now - start;
            if (elapsed >= nextReportNanos) {
                while (nextReportNanos <= elapsed && nextReportNanos < Long.MAX_VALUE / 2) {
                    nextReportNanos *= 2;
                }
                report("AS301", elapsed, now);
            }
            if (elapsed >= NEVER_YIELDED_NANOS && !neverYieldedReported && loop.isFirstStep()) {
                neverYieldedReported = true;
                report("AS305", elapsed, now);
            }
        }
        return limit / 4;
    }

    private void report(String check, long elapsedNanos, long nowNanos) {
        Object step = loop.step();
        Thread thread = loop.stepThread();
        if (step == null || thread == null) {
            return; // it has just ended
        }
        boolean holding = loop.isHolding();
        StackTraceElement[] stack = thread.getStackTrace();
        String doing = holding ? "blocked" : activity(nowNanos, stack.length > 0 && stack[0].isNativeMethod());
        if (loop.stepStartNanos() != stepStartNanos) {
            return; // it ended meanwhile: the stack is another one's
        }
        loop.report(
                check,
                step + " has been running for " + TimeUnit.NANOSECONDS.toMillis(elapsedNanos)
                        + " ms without an await; it is " + doing + describe(stack)
                        + "\n  move blocking work to toThread(...), or await sleep(Duration.ZERO) now and then");
    }

    /// What a thread does that waits for nothing. Little CPU time alone proves nothing: the machine
    /// may be busy.
    private String activity(long nowNanos, boolean inNative) {
        long before = cpuSeenNanos;
        long since = cpuReadAtNanos;
        readCpu(nowNanos);
        if (before < 0 || cpuSeenNanos < 0 || nowNanos <= since) {
            return inNative ? "computing, or blocked in native code" : "computing";
        }
        long percent = Math.min(100, (cpuSeenNanos - before) * 100 / (nowNanos - since));
        return (inNative && percent < BURNING_PERCENT ? "blocked in native code (" : "computing (") + percent
                + " % CPU)";
    }

    private void readCpu(long nowNanos) {
        cpuSeenNanos = cpu.cpuNanos(loop.loopThread());
        cpuReadAtNanos = nowNanos;
    }

    /// The user's line first, then the stack down to where the user's code begins.
    private static String describe(StackTraceElement[] stack) {
        StringBuilder text = new StringBuilder();
        StackTraceElement line = firstUserFrame(stack);
        if (line != null) {
            text.append(" at ").append(line);
        }
        if (stack.length > 0 && stack[0] != line) {
            text.append(", in ").append(stack[0].getClassName()).append('.').append(stack[0].getMethodName());
        }
        int count = 0;
        for (StackTraceElement frame : stack) {
            if (!frame.getClassName().startsWith("asyncio.") && count++ < MAX_FRAMES) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.toString();
    }

    private static @Nullable StackTraceElement firstUserFrame(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String name = frame.getClassName();
            if (!(name.startsWith("java.")
                    || name.startsWith("jdk.")
                    || name.startsWith("sun.")
                    || name.startsWith("asyncio."))) {
                return frame;
            }
        }
        return null;
    }

    /// How much CPU time a thread has used.
    @FunctionalInterface
    interface CpuClock {
        /// Nanoseconds, or -1 if unknown.
        long cpuNanos(@Nullable Thread thread);
    }
}
