package asyncio.process;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// A child that was run: what it was, how it ended, what it wrote.
///
/// Threads: immutable.
///
/// @param command the program and its arguments
/// @param returnCode its exit code, `-N` if signal number N ended it; empty if that is not known yet
/// @param output what it wrote
public record CompletedProcess(List<String> command, OptionalInt returnCode, ProcessOutput output) {
    /// Checks the values.
    public CompletedProcess {
        command = List.copyOf(command);
        Objects.requireNonNull(returnCode, "returnCode must not be null");
        Objects.requireNonNull(output, "output must not be null");
    }

    /// The output as text in UTF-8.
    ///
    /// @return the text
    public String stdoutText() {
        return output.stdoutText();
    }

    /// The error output as text in UTF-8.
    ///
    /// @return the text
    public String stderrText() {
        return output.stderrText();
    }

    /// Whether it ended with exit code 0.
    ///
    /// @return true if so
    public boolean isSuccess() {
        return returnCode.orElse(-1) == 0;
    }
}
