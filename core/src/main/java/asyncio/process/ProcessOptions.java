package asyncio.process;

import asyncio.process.Stdio.Kind;
import asyncio.stream.StreamPair;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a child is started.
///
/// Threads: immutable.
///
/// @param stdin where its input comes from
/// @param stdout where its output goes
/// @param stderr where its error output goes
/// @param directory where it runs; null: where this program does
/// @param environment its variables
/// @param limitBytes how long a line of its output may be, for who reads lines
public record ProcessOptions(
        Stdio stdin, Stdio stdout, Stdio stderr, @Nullable Path directory, Environment environment, int limitBytes) {
    /// Input, output and error output as this program's own, as in asyncio.
    public static final ProcessOptions DEFAULT = new ProcessOptions(
            Stdio.INHERIT, Stdio.INHERIT, Stdio.INHERIT, null, Environment.INHERITED, StreamPair.DEFAULT_LIMIT);

    /// All three are pipes.
    public static final ProcessOptions PIPED =
            DEFAULT.stdin(Stdio.PIPE).stdout(Stdio.PIPE).stderr(Stdio.PIPE);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if input or output is `STDOUT`, input is appended to, or the limit
    ///     is not positive
    public ProcessOptions {
        Objects.requireNonNull(environment, "environment must not be null");
        if (stdin.kind() == Kind.STDOUT || stdin.kind() == Kind.APPEND) {
            throw new IllegalArgumentException("stdin must be INHERIT, PIPE, DEVNULL or a file: got " + stdin);
        }
        if (stdout.kind() == Kind.STDOUT) {
            throw new IllegalArgumentException("stdout must not be STDOUT: only stderr can go where the output goes");
        }
        Objects.requireNonNull(stderr, "stderr must not be null");
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("limitBytes must be positive: got " + limitBytes);
        }
    }

    /// The same with another input.
    ///
    /// @param newStdin where input comes from
    /// @return new options
    /// @throws IllegalArgumentException if it is `STDOUT`, or is appended to
    public ProcessOptions stdin(Stdio newStdin) {
        return new ProcessOptions(newStdin, stdout, stderr, directory, environment, limitBytes);
    }

    /// The same with another output.
    ///
    /// @param newStdout where output goes
    /// @return new options
    /// @throws IllegalArgumentException if it is `STDOUT`
    public ProcessOptions stdout(Stdio newStdout) {
        return new ProcessOptions(stdin, newStdout, stderr, directory, environment, limitBytes);
    }

    /// The same with another error output.
    ///
    /// @param newStderr where error output goes
    /// @return new options
    public ProcessOptions stderr(Stdio newStderr) {
        return new ProcessOptions(stdin, stdout, newStderr, directory, environment, limitBytes);
    }

    /// The same with another directory; asyncio's `cwd`.
    ///
    /// @param newDirectory where the child runs
    /// @return new options
    public ProcessOptions directory(Path newDirectory) {
        Objects.requireNonNull(newDirectory, "directory must not be null");
        return new ProcessOptions(stdin, stdout, stderr, newDirectory, environment, limitBytes);
    }

    /// The same with other variables.
    ///
    /// @param newEnvironment the variables
    /// @return new options
    public ProcessOptions environment(Environment newEnvironment) {
        return new ProcessOptions(stdin, stdout, stderr, directory, newEnvironment, limitBytes);
    }

    /// The same with another limit for lines.
    ///
    /// @param newLimitBytes how long a line may be
    /// @return new options
    /// @throws IllegalArgumentException if it is not positive
    public ProcessOptions limitBytes(int newLimitBytes) {
        return new ProcessOptions(stdin, stdout, stderr, directory, environment, newLimitBytes);
    }
}
