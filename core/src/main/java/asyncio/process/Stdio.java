package asyncio.process;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a child's input comes from, or its output goes.
///
/// Threads: immutable.
///
/// @param kind what it is
/// @param file the file, if it is one
public record Stdio(Kind kind, @Nullable Path file) {
    /// The same as this program's.
    public static final Stdio INHERIT = new Stdio(Kind.INHERIT, null);

    /// A pipe to this program.
    public static final Stdio PIPE = new Stdio(Kind.PIPE, null);

    /// Nothing: no input, output is dropped.
    public static final Stdio DEVNULL = new Stdio(Kind.DEVNULL, null);

    /// Of the error output: the same place as the output.
    public static final Stdio STDOUT = new Stdio(Kind.STDOUT, null);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if there is a file and the kind is for none, or the reverse
    public Stdio {
        Objects.requireNonNull(kind, "kind must not be null");
        if ((kind == Kind.FILE || kind == Kind.APPEND) != (file != null)) {
            throw new IllegalArgumentException(
                    "file must be given for FILE and APPEND, and for nothing else: got " + kind + " and " + file);
        }
    }

    /// A file: read from its beginning, or written anew.
    ///
    /// @param file the file
    /// @return where input comes from, or output goes
    public static Stdio of(Path file) {
        return new Stdio(Kind.FILE, Objects.requireNonNull(file, "file must not be null"));
    }

    /// A file to which output is appended.
    ///
    /// @param file the file
    /// @return where output goes
    public static Stdio appendingTo(Path file) {
        return new Stdio(Kind.APPEND, Objects.requireNonNull(file, "file must not be null"));
    }

    /// What input and output can be.
    public enum Kind {
        /// This program's own.
        INHERIT,
        /// A pipe to this program.
        PIPE,
        /// Nothing.
        DEVNULL,
        /// Where the output goes.
        STDOUT,
        /// A file.
        FILE,
        /// The end of a file.
        APPEND
    }
}
