package asyncio;

import java.time.Duration;
import java.util.Objects;

/// How a program is run.
///
/// Threads: immutable.
///
/// @param loop what the event loop is made of
/// @param gracePeriod how long the JVM's shutdown (SIGTERM) waits for the program to clean up
/// @param handlesInterrupt whether Ctrl-C (SIGINT) cancels the main task
public record RunOptions(LoopOptions loop, Duration gracePeriod, boolean handlesInterrupt) {
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
        return new RunOptions(newLoop, gracePeriod, handlesInterrupt);
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
        return new RunOptions(loop, newGracePeriod, handlesInterrupt);
    }

    /// The same with Ctrl-C handled or not.
    ///
    /// @param newHandlesInterrupt whether SIGINT cancels the main task
    /// @return new options
    public RunOptions handlesInterrupt(boolean newHandlesInterrupt) {
        return new RunOptions(loop, gracePeriod, newHandlesInterrupt);
    }
}
