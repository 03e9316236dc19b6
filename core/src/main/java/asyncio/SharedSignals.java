package asyncio;

import asyncio.spi.SignalSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who in this JVM is told of which signal: any number of listeners, of any loops, and behind them
/// the one who handles the signal as long as there is no listener, such as a runner.
///
/// Threads: any thread.
final class SharedSignals implements SignalSource {
    /*
     *   listeners   handler behind them   a delivery goes to
     *   some        any                   every listener
     *   none        one                   the handler
     *   none        none                  the signal is not ours: what was there before is restored
     *
     * So a loop's handler for INT takes the place of the runner's Ctrl-C, and gives it back. What is told only hands
     * on to a loop, so it is called outside the lock, on the JVM's thread.
     */

    /// The signals of this JVM; null if nothing delivers them. Found when they are first needed.
    static @Nullable SharedSignals ofJvm() {
        return Found.SIGNALS;
    }

    /// The JVM has handlers of its own for these and would let them be replaced.
    private static final Set<String> OF_THE_JVM = Set.of("BUS", "PIPE", "XFSZ");

    private final SignalSource source;
    private final Map<String, Entry> entries = new HashMap<>(); // guarded by this

    SharedSignals(SignalSource source) {
        this.source = source;
    }

    /// Handles a signal while nobody listens to it. One at a time.
    @Override
    public Registration handle(String name, Runnable handler) {
        synchronized (this) {
            Entry entry = entryFor(name);
            if (entry.handler != null) {
                throw new IllegalArgumentException("signal " + name + " is handled by somebody else: " + entry.handler);
            }
            entry.handler = handler;
        }
        return () -> {
            synchronized (this) {
                Entry entry = entries.get(name);
                if (entry != null && entry.handler == handler) {
                    entry.handler = null;
                    dropIfUnused(name, entry);
                }
            }
        };
    }

    /// Listens to a signal beside others.
    ///
    /// @throws IllegalArgumentException if the signal is unknown, reserved by the JVM or the system, or
    ///     handled by code that does not come through here
    /// @throws IllegalStateException if it was ignored when the program started
    Registration listen(String name, Runnable listener) {
        synchronized (this) {
            entryFor(name).listeners.add(listener);
        }
        return () -> {
            synchronized (this) {
                Entry entry = entries.get(name);
                if (entry != null && entry.listeners.remove(listener)) {
                    dropIfUnused(name, entry);
                }
            }
        };
    }

    private Entry entryFor(String name) {
        Entry known = entries.get(name);
        if (known != null) {
            return known;
        }
        if (OF_THE_JVM.contains(name)) {
            throw new IllegalArgumentException("Signal already used by VM or OS: SIG" + name);
        }
        Entry made = new Entry(source.handle(name, () -> deliver(name)));
        entries.put(name, made);
        return made;
    }

    private void dropIfUnused(String name, Entry entry) {
        if (entry.handler == null && entry.listeners.isEmpty()) {
            entries.remove(name);
            entry.registration.close();
        }
    }

    private void deliver(String name) {
        List<Runnable> told;
        synchronized (this) {
            Entry entry = entries.get(name);
            if (entry == null) {
                return; // let go since the JVM took the signal
            }
            Runnable handler = entry.handler;
            told = !entry.listeners.isEmpty()
                    ? List.copyOf(entry.listeners)
                    : handler == null ? List.of() : List.of(handler);
        }
        told.forEach(Runnable::run);
    }

    @Override
    public int number(String name) {
        return source.number(name);
    }

    @Override
    public void raise(String name) {
        source.raise(name);
    }

    @Override
    public Registration onShutdown(Runnable handler) {
        return source.onShutdown(handler);
    }

    /// Raises a signal that a listener did not use, so that it does what it would have done without it.
    /// Does nothing if others listen: they were told.
    void giveBack(String name) {
        synchronized (this) {
            Entry entry = entries.get(name);
            if (entry != null && !entry.listeners.isEmpty()) {
                return;
            }
        }
        source.raise(name);
    }

    /// Refuses names that no signal has, before the JVM is asked.
    static void checkName(String name) {
        if (name.isEmpty() || name.startsWith("SIG")) {
            throw new IllegalArgumentException(
                    "signal must be a name without the prefix SIG: got \"" + name + "\"; say TERM");
        }
    }

    /// One signal that is ours.
    private static final class Entry {
        private final Registration registration;
        private final Set<Runnable> listeners = new LinkedHashSet<>(); // in the order in which they came

        @Nullable
        private Runnable handler; // told while nobody listens

        Entry(Registration registration) {
            this.registration = registration;
        }
    }

    private static final class Found {
        static final @Nullable SharedSignals SIGNALS = find();

        private static @Nullable SharedSignals find() {
            Iterator<SignalSource> found = ServiceLoader.load(SignalSource.class, SignalSource.class.getClassLoader())
                    .iterator();
            return found.hasNext() ? new SharedSignals(found.next()) : null;
        }
    }
}
