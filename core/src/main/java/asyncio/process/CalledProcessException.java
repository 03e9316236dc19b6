package asyncio.process;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A child did not end well: it failed, or it was stopped before it had ended.
///
/// In the second case it is *suppressed* in the [asyncio.CancelledError] or other failure that was
/// the reason, so that what the child had written is not lost: see [#in(Throwable)].
///
/// Threads: immutable.
public final class CalledProcessException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN_CHARS = 500; // of the error output, from its end

    private final transient @Nullable CompletedProcess process; // null after serialization

    CalledProcessException(CompletedProcess process, String what) {
        super(describe(process, what));
        this.process = process;
    }

    private static String describe(CompletedProcess process, String what) {
        String text = "Command " + process.command() + " " + what;
        String words = process.stderrText().strip();
        if (words.isEmpty()) {
            return text;
        }
        String end = words.length() <= SHOWN_CHARS ? words : "..." + words.substring(words.length() - SHOWN_CHARS);
        return text + "; it said: " + end;
    }

    /// The child, with all that it had written.
    ///
    /// @return the child; empty if this exception was serialized
    public Optional<CompletedProcess> process() {
        return Optional.ofNullable(process);
    }

    /// Looks for a child in a failure: in itself, its causes, and what they suppressed.
    ///
    /// @param failure what was thrown, a `TimeoutException` for one
    /// @return the child, with what it had written; empty if the failure is about none
    public static Optional<CompletedProcess> in(Throwable failure) {
        return find(failure, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static Optional<CompletedProcess> find(@Nullable Throwable failure, Set<Throwable> seen) {
        if (failure == null || !seen.add(failure)) {
            return Optional.empty();
        }
        if (failure instanceof CalledProcessException called) {
            return called.process();
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            Optional<CompletedProcess> found = find(suppressed, seen);
            if (found.isPresent()) {
                return found;
            }
        }
        return find(failure.getCause(), seen);
    }
}
