package asyncio;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Signals of the operating system as values that a task reads one by one.
///
/// ```java
/// try (var signals = SignalReceiver.open("HUP", "TERM").values()) {
///     for (String signal : signals) {
///         if (signal.equals("TERM")) {
///             break;
///         }
///         reload();
///     }
/// }
/// ```
///
/// While it is open, the signals do nothing else: a runner's Ctrl-C and its shutdown signals wait
/// behind it, and are back when it is closed. Others that listen to the same signal, in any loop of
/// this JVM, are told as well. Which signals there are, and when they come, depends on the system:
/// see [EventLoop#addSignalHandler(String, Runnable)].
///
/// Each signal waits at most once to be read, however often it came, as in the system itself. One
/// that nobody has read when this is closed is raised again if no other listens to it, so that it does
/// what it would have done.
///
/// Threads: loop-confined; one task reads it. It does not end by itself.
public final class SignalReceiver implements AsyncIterator<String>, AutoCloseable {
    private static final LoopLocal<Open> OPEN = new LoopLocal<>(loop -> new Open());

    private final EventLoop loop;
    private final WaitQueue line = new WaitQueue(WaitKind.SIGNAL, this);
    private final Set<String> pending = new LinkedHashSet<>(); // not read yet, oldest first
    private final List<SignalListener> listeners = new ArrayList<>();
    private final List<String> names;
    private boolean closed; // nothing more is received

    private SignalReceiver(EventLoop loop, List<String> names) {
        this.loop = loop;
        this.names = names;
    }

    /// Receives signals from now on, for tasks of the running loop.
    ///
    /// @param names without the prefix `SIG`, such as `TERM`
    /// @return a new receiver, to be closed; its loop closes it at the latest
    /// @throws IllegalArgumentException if there is no name, or a signal is unknown, reserved by the
    ///     JVM or the system, or handled by other code
    /// @throws IllegalStateException if a signal was ignored when the program started, or outside a loop
    public static SignalReceiver open(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("names must not be empty: say which signals, such as TERM");
        }
        SignalReceiver receiver = new SignalReceiver(EventLoop.running(), List.of(names));
        try {
            for (String name : receiver.names) {
                receiver.listeners.add(new SignalListener(receiver.loop, name, () -> receiver.arrived(name)));
            }
        } catch (Throwable e) {
            receiver.close();
            throw e;
        }
        OPEN.of(receiver.loop).receivers.add(receiver);
        return receiver;
    }

    private void arrived(String name) {
        if (closed) {
            giveBack(name);
        } else if (pending.add(name)) {
            line.wakeNext();
        }
    }

    /// Waits for the next signal.
    ///
    /// Cancellation: ends the wait; no signal is lost, and it may be asked again.
    ///
    /// @return a coroutine of its name, without the prefix; empty once this is closed
    @Override
    public Coroutine<Optional<String>> anext() {
        return new Coroutine<>(() -> {
            while (pending.isEmpty() && !closed) {
                line.park(this::passOn);
            }
            if (pending.isEmpty()) {
                return Optional.empty();
            }
            String first = pending.iterator().next();
            pending.remove(first);
            return Optional.of(first);
        });
    }

    private void passOn() {
        if (!pending.isEmpty()) {
            line.wakeNext();
        }
    }

    /// Closes this, as [#close()].
    ///
    /// Cancellation: none; it does not wait.
    @Override
    public Coroutine<@Nullable Void> aclose() {
        return Asyncio.async(this::close);
    }

    /// Ends the receiving; what the signals did before, they do again. May be called again.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        listeners.forEach(SignalListener::close);
        line.wakeAll();
        List<String> unread = List.copyOf(pending);
        pending.clear();
        unread.forEach(this::giveBack);
        if (!loop.isClosed()) {
            OPEN.of(loop).receivers.remove(this);
        }
    }

    private void giveBack(String name) {
        SharedSignals signals = SharedSignals.ofJvm();
        try {
            if (signals != null) {
                signals.giveBack(name);
            }
        } catch (IllegalArgumentException e) { // the JVM lets nobody raise what no code handles
            loop.diagnostics.warn("signal " + name + " came, but nobody had read it when " + this + " was closed");
        }
    }

    @Override
    public String toString() {
        return "<SignalReceiver " + String.join(" ", names) + (closed ? " closed" : "")
                + (pending.isEmpty() ? "" : " pending=" + pending) + ">";
    }

    /// Those of one loop that are not closed.
    private static final class Open implements AutoCloseable {
        private final Set<SignalReceiver> receivers = new LinkedHashSet<>();

        @Override
        public void close() {
            List.copyOf(receivers).forEach(SignalReceiver::close);
        }
    }
}
