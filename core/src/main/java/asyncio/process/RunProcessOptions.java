package asyncio.process;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a child is run from start to end.
///
/// Threads: immutable.
///
/// @param process how it is started; its input must be no pipe, unless there is input
/// @param input what it reads; empty text if its input is a pipe and nothing was said
/// @param isChecked whether an end with anything but 0 is a failure
/// @param timeout how long it may take; null: no limit
/// @param grace how long it may clean up when it is stopped before it is killed
/// @param maxBytes how much it may write, to each of its outputs
public record RunProcessOptions(
        ProcessOptions process,
        Input input,
        boolean isChecked,
        @Nullable Duration timeout,
        Duration grace,
        int maxBytes) {
    /// No input, both outputs collected, checked, no limits, a grace of 5 seconds.
    public static final RunProcessOptions DEFAULT = new RunProcessOptions(
            ProcessOptions.PIPED.stdin(Stdio.DEVNULL),
            Input.NONE,
            true,
            null,
            Duration.ofSeconds(5),
            Integer.MAX_VALUE);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a time is negative, or the limit not positive
    public RunProcessOptions {
        Objects.requireNonNull(process, "process must not be null");
        Objects.requireNonNull(input, "input must not be null");
        if (timeout != null && timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: got " + timeout);
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative: got " + grace + "; zero kills at once");
        }
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes must be positive: got " + maxBytes);
        }
    }

    /// The same, started in another way.
    ///
    /// @param newProcess how the child is started
    /// @return new options
    public RunProcessOptions process(ProcessOptions newProcess) {
        return new RunProcessOptions(newProcess, input, isChecked, timeout, grace, maxBytes);
    }

    /// The same with input, through a pipe.
    ///
    /// @param newInput what the child reads
    /// @return new options
    public RunProcessOptions input(byte[] newInput) {
        return new RunProcessOptions(
                process.stdin(Stdio.PIPE), new Input(newInput), isChecked, timeout, grace, maxBytes);
    }

    /// The same, with or without a failure if the child fails.
    ///
    /// @param newIsChecked whether an end with anything but 0 is a failure
    /// @return new options
    public RunProcessOptions checked(boolean newIsChecked) {
        return new RunProcessOptions(process, input, newIsChecked, timeout, grace, maxBytes);
    }

    /// The same with a limit of time.
    ///
    /// @param newTimeout how long the child may take
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public RunProcessOptions timeout(Duration newTimeout) {
        Objects.requireNonNull(newTimeout, "timeout must not be null");
        return new RunProcessOptions(process, input, isChecked, newTimeout, grace, maxBytes);
    }

    /// The same with another grace.
    ///
    /// @param newGrace how long the child may clean up
    /// @return new options
    /// @throws IllegalArgumentException if it is negative
    public RunProcessOptions grace(Duration newGrace) {
        return new RunProcessOptions(process, input, isChecked, timeout, newGrace, maxBytes);
    }

    /// The same with a limit for what the child writes.
    ///
    /// @param newMaxBytes how much, to each of its outputs
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public RunProcessOptions maxBytes(int newMaxBytes) {
        return new RunProcessOptions(process, input, isChecked, timeout, grace, newMaxBytes);
    }

    /// What a child reads.
    ///
    /// Threads: immutable.
    public static final class Input {
        static final Input NONE = new Input(new byte[0]);

        private final byte[] bytes;

        Input(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /// How much it is.
        ///
        /// @return the length in bytes
        public int length() {
            return bytes.length;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "<Input " + bytes.length + " bytes>";
        }
    }
}
