package asyncio;

import asyncio.spi.SignalSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the signals of [RunOptions#shutdownSignals()] do: the first cancels the main task, and the
/// program has the grace period to end; then, or with the second, the JVM is halted.
///
/// In force from a runner's first run until the runner is closed.
///
/// Threads: [#received(String)] on the JVM's signal threads, the countdown on a thread of its own, the
/// rest on the runner's.
final class GracefulShutdown {
    private static final int SIGNAL_EXIT_CODE = 128; // plus the signal's number, as shells have it

    private final Set<String> names;
    private final Duration period;
    private final CountDownLatch over = new CountDownLatch(1); // the runner is closed
    private final AtomicReference<@Nullable String> first = new AtomicReference<>(); // the signal that came first
    private final List<SignalSource.Registration> registrations = new ArrayList<>();
    private @Nullable SignalSource source; // set before the signals are handled
    private @Nullable EventLoop loop; // as above
    private volatile @Nullable Task<?> main; // what runs, or ran last
    private volatile @Nullable Task<?> asked; // the main task that was cancelled

    GracefulShutdown(Set<String> names, Duration period) {
        this.names = names;
        this.period = period;
    }

    /// A main task begins.
    ///
    /// @throws IllegalArgumentException if a signal cannot be handled
    void begins(@Nullable SignalSource signals, EventLoop runs, Task<?> task) {
        main = task;
        String early = first.get();
        if (early != null) { // it came between two runs
            ask(runs, task, early);
        }
        if (loop != null || names.isEmpty()) {
            return;
        }
        if (signals == null) {
            throw new IllegalArgumentException(
                    "shutdownSignals must be empty here: got " + names + "; nothing in this JVM delivers signals");
        }
        loop = runs;
        source = signals;
        for (String name : names) {
            try {
                registrations.add(signals.handle(name, () -> received(name)));
            } catch (IllegalStateException e) {
                // Ignored when the program started, as under nohup: whoever started it said so.
            }
        }
    }

    /// The runner is closed.
    void over() {
        over.countDown();
        registrations.forEach(SignalSource.Registration::close);
        registrations.clear();
    }

    /// What the end of the main task means, if it was cancelled because of a signal and for no other
    /// reason; else null.
    @Nullable
    SystemExit exitAfter(Task<?> task) {
        String name = first.get();
        return name != null && task.equals(asked) && task.uncancel() == 0 ? new SystemExit(exitCode(name)) : null;
    }

    private int exitCode(String name) {
        SignalSource signals = source;
        return SIGNAL_EXIT_CODE + (signals == null ? 0 : signals.number(name));
    }

    private void received(String name) {
        EventLoop runs = loop;
        if (runs == null) {
            return;
        }
        if (first.compareAndSet(null, name)) {
            Thread.ofPlatform().name("asyncio-grace").daemon().start(() -> countDown(runs, name));
            Task<?> task = main;
            if (task != null) {
                ask(runs, task, name);
            }
        } else {
            halt(runs, name, "a second signal, SIG" + name + ", came before the program had ended");
        }
    }

    private void ask(EventLoop runs, Task<?> task, String name) {
        runs.core.submit(new BareJob(() -> {
            boolean again = task.equals(asked); // the signal came just when the run began: both saw the other
            if (!again && task.cancel(new CancelReason("shutdown signal", "SIG" + name, null))) {
                asked = task;
            }
        }));
    }

    private void countDown(EventLoop runs, String name) {
        try {
            if (!over.await(Durations.nanos(period, "gracePeriod"), TimeUnit.NANOSECONDS)) {
                halt(runs, name, "the program did not end within the grace period of " + period + " after SIG" + name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; the program is then on its own
        }
    }

    private void halt(EventLoop runs, String name, String why) {
        runs.diagnostics.warn(why + "; " + Leftovers.describe(runs));
        Runtime.getRuntime().halt(exitCode(name));
    }
}
