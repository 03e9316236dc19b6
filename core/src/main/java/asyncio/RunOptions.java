package asyncio;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/// How a program is run.
///
/// Threads: immutable.
///
/// @param loop what the event loop is made of
/// @param gracePeriod how long the program may clean up: the JVM's shutdown (SIGTERM) waits so long
///     for it; after a shutdown signal, the JVM is halted when it is over
/// @param handlesInterrupt whether Ctrl-C (SIGINT) cancels the main task
/// @param shutdownSignals signals that end the program in an orderly way, such as `TERM`, without the
///     prefix `SIG`: see [#shutdownSignals(String...)]
public record RunOptions(
        LoopOptions loop, Duration gracePeriod, boolean handlesInterrupt, Set<String> shutdownSignals) {
    private static final RunOptions DEFAULTS = new RunOptions(LoopOptions.defaults(), Duration.ofSeconds(10), true);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if the grace period is negative
    public RunOptions {
        Objects.requireNonNull(loop, "loop must not be null");
        Objects.requireNonNull(gracePeriod, "gracePeriod must not be null: Duration.ZERO does not wait");
        if (gracePeriod.isNegative()) {
            throw new IllegalArgumentException(
                    "gracePeriod must not be negative: got " + gracePeriod + "; Duration.ZERO does not wait");
        }
        shutdownSignals = Set.copyOf(shutdownSignals);
        for (String name : shutdownSignals) {
            if (name.isEmpty() || name.startsWith("SIG")) {
                throw new IllegalArgumentException(
                        "shutdownSignals must be names without the prefix SIG: got \"" + name + "\"; say TERM");
            }
        }
    }

    /// Options without shutdown signals.
    ///
    /// @param loop what the event loop is made of
    /// @param gracePeriod how long the JVM's shutdown (SIGTERM) waits for the program to clean up
    /// @param handlesInterrupt whether Ctrl-C (SIGINT) cancels the main task
    /// @throws IllegalArgumentException if the grace period is negative
    public RunOptions(LoopOptions loop, Duration gracePeriod, boolean handlesInterrupt) {
        this(loop, gracePeriod, handlesInterrupt, Set.of());
    }

    /// A default loop, a grace period of 10 seconds, Ctrl-C handled.
    ///
    /// @return the defaults
    public static RunOptions defaults() {
        return DEFAULTS;
    }

    /// The same with another loop.
    ///
    /// @param newLoop what the event loop is made of
    /// @return new options
    public RunOptions loop(LoopOptions newLoop) {
        return new RunOptions(newLoop, gracePeriod, handlesInterrupt, shutdownSignals);
    }

    /// The same with debug mode on or off.
    ///
    /// @param debug whether it is on
    /// @return new options
    public RunOptions debug(boolean debug) {
        return loop(loop.debug(debug));
    }

    /// The same with another grace period.
    ///
    /// @param newGracePeriod how long the JVM's shutdown waits
    /// @return new options
    public RunOptions gracePeriod(Duration newGracePeriod) {
        return new RunOptions(loop, newGracePeriod, handlesInterrupt, shutdownSignals);
    }

    /// The same with Ctrl-C handled or not.
    ///
    /// @param newHandlesInterrupt whether SIGINT cancels the main task
    /// @return new options
    public RunOptions handlesInterrupt(boolean newHandlesInterrupt) {
        return new RunOptions(loop, gracePeriod, newHandlesInterrupt, shutdownSignals);
    }

    /// The same with signals that end the program in an orderly way.
    ///
    /// The first of them cancels the main task. When that has cleaned up, `run` throws [SystemExit]
    /// with 128 plus the signal's number, unless the program deals with the cancellation itself. When
    /// the grace period is over before, what still hangs is logged, each task with its stack, and the
    /// JVM is halted with that code. So it is at a second signal.
    ///
    /// Without this, SIGTERM starts the JVM's own shutdown, which waits for the program's clean-up.
    /// `INT` here takes the place of [#handlesInterrupt()]. A signal that was ignored when the program
    /// started, as under `nohup`, stays ignored.
    ///
    /// @param names names without the prefix `SIG`, such as `TERM`, `INT`, `HUP`
    /// @return new options
    /// @throws IllegalArgumentException if a name is empty or has the prefix; `run` throws it if a
    ///     signal is unknown, reserved by the JVM or handled by somebody else
    public RunOptions shutdownSignals(String... names) {
        return new RunOptions(loop, gracePeriod, handlesInterrupt, Set.of(names));
    }
}
