package asyncio.fiber;

import java.util.Locale;

/// Which fiber engine a loop uses.
///
/// Threads: immutable.
public enum EngineKind {
    /// The fast one where it is available, else the baton.
    AUTO,
    /// Fibers mounted on the loop's thread; needs `--add-opens java.base/java.lang`.
    FAST,
    /// Public API only: fibers on the JDK's scheduler that pass a baton.
    BATON;

    /// Parses the value of the system property `asyncio.engine`.
    ///
    /// @param name `auto`, `fast` or `baton`, in any case
    /// @return the kind
    /// @throws IllegalArgumentException for anything else
    public static EngineKind of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto" -> AUTO;
            case "fast" -> FAST;
            case "baton" -> BATON;
            default -> throw new IllegalArgumentException("engine must be auto, fast or baton: got " + name);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
