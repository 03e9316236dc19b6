package asyncio;

import asyncio.spi.SignalSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/// One signal that a loop listens to: what the JVM's thread is told, the loop hears in its next
/// iteration.
///
/// What comes before the loop has heard counts once, as the system itself counts: so a flood of
/// signals queues nothing.
///
/// Threads: loop-confined; [#run()] on the JVM's signal threads.
final class SignalListener implements Runnable {
    private final EventLoop loop;
    private final Runnable heard; // a bare job: must not call user code
    private final AtomicBoolean sent = new AtomicBoolean(); // the loop will hear
    private final SignalSource.Registration registration;

    /// Begins to listen.
    ///
    /// @throws IllegalArgumentException if the signal cannot be handled here
    /// @throws IllegalStateException if it was ignored when the program started
    SignalListener(EventLoop loop, String name, Runnable heard) {
        this.loop = loop;
        this.heard = heard;
        SharedSignals.checkName(Objects.requireNonNull(name, "name must not be null"));
        SharedSignals signals = SharedSignals.ofJvm();
        if (signals == null) {
            throw new IllegalArgumentException(
                    "signal " + name + " cannot be handled: nothing in this JVM delivers signals");
        }
        registration = listen(signals, name);
    }

    private SignalSource.Registration listen(SharedSignals signals, String name) {
        try {
            return signals.listen(name, this);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "signal must be one that a program may handle: got " + name + " (" + e.getMessage()
                            + "); TERM, INT, HUP, USR1 and WINCH can be handled on most systems",
                    e);
        }
    }

    @Override
    public void run() {
        if (!sent.getAndSet(true)) {
            loop.core.submit(new BareJob(() -> {
                sent.set(false); // before it is heard: what comes from now on is another one
                heard.run();
            }));
        }
    }

    /// Ends it; what was sent may still be heard.
    void close() {
        registration.close();
    }
}
